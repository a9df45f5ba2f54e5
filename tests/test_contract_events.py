"""Where somebody reads the payments, the check sees whether a success is one payment and an error is none."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run_command
from tests.services.examine import websites
from tests.services.service import Refused, Service
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.payments import watch_payments
from trackfox_contract.engine.settings import BUDGETS, Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.document import Document
from trackfox_contract.wire.payments import PaymentsUnreadableError, reader_of, reader_of_mock
from trackfox_mock import World, create_app, load_spec, running

FIXTURES = str(Path(__file__).parent.parent / "fixtures")


def watched(service: Service, *, writes: bool = True) -> Evidence:
    """What is seen of a service whose payments are read."""
    settings = Settings(
        service, Document.of(load_spec()), websites(), writes, BUDGETS["quick"], seed=1, timeout=1.0,
        payments=lambda: [dict(payment) for payment in service.payments],
    )  # fmt: skip
    check = Check(settings)
    watch_payments(check)
    check.client.close()
    return check.take()


def told(evidence: Evidence) -> set[tuple[str, str]]:
    return {(finding.clause_id, finding.cause) for finding in evidence.findings}


class StoresTwice(Service):
    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        super().create(state)


class SwallowsOne(Service):
    def create(self, state: dict[str, Any]) -> None:
        self.memory["count"] = self.memory.get("count", 0) + 1
        if self.memory["count"] != 3:
            super().create(state)


class StoresAnotherAddress(Service):
    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        self.payments[-1]["email"] = "somebody@example.com"


class StoresBeforeItMatches(Service):
    def match(self, state: dict[str, Any]) -> None:
        try:
            super().match(state)
        except Refused:
            self.create(state)
            raise


WRONG = [
    (StoresTwice, "event.created", "records 2 times a payment that it answers with success"),
    (SwallowsOne, "event.created", "records nowhere a payment that it answers with success"),
    (StoresAnotherAddress, "event.created", "records another email than was sent or found"),
    (StoresBeforeItMatches, "event.only-on-success", "records a payment that it refuses"),
]


@pytest.mark.parametrize(("service", "clause_id", "cause"), WRONG)
def test_what_no_answer_shows_is_seen_in_the_payments(service: type[Service], clause_id: str, cause: str) -> None:
    assert told(watched(service())) == {(clause_id, cause)}


class OneOfADuplicate(Service):
    def create(self, state: dict[str, Any]) -> None:
        if state["body"] not in self.payments:
            super().create(state)


class AmountsAsText(Service):
    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        self.payments[-1]["revenue"] = f"{self.payments[-1]['revenue']}.00"


@pytest.mark.parametrize("service", [Service, OneOfADuplicate, AmountsAsText])
def test_a_service_that_records_each_success_once_is_not_accused(service: type[Service]) -> None:
    known = service()
    for _ in range(2):  # the payments of an earlier run are there, too
        evidence = watched(known)
        assert evidence.findings == []
        assert evidence.requests["event.created"] == 2 * sum(len(website.sessions) for website in websites())


def test_safe_mode_reads_nothing_and_creates_nothing() -> None:
    service = Service()
    assert watched(service, writes=False).requests["event.created"] == 0
    assert service.payments == []


def test_the_mock_in_this_process_is_read_over_its_control_api() -> None:
    world = World()
    read = reader_of_mock(create_app(world))
    assert read() == []


@pytest.mark.slow
def test_verify_of_the_mock_checks_the_clause() -> None:
    done = run_command("verify", "--budget", "quick", NO_COLOR="1")
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = [line for line in done.stdout.splitlines() if "event.created" in line]
    assert row.startswith("kept")


def test_a_url_and_a_command_give_the_payments() -> None:
    with running(create_app(World())) as url:
        assert reader_of(f"{url}/__admin/payments")() == []
    program = f"import json; print(json.dumps({json.dumps([{'revenue': 1}])}))"
    assert reader_of(shlex.join([sys.executable, "-c", program]))() == [{"revenue": 1}]


UNREADABLE = [
    ("http://127.0.0.1:9/payments", "could not be fetched"),
    ("no-such-command-anywhere", "the command that prints the payments failed"),
    (shlex.join([sys.executable, "-c", "print('nothing')"]), "no JSON"),
    (shlex.join([sys.executable, "-c", "print('[1]')"]), "expected a JSON list of payments"),
]


@pytest.mark.parametrize(("source", "complaint"), UNREADABLE)
def test_what_cannot_be_read_is_a_sentence(source: str, complaint: str) -> None:
    with pytest.raises(PaymentsUnreadableError, match=complaint):
        reader_of(source)()


def test_the_command_ends_with_4_before_anything_is_sent() -> None:
    done: subprocess.CompletedProcess[str] = run_command(
        "verify", "http://127.0.0.1:9", "--fixtures", FIXTURES, "--payments-from", "no-such-command-anywhere"
    )
    assert done.returncode == 4
    assert "--payments-from: the command that prints the payments failed" in done.stderr
