"""What every command says when it is called wrongly: what came, what was expected, and no traceback."""

from __future__ import annotations

import gc
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from trackfox_mock import cli

WEBSITES = """
websites:
  - website_id: shop
    api_token: tf_shop
"""
NO_URL = "expected one such as http"
NO_BASE = "expected the service's base URL"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the commands run: a fixture file, a folder, and nothing else."""
    (tmp_path / "shop.yaml").write_text(WEBSITES)
    (tmp_path / "folder").mkdir()
    (tmp_path / "list.yaml").write_text("- order\n")
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], words: str) -> tuple[int, str]:
    """The exit code and the complaint of `trackfox-mock WORDS`; whatever is raised but an exit is a traceback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["trackfox-mock", *words.split()])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("serve --port-file absent/port", 3, "absent/port cannot be written: No such file or directory; choose"),
        ("serve --port-file folder", 3, "folder cannot be written: Is a directory; choose another file for --port-fi"),
        ("serve --port-file shop.yaml/port", 3, "shop.yaml/port cannot be written: Not a directory"),
        ("serve --port abc", 2, "came 'abc'; expected a whole number from 0 to 65535."),
        ("serve --port 65536", 2, "came '65536'; expected a whole number from 0 to 65535."),
        ("serve --journal-size 0", 2, "came '0'; expected a whole number of at least 1."),
        ("serve --cors shop.example", 2, "came with 'shop.example'; expected an origin alone, as http://localhost"),
        ("serve --cors http://localhost:3000/", 2, "without a path or a slash at its end"),
        ("serve --readings list.yaml", 3, "is no mapping; expected one, as in readings: {order: body-first}."),
        ("serve --readings order=body-first", 2, "expected a file. For one reading: --reading order=body-first"),
        ("exec --local-port 5432 -- true", 2, "--offline and --local-port are for --intercept; add it."),
        ("exec --intercept --local-port 5432 -- true", 2, "--local-port is for --offline"),
        ("exec --json absent/run.json -- true", 3, "absent/run.json cannot be written: No such file or directory"),
        ("exec --json folder -- true", 3, "folder cannot be written: Is a directory; choose another file for --json."),
        ("ready --url ftp://127.0.0.1", 2, NO_URL),
        ("ready --url 127.0.0.1:4012", 2, NO_URL),
        ("ready --url http://127.0.0.1:65536", 2, NO_URL),
        ("ready --url http://[::1", 2, NO_URL),
        ("webhook stripe --to http://127.0.0.1:65536", 2, NO_URL),
        ("webhook stripe --to http://ada:geheim@127.0.0.1", 2, "a URL with a name or a password in it"),
    ],
)
def test_what_came_and_what_was_expected_is_said(
    capsys: pytest.CaptureFixture[str], words: str, code: int, sentence: str
) -> None:
    came, complaint = said(capsys, words)
    assert (came, sentence in " ".join(complaint.split())) == (code, True), complaint
    assert "geheim" not in complaint


@pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="the extra contract is not installed")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ("verify http://127.0.0.1:65536", 2, NO_BASE),
        ("observe http://[::1", 2, NO_BASE),
        ("compare http://127.0.0.1:1 http://127.0.0.1:1?x=1", 2, NO_BASE),
        ("proxy http://127.0.0.1:65536", 2, NO_BASE),
        ("proxy http://ada:geheim@127.0.0.1:1", 2, "a URL with a name or a password in it; expected it without"),
        ("proxy http://127.0.0.1:1 --emails", 2, "--emails is for --record"),
        ("verify http://127.0.0.1:1 --json absent/x", 3, "absent/x cannot be written: No such file or directory"),
        ("verify http://127.0.0.1:1 --junit folder", 3, "folder cannot be written: Is a directory"),
        ("verify http://127.0.0.1:1 --html absent/x", 3, "choose another file for --html."),
        ("observe http://127.0.0.1:1 -o absent/x", 3, "choose another file for --output."),
    ],
)
def test_a_command_that_asks_a_service_says_so_before_it_asks(
    capsys: pytest.CaptureFixture[str], words: str, code: int, sentence: str
) -> None:
    came, complaint = said(capsys, f"{words} --fixtures shop.yaml")
    assert (came, sentence in " ".join(complaint.split())) == (code, True), complaint
    assert "geheim" not in complaint


def test_a_command_does_not_run_where_its_report_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert said(capsys, "exec --json absent/run.json -- touch ran")[0] == 3
    assert not (tmp_path / "ran").exists()


def test_a_server_that_could_not_start_leaves_pythons_collector_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "serve --port-file folder")[0] == 3
    assert gc.isenabled()


def test_a_file_that_cannot_be_used_is_a_sentence_wherever_that_is_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/run/port")

    monkeypatch.setattr(cli, "group", unwritable)
    assert said(capsys, "serve") == (
        3,
        "trackfox-mock: /run/port: Permission denied; check the path, and who may use it.\n",
    )


def commands(group: click.Group, path: str = "trackfox-mock") -> Iterator[tuple[str, click.Command]]:
    """Every command there is, by the words that call it."""
    context = click.Context(group, info_name=path)
    for name in [*group.list_commands(context), "help", "version"][: None if path == "trackfox-mock" else -2]:
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_no_help_shows_the_marks_that_lay_it_out() -> None:
    for path, command in commands(cli.group):
        text = command.get_help(click.Context(command, info_name=path))
        assert not re.search(r"\\b|\x08", text), text
