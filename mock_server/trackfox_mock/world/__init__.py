"""One running mock as an object, what it is made from, and the lines that tell what it does."""
