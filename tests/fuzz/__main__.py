"""`python -m tests.fuzz TARGET [libFuzzer's own flags]`: fuzz one target with Atheris, from its corpus.

What is new is kept in `--keep FOLDER`, not in the corpus; a crash is written as a file, which runs again by
`python -m tests.fuzz TARGET FILE`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile

from tests.fuzz.table import CORPUS, TARGETS, target


def main() -> None:
    """Fuzz until a promise is broken, or as long as the flags say."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", epilog="Further arguments are libFuzzer's.")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--keep", help="a folder for inputs that reach something new")
    asked, flags = parser.parse_known_args()
    try:
        import atheris  # noqa: PLC0415 - it tells what to install
    except ImportError:
        sys.exit("Atheris is not installed; on Linux: pip install atheris")
    with atheris.instrument_imports(include=["trackfox_mock", "trackfox_contract", "uvicorn", "h11"]):
        check = target(asked.target)
    folders = [] if any(not flag.startswith("-") for flag in flags) else [str(CORPUS / asked.target)]
    keep = asked.keep or tempfile.mkdtemp()
    dictionary = CORPUS.with_name("words.dict")
    atheris.Setup([sys.argv[0], *flags, f"-dict={dictionary}", *([keep] if folders else []), *folders], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
