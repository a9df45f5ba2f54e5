"""What the service does with a request: pure, with no I/O and no clock."""
