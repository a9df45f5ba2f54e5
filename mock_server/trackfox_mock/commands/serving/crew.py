"""Several workers on one port: processes of one mock over one store; one that dies is replaced."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import click

from trackfox_mock.http import server

_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 10


class Worker(NamedTuple):
    """One process of a crew.

    `place` counts from 1; `is_first` says that it is the one that greets; `ready` is told once it answers requests.
    """

    place: int
    is_first: bool
    ready: Callable[[], None]


def demand_crew(workers: int, store: str | None, refused: Mapping[str, object]) -> None:
    """Refuse workers where they cannot be one mock.

    Raises:
        UsageError: there is no store, a flag does not go with them, or this machine has no fork.
    """
    if store is None:
        raise click.UsageError(
            f"--workers {workers} came without --store; each worker would have payments, sessions and websites of its "
            "own, and a client would see now these, now those: give them a Redis or Valkey to share, as "
            "--store redis://127.0.0.1:6379/0."
        )
    for flag, given in refused.items():
        if given:
            raise click.UsageError(f"{flag} does not go with --workers; leave one of them out.")
    if not hasattr(os, "fork"):
        raise click.UsageError("--workers needs a system that can fork, which this one cannot; start several nodes.")


def crew_of(count: int, address: str, port: int, port_file: Path | None) -> tuple[Worker, int]:
    """Become one of so many workers on one port, which is given too.

    The process that was there before says when all are ready, watches over them, and never returns.

    Args:
        count: of workers.
        address: to listen on.
        port: 0 takes a free one.
        port_file: is written once all are ready.

    Raises:
        PortInUseError: somebody else has the port.
        SystemExit: in the watching process, when all workers have ended.
    """
    held = server.hold(address, port)
    port = held.getsockname()[1]

    def ready() -> None:
        if port_file:
            port_file.write_text(f"{port}\n", encoding="utf-8")
        click.echo(f"trackfox-mock ready on {server.base_url(held)}")

    try:
        return member_of_crew(count, partial(click.echo, err=True), ready), port
    except SystemExit:
        if port_file:
            port_file.unlink(missing_ok=True)
        raise


def member_of_crew(count: int, tell: Callable[[str], None], on_ready: Callable[[], None]) -> Worker:
    """Become one of so many workers; the process that was there before watches over them, and never returns.

    Args:
        count: of workers.
        tell: is told in a sentence of a worker that is replaced.
        on_ready: called in the watching process once all of them answer requests.

    Raises:
        SystemExit: in the watching process, when all workers have ended.
    """
    return _Crew(count, tell, on_ready).watch()


class _Crew:
    def __init__(self, count: int, tell: Callable[[str], None], on_ready: Callable[[], None]) -> None:
        self._count = count
        self._tell = tell
        self._on_ready = on_ready
        self._places: dict[int, int] = {}  # by process id
        self._ready: set[int] = set()  # process ids
        self._has_been_ready = self._is_ending = False
        self._exit_code = 0
        self._deadline = 0.0
        self._heard, self._told = os.pipe()
        self._lifeline, self._held = os.pipe()
        os.set_blocking(self._heard, False)

    def watch(self) -> Worker:
        for place in range(1, self._count + 1):
            if (worker := self._start(place)) is not None:
                return worker
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._end)
        while self._places:
            self._hear()
            if (dead := self._dead()) and (worker := self._replaced(*dead)) is not None:
                return worker
            if not dead:
                self._wait()
        sys.exit(self._exit_code)

    def _start(self, place: int) -> Worker | None:
        """In the new process a worker, in this one nothing."""
        process = os.fork()
        if process:
            self._places[process] = place
            return None
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
        os.close(self._held)
        threading.Thread(target=self._end_with_the_others, daemon=True).start()
        return Worker(place, place == 1 and not self._has_been_ready, self._say_ready)

    def _end_with_the_others(self) -> None:
        """End when the watching process is gone, however that came."""
        os.read(self._lifeline, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    def _say_ready(self) -> None:
        os.write(self._told, os.getpid().to_bytes(8, "big"))

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            while data := os.read(self._heard, 8):
                self._ready.add(int.from_bytes(data, "big"))
        if not self._has_been_ready and self._ready >= self._places.keys():
            self._has_been_ready = True
            self._on_ready()

    def _dead(self) -> tuple[int, int] | None:
        """The process id of a worker that has ended, and how."""
        process, status = os.waitpid(-1, os.WNOHANG)
        return (process, os.waitstatus_to_exitcode(status)) if process in self._places else None

    def _replaced(self, process: int, code: int) -> Worker | None:
        place = self._places.pop(process)
        if self._is_ending:
            return None
        if process not in self._ready:  # it has said why
            self._exit_code = code if code > 0 else 3
            self._end()
            return None
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        self._tell(f"worker {place} (process {process}) ended {how}; another takes its place.")
        return self._start(place)

    def _end(self, _: int = 0, __: FrameType | None = None) -> None:
        if not self._is_ending:
            self._is_ending = True
            self._deadline = time.monotonic() + _GRACE_SECONDS
            self._signal(signal.SIGTERM)

    def _wait(self) -> None:
        time.sleep(_LOOK_SECONDS)
        if self._is_ending and time.monotonic() > self._deadline:
            self._signal(signal.SIGKILL)

    def _signal(self, which: int) -> None:
        for process in [*self._places]:
            with suppress(ProcessLookupError):
                os.kill(process, which)
