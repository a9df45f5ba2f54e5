"""The contract check: does a service keep the word of its document?

`trackfox-mock verify URL --fixtures FILE` and `pytest contract_tests --target-url URL` run the same suite. Everything
that is sent goes through one guarded transport, everything that comes back is judged by one oracle, and the result is
a ledger: every clause of the contract with its evidence.
"""
