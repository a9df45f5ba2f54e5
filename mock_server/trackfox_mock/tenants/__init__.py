"""Websites with their sessions and payments, each kept apart: fixtures, ids, the store and its snapshot."""
