"""`python -m trackfox_mock` is `trackfox-mock`."""

from trackfox_mock.cli import main

if __name__ == "__main__":
    main()
