"""One connection of a client: bytes into requests, and answers into bytes."""
