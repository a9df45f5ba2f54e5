"""How fast and how small the mock is, as ratios to what the same stack can do: `python -m benchmarks`."""
