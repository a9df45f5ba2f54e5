"""`trackfox-mock ready`: is it answering?"""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from http.client import HTTPException
from typing import TypeVar

import click

from trackfox_mock.commands.options import address

Result = TypeVar("Result")

_PATIENCE = 2.0  # seconds for one answer


_HELP = """Ask a running mock whether it is ready: exit code 0 if it is, 1 if not.

\b
In a script:
  trackfox-mock serve &
  trackfox-mock ready --wait
With a port that is free:
  trackfox-mock serve --port 0 --port-file port &
  until [ -s port ]; do sleep 0.1; done
  trackfox-mock ready --wait --url http://127.0.0.1:$(cat port)
"""


@click.command("ready", help=_HELP)
@click.option(
    "--url",
    default="http://127.0.0.1:4012",
    show_default=True,
    envvar="TRACKFOX_MOCK_URL",
    show_envvar=True,
    help="The address in the mock's ready line.",
)
@click.option("--wait", is_flag=True, help="Ask until it is ready, or the time is up.")
@click.option("--timeout", type=click.FloatRange(min=0), default=10, show_default=True, help="Seconds to wait.")
def command(url: str, *, wait: bool, timeout: float) -> None:
    """What `--help` says stands in `_HELP`."""
    address(url, "--url", "http://127.0.0.1:4012")
    deadline = time.monotonic() + timeout
    while not _answers(url):
        if not wait or time.monotonic() >= deadline:
            click.echo(
                f"Nothing is ready at {url}. Start it with: trackfox-mock serve"
                + ("" if wait else ", or wait for it with --wait."),
                err=True,
            )
            raise click.exceptions.Exit(1)
        time.sleep(0.05)
    click.echo(f"trackfox-mock is ready on {url}")


def _answers(url: str) -> bool:
    try:
        return within(_PATIENCE, lambda: _asked(url))
    except (urllib.error.URLError, HTTPException, OSError):
        return False


def _asked(url: str) -> bool:
    asked = f"{url.rstrip('/')}/readyz"
    with urllib.request.urlopen(asked, timeout=_PATIENCE) as response:  # noqa: S310 - the user's own address
        return bool(response.status == 200)


def within(seconds: float, ask: Callable[[], Result]) -> Result:
    """What `ask` returns, or raises; it goes on in a thread that keeps no process alive.

    The time-out of a socket begins anew with every byte; this one does not.

    Raises:
        TimeoutError: it did neither in so many seconds.
    """
    done: Future[Result] = Future()

    def work() -> None:
        try:
            done.set_result(ask())
        except Exception as problem:  # noqa: BLE001 - raised where it is waited for
            done.set_exception(problem)

    threading.Thread(target=work, daemon=True).start()
    return done.result(seconds)
