"""The commands of `trackfox-mock`, a file each; `cli.py` loads the one that is asked for."""
