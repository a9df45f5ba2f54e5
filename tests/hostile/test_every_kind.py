"""Each kind against the real server: the answer, what becomes of the connection, and a healthy request behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import TOKEN
from tests.hostile.kinds import KINDS, Kind
from tests.hostile.wire import PARSERS, Server, hear, serving


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    folder = tmp_path_factory.mktemp("hostile")
    with serving(folder, "httptools") as first, serving(folder, "h11") as second:
        yield {"httptools": first, "h11": second}


@pytest.mark.parametrize(
    ("parser", "kind"),
    [
        pytest.param(parser, kind, id=f"{parser}-{kind.name}")
        for parser in PARSERS
        for kind in KINDS
        if parser in kind.parsers
    ],
)
def test_a_hostile_request_gets_its_answer_and_the_next_client_gets_its_own(
    servers: dict[str, Server], parser: str, kind: Kind
) -> None:
    server = servers[parser]
    heard = hear(server.address, *kind.sent, expected=len(kind.statuses), patience=2 if kind.closes else 0.05)
    assert (heard.statuses, heard.is_closed) == (kind.statuses, kind.closes)
    assert server.pays()


@pytest.mark.parametrize("parser", PARSERS)
def test_nothing_of_it_is_told_but_in_lines_that_a_terminal_can_bear(servers: dict[str, Server], parser: str) -> None:
    for kind in KINDS:
        hear(servers[parser].address, *kind.sent, expected=len(kind.statuses), patience=0.05)
    printed = servers[parser].printed
    assert "Traceback" not in printed
    assert not [character for character in set(printed) if not character.isprintable() and character != "\n"]
    assert TOKEN not in printed.partition("trackfox-mock ready on")[2]


def grown(server: Server, rounds: int) -> float:
    """Mebibytes that the server grew by, while it met all of the kinds so many times."""
    before = server.resident
    for _ in range(rounds):
        for kind in KINDS:
            if server.parser in kind.parsers:
                hear(server.address, *kind.sent, expected=len(kind.statuses), patience=0.05)
    return server.resident - before


@pytest.mark.slow
@pytest.mark.parametrize("parser", PARSERS)
def test_a_table_of_hostile_requests_leaves_five_mebibytes_behind_and_ten_tables_no_more(
    tmp_path: Path, parser: str
) -> None:
    with serving(tmp_path, parser, "--journal-size", "100") as server:
        for kind in KINDS[:5]:
            hear(server.address, *kind.sent, expected=len(kind.statuses), patience=0.05)
        descriptors = server.descriptors
        first = grown(server, 1)
        ten = grown(server, 10)
        assert (first < 5, ten < 5) == (True, True), f"grew by {first:.1f} MiB, then by {ten:.1f} MiB"
        assert server.descriptors <= descriptors + 2
