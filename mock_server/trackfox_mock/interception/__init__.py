"""HTTPS, and calls that were meant for the real host: transports before the application. Bytes in, requests out."""
