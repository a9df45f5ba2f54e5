"""Fuzzing with coverage as its guide: targets, each bytes in and a promise that is kept, and a small corpus for each.

`python -m tests.fuzz` tells how to run one; `tests/fuzz/test_corpus.py` holds every target to its corpus.
"""
