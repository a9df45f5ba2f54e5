"""What a program writes into the pages. `python -m docs.generate` writes it; `tests/test_docs.py` compares."""
