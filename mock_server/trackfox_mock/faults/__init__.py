"""What to break on purpose: the effects, which request they hit, and the words that ask for them."""
