"""Which release this is. `importlib.metadata` knows it too, and takes as long to load as click."""

VERSION = "0.1.0"
