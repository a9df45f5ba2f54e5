"""Each kind against the real server: the answer, what becomes of the connection, and a healthy request behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import TOKEN
from tests.hostile.kind import Kind
from tests.hostile.kinds import KINDS
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
