"""`trackfox-mock explain`: why would this request be refused?"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from trackfox_mock.commands.inputs import inputs_options
from trackfox_mock.errors import RequestImportError
from trackfox_mock.files.request_import import import_requests
from trackfox_mock.world.inputs import Inputs

_STANDARD_INPUT = Path("-")


@click.command("explain")
@click.argument("file", type=click.Path(path_type=Path))
@inputs_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one explanation a line.")
@click.option("--show-secrets", is_flag=True, help="Put the real token and e-mail into the corrected command.")
def command(
    *,
    file: Path,
    spec: Path | None,
    fixtures: tuple[Path, ...],
    readings: Path | None,
    assignments: tuple[str, ...],
    as_json: bool,
    show_secrets: bool,
) -> None:
    """Explain how a request is answered, and why, without a server.

    FILE holds a JSON object with method, path, headers and body, a curl command, or a HAR file; - reads standard input.
    Exit code 0 if every request is accepted and nothing looks wrong, else 1.
    """
    world = Inputs(spec, fixtures, readings, assignments).world()
    requests = import_requests(file, _text(file), method=world.api.method)
    explanations = [world.explain_request(request, show_secrets=show_secrets) for request in requests]
    for number, explanation in enumerate(explanations):
        if as_json:
            click.echo(orjson.dumps(explanation.as_dict()).decode())
        else:
            click.echo(f"{chr(10) if number else ''}{explanation.text()}")
    if not all(explanation.outcome != "refused" and not explanation.advice for explanation in explanations):
        raise click.exceptions.Exit(1)


def _text(file: Path) -> str:
    try:
        if file == _STANDARD_INPUT:
            return sys.stdin.read()
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RequestImportError(file, "there is no such file; check the path.") from None
    except IsADirectoryError:
        raise RequestImportError(file, "is a folder, and a file was expected.") from None
    except OSError as problem:
        raise RequestImportError(file, f"cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError as problem:
        raise RequestImportError(file, f"is not UTF-8 (byte {problem.start}); save it as UTF-8.") from None
