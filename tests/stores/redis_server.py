"""A real redis-server for tests: its own process, folder and socket, which no other test can meet."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="redis-server is not installed: apt-get install redis-server")


class RedisServer:
    """A redis-server on a unix socket, so that no port is taken; it can be killed and started again.

    Args:
        folder: an empty one with a short name, as that of a socket may not be long.
        options: as on its command line.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert PROGRAM is not None
        words = [PROGRAM, "--port", "0", "--unixsocket", str(self.socket), "--save", "", *self.options]
        self.process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL)
        client = self.client()
        while True:
            try:
                if client.ping():
                    break
            except (redis.ConnectionError, redis.BusyLoadingError):
                assert self.process.poll() is None, "redis-server ended"
                time.sleep(0.01)
        client.close()

    def client(self) -> redis.Redis:
        """A client of its own."""
        return redis.Redis(unix_socket_path=str(self.socket))

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait(10)

    def mend(self) -> None:
        """Take a transaction that a kill has cut short from the end of the log, as docs/scale.md says."""
        manifest = self.folder / "appendonlydir" / "appendonly.aof.manifest"
        subprocess.run(
            ["redis-check-aof", "--fix", manifest], input=b"y\n", stdout=subprocess.DEVNULL, check=False, timeout=60
        )

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def running_redis(*options: str) -> Iterator[RedisServer]:
    """A redis-server for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="tfr") as folder:
        server = RedisServer(Path(folder), *options)
        try:
            yield server
        finally:
            server.stop()
