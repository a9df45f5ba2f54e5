"""The ledger, for a terminal and as files."""
