"""What a service does where the document is silent, and where two services differ."""
