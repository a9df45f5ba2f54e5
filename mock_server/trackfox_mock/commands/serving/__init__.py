"""What `serve` is made of beside its flags: who is let in, what it says, what it watches, how its process ends."""
