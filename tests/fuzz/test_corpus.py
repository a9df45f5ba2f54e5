"""What is kept for each target keeps its promise: what reaches far into the code, and all that was ever found."""

from __future__ import annotations

import pytest

from tests.fuzz.table import TARGETS, corpus, target


@pytest.mark.parametrize("name", TARGETS)
def test_every_kept_input_keeps_the_promise_of_its_target(name: str) -> None:
    check = target(name)
    for file in corpus(name):
        try:
            check(file.read_bytes())
        except BaseException as problem:
            problem.add_note(f"the input is {file}")
            raise
