"""Counts instead of times, where a count tells as much."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from types import FrameType

import pytest

from trackfox_mock import Request, World


def modules_after(statement: str, *, whole: bool = False) -> set[str]:
    """The packages that a statement loads; with `whole` the modules."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name if whole else name.partition(".")[0] for name in ran.stdout.split()}


def payment(number: int, *, revenue: int = 9900) -> Request:
    body = (
        '{"session_id":"ses_lumen_grace","visitor_id":"vis_grace_0d15","website_id":"web_lumen_lamps",'
        f'"revenue":{revenue},"email":"customer+{number}@example.com"}}'
    ).encode()
    headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer tf_live_lumen_7Qm2xV8dR4kT1cYp")]
    return Request("POST", "/api/v1/attribute-payment", headers, body, b"", len(body))


def test_serve_loads_nothing_that_it_does_not_serve_with() -> None:
    loaded = modules_after("import trackfox_mock.commands.serve")
    assert loaded >= {"uvicorn", "orjson"}
    assert not loaded & {
        "trackfox_contract",
        "hypothesis",
        "redis",
        "openapi_spec_validator",
        "psutil",
        "pytest",
        "schemathesis",
        "sqlite3",
        "starlette",
    }


def test_serve_loads_explanations_and_yaml_when_they_are_needed() -> None:
    loaded = modules_after("import trackfox_mock.commands.serve", whole=True)
    assert "trackfox_mock.decision.gates" in loaded
    assert not loaded & {"trackfox_mock.explain", "yaml", "importlib.metadata", "difflib"}


def test_a_schema_is_compiled_once_a_body_is_looked_at_more_closely() -> None:
    paid = "import tests.test_fast_and_small as t; world = t.World(); world.answer(t.payment(1))"
    assert "jsonschema_rs" not in modules_after(paid)
    assert "jsonschema_rs" in modules_after(f"{paid}; world.answer(t.payment(2, revenue=0))")


def test_help_loads_click_and_hardly_more() -> None:
    more = modules_after("import trackfox_mock.cli") - modules_after("import click, gc")  # gc is built into Python
    assert more <= {"trackfox_mock"}


def test_the_idle_plugin_loads_nothing_that_pytest_does_not() -> None:
    more = modules_after("import trackfox_mock.pytest_plugin") - modules_after("import pytest")
    assert more <= {"trackfox_mock"}


def bytes_left_behind(world: World, revenue: int) -> float:
    """Bytes that a request leaves behind, once the journal is full and 10,000 payments are remembered."""

    def send(first: int, how_many: int, revenue: int) -> int:
        for number in range(first, first + how_many):
            world.finish(world.answer(payment(number, revenue=revenue), "127.0.0.1"), 0.0)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        send(0, 4_000, 9900)
        # Python keeps some thousands of small objects for reuse, of each kind.
        level = send(4_000, 11_000, revenue)
        return (send(15_000, 5_000, revenue) - level) / 5_000
    finally:
        tracemalloc.stop()


def test_a_payment_costs_at_most_400_bytes() -> None:
    assert bytes_left_behind(World(journal_size=10), revenue=9900) <= 400


@pytest.mark.parametrize("revenue", [pytest.param(0, marks=pytest.mark.slow), 9900], ids=["refused", "accepted"])
def test_what_does_not_stay_leaves_nothing_behind(revenue: int) -> None:
    assert bytes_left_behind(World(journal_size=10, payments_limit=10), revenue) <= 4


def test_a_request_is_answered_with_few_allocations() -> None:
    world = World()
    requests = [payment(number) for number in range(50)]
    for request in requests:
        world.answer(request)
    before = sys.getallocatedblocks()
    for number in range(50, 100):
        world.answer(requests[number - 50])
    assert (sys.getallocatedblocks() - before) / 50 <= 40


def calls_of(world: World, request: Request) -> list[str]:
    """The functions of ours that a request runs through."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_globals["__name__"].startswith("trackfox_mock."):
            called.append(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        world.finish(world.answer(request), 0.0)
    finally:
        sys.setprofile(None)
    return called


def test_a_request_about_which_nothing_is_odd_takes_few_calls_and_no_gate() -> None:
    world = World()
    called = calls_of(world, payment(1))
    assert not {"header", "body", "token", "match", "through_the_gates"} & set(called)
    assert len(called) <= 20
    assert {"decide", "header", "body"} <= set(calls_of(world, payment(2, revenue=0)))
