"""Whether an answer is legal, which clauses it breaks if not, and the sentence that says why."""
