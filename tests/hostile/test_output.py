"""Whatever becomes of what is printed, requests are answered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx2
import pytest

from tests.hostile.wire import BODY, hear, post

SERVE = [sys.executable, "-m", "trackfox_mock", "serve", "--port", "0", "--port-file", "port"]
REFUSED = post(body=BODY.replace(b"9900", b"-9900"))


@contextmanager
def printing_to(
    output: int | IO[Any], folder: Path, *options: str, **env: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server whose standard output is a certain one; gives it, and its port."""
    process = subprocess.Popen(
        [*SERVE, *options], stdout=output, stderr=subprocess.PIPE, cwd=folder, env={**os.environ, **env}
    )
    try:
        yield process, _port(folder / "port", process)
    finally:
        process.kill()
        process.wait(10)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    for _ in range(400):
        if file.exists() and (text := file.read_text()).endswith("\n"):
            return int(text)
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        time.sleep(0.05)
    raise AssertionError("it did not start")


def ends_cleanly(process: subprocess.Popen[bytes]) -> bool:
    """Whether SIGTERM ends it with 0, and it told of no trouble."""
    process.send_signal(signal.SIGTERM)
    code = process.wait(10)
    assert process.stderr is not None
    return (code, process.stderr.read()) == (0, b"")


@pytest.mark.parametrize("log", ["text", pytest.param("json", marks=pytest.mark.slow)])
def test_output_that_nobody_reads_holds_up_no_answer(tmp_path: Path, log: str) -> None:
    with printing_to(subprocess.PIPE, tmp_path, "--log-format", log) as (process, port):
        for _ in range(60):
            assert hear(("127.0.0.1", port), REFUSED * 100, expected=100, patience=0).statuses == (400,) * 100
        assert httpx2.get(f"http://127.0.0.1:{port}/livez", timeout=5).status_code == 200
        assert ends_cleanly(process)


@pytest.mark.slow
def test_lines_that_nobody_read_in_time_are_counted(tmp_path: Path) -> None:
    with printing_to(subprocess.PIPE, tmp_path, "--log-format", "json") as (process, port):
        assert process.stdout is not None
        for _ in range(60):
            hear(("127.0.0.1", port), REFUSED * 100, expected=100, patience=0)
        read: list[bytes] = []
        reader = threading.Thread(target=read.extend, args=(process.stdout,))
        reader.start()
        for _ in range(100):
            # Once there is room again, the next line is told after the number of those that were dropped.
            hear(("127.0.0.1", port), REFUSED, patience=0.1)
            if told := [line for line in read if b"dropped" in line]:
                break
        process.kill()
        reader.join()
        shown = sum(b'"number"' in line for line in read)
        dropped = int(told[0].partition(b":")[2].strip(b" }\n"))
        assert 0 < shown < 6000
        assert dropped > 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
def test_a_full_disk_prevents_neither_the_start_nor_an_answer(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full, printing_to(full, tmp_path) as (process, port):
        assert hear(("127.0.0.1", port), REFUSED * 3, expected=3).statuses == (400,) * 3
        assert ends_cleanly(process)


def test_a_pipe_that_is_closed_before_the_start_prevents_nothing(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe, printing_to(pipe, tmp_path) as (process, port):
        assert hear(("127.0.0.1", port), REFUSED * 3, expected=3).statuses == (400,) * 3
        assert ends_cleanly(process)


def test_a_pipe_that_does_not_block_gets_every_line(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with (
        os.fdopen(reading, "rb") as lines,
        os.fdopen(writing, "wb") as pipe,
        printing_to(pipe, tmp_path, "--log-format", "json") as (process, port),
    ):
        for _ in range(3):
            hear(("127.0.0.1", port), REFUSED * 100, expected=100, patience=0)
        numbers: list[bytes] = []
        while len(numbers) < 300:
            line = lines.readline()
            numbers += [line] if b'"number"' in line else []
        assert ends_cleanly(process)


def test_a_terminal_of_another_encoding_gets_a_question_mark(tmp_path: Path) -> None:
    with printing_to(subprocess.PIPE, tmp_path, PYTHONIOENCODING="latin-1") as (process, port):
        hear(("127.0.0.1", port), post(body=BODY.replace(b"tf_session_id", "ses_愛".encode())))
        hear(("127.0.0.1", port), post())
        assert process.stdout is not None
        read = iter(process.stdout)
        assert any(b"404  refused" in line and b"ses_" in line for line in read)
        assert any(b"c?@example.com" in line for line in read)
        assert ends_cleanly(process)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
def test_help_for_a_full_disk_is_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([*SERVE, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 4
    assert ended.stderr == b"trackfox-mock: standard output cannot be written: No space left on device.\n"
