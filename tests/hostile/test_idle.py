"""A connection on which an answer is due is not idle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile.wire import hear, post, serving


@pytest.mark.slow
@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_an_answer_that_takes_seven_seconds_comes_behind_one_that_took_none(tmp_path: Path, parser: str) -> None:
    with serving(tmp_path, parser) as server:
        slow = post(b"Prefer: delay=7000")
        wait = post(target=b"/__admin/requests/wait", body=b'{"n": 50, "timeout": 7}')
        with ThreadPoolExecutor() as at_once:
            behind = at_once.submit(hear, server.address, post() + slow, expected=2, patience=0.1)
            waited = at_once.submit(hear, server.address, post() + wait, expected=2, patience=0.1)
            before = at_once.submit(hear, server.address, slow + post(), expected=2)
        assert behind.result().statuses == (200, 200)
        assert waited.result().statuses == (200, 406)
        assert before.result().statuses == (200, 200)
