"""A real redis-server for tests: its own process, folder and socket, which no other test can meet."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import redis

from tests.stacks.runner import free_port

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed: apt-get install redis-server")


class RedisServer:
    """A redis-server on a unix socket, so that no port is taken; it can be killed and started again.

    Args:
        folder: an empty one with a short name, as that of a socket may not be long.
        options: as on its command line.
        password: which it wants to be given, if any.
    """

    def __init__(self, folder: Path, *options: str, password: str = "") -> None:
        self.folder = folder
        self.password = password
        self.options = ("--requirepass", password, *options) if password else options
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.start()

    def start(self, tries: int = 1) -> None:
        """Start it, and wait until it answers; again, up to so many times, if it ends before that."""
        while not self._answers_after_start():
            tries -= 1
            assert tries, "redis-server ended"

    def _answers_after_start(self) -> bool:
        assert PROGRAM is not None
        words = [PROGRAM, "--port", "0", "--unixsocket", str(self.socket), "--save", "", *self.options]
        self.process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL)
        with self.client() as client:
            while self.process.poll() is None:
                with suppress(redis.ConnectionError):
                    return bool(client.ping())
                time.sleep(0.01)
        return False

    def client(self) -> redis.Redis:
        """A client of its own."""
        return redis.Redis(unix_socket_path=str(self.socket), password=self.password or None)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait(10)

    def wait_for_log(self) -> None:
        """Wait until it has written its log afresh, if it does."""
        with self.client() as client:
            while client.info("persistence")["aof_rewrite_in_progress"]:
                time.sleep(0.01)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def running_redis(*options: str, password: str = "") -> Iterator[RedisServer]:
    """A redis-server for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="tfr") as folder:
        server = RedisServer(Path(folder), *options, password=password)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def redis_at_a_port(flag: str, *options: str, password: str = "") -> Iterator[tuple[RedisServer, int]]:
    """A redis-server that has a port as well, given to it by this flag; another port if somebody takes it first."""
    with ExitStack() as stack:
        for _ in range(9):
            port = free_port()
            with suppress(AssertionError):
                server = stack.enter_context(running_redis(flag, str(port), *options, password=password))
                break
        else:
            pytest.skip(f"{PROGRAM} does not start with {flag}: this build may lack what that needs, as TLS")
        yield server, port
