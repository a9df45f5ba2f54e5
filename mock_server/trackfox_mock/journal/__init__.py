"""What happened: entries, searching them, and the forms in which they leave the process."""
