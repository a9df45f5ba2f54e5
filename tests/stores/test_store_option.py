"""`serve --store` as a command: nodes in processes of their own, and what cannot be started."""

from __future__ import annotations

import pytest

from tests.conftest import Serve, run_command
from tests.stores.redis_server import RedisServer, needs_redis
from tests.stores.test_state_file import admin, revenues


@needs_redis
def test_two_processes_over_one_store_are_one_mock(serve: Serve, redis_server: RedisServer) -> None:
    options = ("--store", redis_server.url, "--store-prefix", "two:")
    with serve(*options) as one, serve(*options) as other:
        assert one.post(revenue=1).status_code == 200
        assert other.post(revenue=2).status_code == 200
        assert revenues(one) == revenues(other) == [1, 2]
        assert len(admin(other, "GET", "requests")["requests"]) == 2
        one.process.terminate()
        assert "1 request came: 1 attributed" in one.lines_until("came")[-1]
        assert one.process.wait(10) == 0


@needs_redis
def test_what_was_shared_is_there_when_all_nodes_have_ended(serve: Serve, redis_server: RedisServer) -> None:
    for so_far in ([], [7]):
        with serve("--store", redis_server.url, "--store-prefix", "again:") as served:
            assert revenues(served) == so_far
            assert served.post(revenue=7).status_code == 200


@needs_redis
def test_a_node_with_other_readings_ends_with_what_is_different(serve: Serve, redis_server: RedisServer) -> None:
    options = ("--store", redis_server.url, "--store-prefix", "differs:")
    redis_server.client().zadd("differs:nodes", {"another": 4_000_000_000})
    with serve(*options):
        done = run_command("serve", "--port", "0", *options, "--reading", "order=body-first")
    assert done.returncode == 3
    assert "have other readings (--readings, --reading): start all of them alike" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--store", "localhost:6379"), 2, "expected one such as redis://127.0.0.1:6379/0"),
        (("--store", "redis://127.0.0.1:1"), 3, "the store at redis://127.0.0.1:1 cannot be reached"),
        (("--store", "redis://h", "--state", "a.db"), 2, "--state does not go with --store; choose one of the two"),
        (("--store", "redis://h", "--keep-requests", "5"), 2, "all that --journal-size says are kept"),
        (("--store", "redis://h", "--watch"), 2, "end all of them, and start them with the edit"),
    ],
)
def test_what_cannot_be_shared_is_told_in_a_sentence(options: tuple[str, ...], code: int, told: str) -> None:
    done = run_command("serve", "--port", "0", *options)
    assert done.returncode == code
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
