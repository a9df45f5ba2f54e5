"""What people give us, read: YAML and JSON with line numbers, and requests kept as JSON, curl or HAR."""
