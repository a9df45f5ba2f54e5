"""The checks as pytest tests, a file a subject, and the run of them."""
