"""What a request deserves: the set of statuses that the document allows, and the clauses at stake."""
