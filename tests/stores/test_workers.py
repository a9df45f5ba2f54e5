"""`serve --workers`: several processes on one port, which are one mock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import httpx2
import psutil
import pytest

from tests.conftest import TOKEN, VALID, Serve, Served, run_command
from tests.stores.redis_server import RedisServer, needs_redis
from tests.stores.test_state_file import revenues

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def workers_of(served: Served) -> list[psutil.Process]:
    return psutil.Process(served.process.pid).children()


def pay(served: Served, revenue: int) -> None:
    """Pay over a connection of its own, until it is answered: a worker that dies takes its connections with it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError), httpx2.Client(timeout=10) as client:
            answer = client.post(
                f"{served.url}/api/v1/attribute-payment",
                json=VALID | {"revenue": revenue},
                headers={"authorization": f"Bearer {TOKEN}"},
            )
            assert answer.status_code == 200
            return
    raise AssertionError("nobody answered")


@needs_redis
def test_two_workers_on_one_port_are_one_mock_and_a_dead_one_is_replaced(
    serve: Serve, redis_server: RedisServer
) -> None:
    options = ("--store", redis_server.url, "--store-prefix", "workers:", "--workers", "2", "--port-file", "port")
    with serve(*options) as served:
        for revenue in range(1, 11):
            pay(served, revenue)
        assert revenues(served) == [*range(1, 11)]
        one, other = workers_of(served)
        one.kill()
        told = served.lines_until("another takes its place")
        assert f"(process {one.pid}) ended by signal 9; another takes its place." in told[-1]
        pay(served, 11)
        deadline = time.monotonic() + 60
        while len(workers_of(served)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert other.is_running()
        left = workers_of(served)
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(20) == 0
        assert not [worker for worker in left if worker.is_running()]


@needs_redis
def test_workers_end_when_who_watches_over_them_is_killed(serve: Serve, redis_server: RedisServer) -> None:
    with serve("--store", redis_server.url, "--store-prefix", "orphans:", "--workers", "2") as served:
        left = workers_of(served)
        served.process.kill()
        psutil.wait_procs(left, timeout=60)
        assert not [worker for worker in left if worker.is_running()]


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ((), 2, "each worker would have payments, sessions and websites of its own"),
        (("--store", "redis://h", "--https"), 2, "--https does not go with --workers"),
        (("--store", "redis://127.0.0.1:1"), 3, "the store at redis://127.0.0.1:1 cannot be reached"),
    ],
)
def test_workers_that_cannot_be_one_mock_are_refused(options: tuple[str, ...], code: int, told: str) -> None:
    done = run_command("serve", "--port", "0", "--workers", "2", *options)
    assert done.returncode == code, done.stderr
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@needs_redis
def test_a_port_that_another_mock_has_is_not_shared_with_it(serve: Serve, redis_server: RedisServer) -> None:
    with serve("--store", redis_server.url, "--store-prefix", "port:", "--workers", "2") as served:
        port = served.url.rpartition(":")[2]
        done = run_command("serve", "--port", port, "--store", redis_server.url, "--workers", "2")
    assert done.returncode == 3
    assert f"127.0.0.1:{port} is in use by trackfox-mock" in done.stderr


DEAF = """
import os, signal, time
from trackfox_mock.commands.serving import crew
crew._GRACE_SECONDS = 0.2
worker = crew.member_of_crew(1, print, lambda: None)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(120)
"""


def test_a_worker_that_does_not_listen_ends_too_when_who_watches_over_it_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        worker = psutil.Process(int(watching.stdout.readline()))
        watching.kill()
        gone, left = psutil.wait_procs([worker], timeout=60)
        for one in left:
            one.kill()
        assert gone
