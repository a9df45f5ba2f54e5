"""One run: sends, judges, keeps evidence, and finds the smallest request that shows a finding."""
