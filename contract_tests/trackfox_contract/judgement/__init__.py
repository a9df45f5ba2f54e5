"""Whether an answer is legal, which clauses it breaks if not, the sentence that says why, and the evidence of it."""
