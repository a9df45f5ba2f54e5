"""What is asked: the deterministic table, the scenarios, and the probes of the silences."""
