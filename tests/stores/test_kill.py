"""`kill -9` at any moment under load: what was acknowledged is there once, and whole.

More rounds than the gate has time for: `TRACKFOX_KILL_ROUNDS=200 pytest -m slow -s tests/stores/test_kill.py`.
"""

from __future__ import annotations

import csv
import http.client
import io
import os
import random
import threading
import time
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from tests.conftest import ENDPOINT, TOKEN, VALID, Serve, Served, run_command

CLIENTS = 8
ROUNDS = os.environ.get("TRACKFOX_KILL_ROUNDS", "")


class Client(threading.Thread):
    """Sends payments, each with an e-mail of its own that tells its revenue, until the server is gone."""

    def __init__(self, served: Served, prefix: str) -> None:
        super().__init__()
        self.address = served.url.removeprefix("http://")
        self.prefix = prefix
        self.acknowledged: list[str] = []
        self.wrong: list[int] = []

    def run(self) -> None:
        with closing(http.client.HTTPConnection(self.address, timeout=10)) as connection:
            self.send(connection)

    def send(self, connection: http.client.HTTPConnection) -> None:
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        for number in range(1, 1_000_000):
            email = f"{self.prefix}-{number}@example.com"
            body = orjson.dumps(VALID | {"email": email, "revenue": number})
            try:
                connection.request("POST", ENDPOINT, body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 200:
                self.acknowledged.append(email)
            else:
                self.wrong.append(answer.status)


def load_and_kill(serve: Serve, options: list[str], name: str, seconds: float) -> set[str]:
    """The e-mails that were acknowledged before the server was killed, so many seconds after the first of them."""
    with serve("--state", "state.db", "--log-format", "none", *options) as served:
        clients = [Client(served, f"{name}-{number}") for number in range(CLIENTS)]
        for client in clients:
            client.start()
        while not any(client.acknowledged for client in clients):
            time.sleep(0.005)
        time.sleep(seconds)
        served.process.kill()
        for client in clients:
            client.join()
    assert not [status for client in clients for status in client.wrong]
    return {email for client in clients for email in client.acknowledged}


def check(file: Path, acknowledged: set[str], rounds: int) -> None:
    done = run_command("state", "export", str(file), "--format", "csv", "--show-secrets")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    emails = [row["email"] for row in rows]
    assert acknowledged - set(emails) == set(), "lost"
    assert len(emails) == len(set(emails)), "doubled"
    assert all(row["email"].endswith(f"-{row['revenue']}@example.com") for row in rows), "torn"
    assert len(emails) - len(acknowledged) <= rounds * CLIENTS, "one a client may have been on its way"
    numbers = [int(row["payment_id"].removeprefix("pay_")) for row in rows]
    assert numbers == list(range(1, len(rows) + 1))


def rounds_of(serve: Serve, folder: Path, rounds: int, *options: str) -> None:
    moments = random.Random(16)  # noqa: S311 - repeatable on purpose
    acknowledged: set[str] = set()
    for number in range(rounds):
        acknowledged |= load_and_kill(serve, [*options], str(number), moments.uniform(0, 0.25))
    check(folder / "state.db", acknowledged, rounds)
    assert len(acknowledged) >= rounds
    print(f"{rounds} rounds, {len(acknowledged):,} acknowledged, none lost, doubled or torn")  # noqa: T201 - shown by -s


def test_nothing_acknowledged_is_lost_in_a_few_kills(serve: Serve, tmp_path: Path) -> None:
    rounds_of(serve, tmp_path, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "rounds"),
    [((), 40), (("--state-sync", "full"), 10), (("--keep-requests", "100"), 10)],
    ids=["normal", "full", "journal"],
)
def test_nothing_acknowledged_is_lost_in_many_kills(
    serve: Serve, tmp_path: Path, options: tuple[str, ...], rounds: int
) -> None:
    rounds_of(serve, tmp_path, int(ROUNDS or rounds), *options)
