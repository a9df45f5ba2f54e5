"""What is sent, byte by byte, and the texts that stand in it."""
