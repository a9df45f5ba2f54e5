"""`trackfox-mock webhook`: send an application what a payment provider would send it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

import click

from trackfox_mock.commands.options import WholeNumber, address
from trackfox_mock.commands.ready import within
from trackfox_mock.errors import UnreachableError
from trackfox_mock.webhooks import (
    PROVIDERS,
    VARIANTS,
    SigningCertificate,
    Webhook,
    about_the_secret,
    environment_secret,
    webhook,
)

_VARIANTS = "\n".join(f"  {name:17} {meaning}" for name, meaning in VARIANTS.items())

_HELP = f"""Sign an event of PROVIDER ({", ".join(PROVIDERS)}) now, and post it to an application.

\b
The variants:
{_VARIANTS}

Exit codes: 0 if the application answered 2xx to every one, 1 if not, 3 if nobody was there.
"""

_EPILOG = "Example:  trackfox-mock webhook stripe --to http://localhost:3000/webhook --variant paid --variant duplicate"


def _option(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    twin = f"TRACKFOX_MOCK_{name.removeprefix('--').upper().replace('-', '_')}"
    envvar: str = attributes.pop("envvar", twin)
    return click.option(name, envvar=envvar, show_envvar=True, **attributes)


@click.command("webhook", help=_HELP, epilog=_EPILOG)
@click.argument("provider", type=click.Choice(list(PROVIDERS)))
@_option("--to", required=True, metavar="URL", help="The application's webhook.")
@_option(
    "--variant",
    type=click.Choice(list(VARIANTS)),
    default=("paid",),
    show_default=True,
    multiple=True,
    metavar="VARIANT",
    help="One of the list above; repeatable, sent in this order.",
)
@_option(
    "--session",
    envvar="TRACKFOX_SESSION_ID",
    default="tf_session_id",
    show_default=True,
    help="The TrackFox session that the checkout was created for.",
)
@_option(
    "--visitor", envvar="TRACKFOX_VISITOR_ID", default="tf_visitor_id", show_default=True, help="Its TrackFox visitor."
)
@_option(
    "--metadata",
    multiple=True,
    metavar="KEY=VALUE",
    help="What the checkout carries, instead of session_id and visitor_id; repeatable.",
)
@_option("--amount", type=WholeNumber(min=0), default=9900, show_default=True, help="In cents; for JPY, in yen.")
@_option("--currency", default="USD", show_default=True, help="Three letters.")
@_option("--email", default="customer@example.com", show_default=True, help="The customer's.")
@_option("--payment-id", help="The provider's id of the payment; made from the other flags if not given.")
@_option(
    "--secret",
    help="What the application verifies with; by default STRIPE_WEBHOOK_SECRET, PADDLE_WEBHOOK_SECRET, "
    "LEMONSQUEEZY_WEBHOOK_SECRET or PAYPAL_WEBHOOK_ID of the environment, or else a test secret.",
)
@_option(
    "--certificate",
    type=click.Path(path_type=Path, dir_okay=False),
    help="PayPal only: the file with the test certificate and its key, made if missing. "
    "Let the application verify with the same file.",
)
@_option("--timeout", type=click.FloatRange(min=0.1), default=10, show_default=True, help="Seconds for an answer.")
def command(
    provider: str,
    *,
    to: str,
    variant: Sequence[str],
    session: str,
    visitor: str,
    metadata: Sequence[str],
    amount: int,
    currency: str,
    email: str,
    payment_id: str | None,
    secret: str | None,
    certificate: Path | None,
    timeout: float,
) -> None:
    """What `--help` says stands in `_HELP`."""
    application = address(to, "--to", "http://localhost:3000/webhook")
    carried = _pairs(metadata)
    verified_with = secret or environment_secret(provider)
    signer = SigningCertificate.kept_in(certificate) if certificate and provider == "paypal" else None
    accepted = True
    for name in variant:
        hook = webhook(
            provider,
            session_id=session,
            visitor_id=visitor,
            metadata=carried,
            amount_cents=amount,
            currency=currency,
            email=email,
            payment_id=payment_id,
            secret=verified_with,
            variant=name,
            certificate=signer,
        )
        accepted &= _send(hook, name, application, timeout)
    if accepted:
        return
    if secret is None:
        click.echo(about_the_secret(provider, ours=True), err=True)
    raise click.exceptions.Exit(1)


def _send(hook: Webhook, variant: str, address: SplitResult, timeout: float) -> bool:
    """Post one webhook and say in a line what came back; whether that was a 2xx."""
    sent = f"{hook.provider} {hook.event} ({variant}, {hook.payment_id[:24]})"
    started = time.monotonic()
    try:
        status, answer = within(timeout, lambda: _post(hook, address, timeout))
    except ConnectionRefusedError:
        raise UnreachableError(
            f"Nobody listens at {address.geturl()}: {sent} was not sent. Start the application, or correct --to."
        ) from None
    except TimeoutError:
        click.echo(f"{sent}: no answer within {timeout:g} s")
        return False
    except (OSError, HTTPException) as problem:
        raise UnreachableError(f"{address.geturl()} could not be reached ({problem}). Check --to.") from None
    click.echo(f"{sent}: {status} in {(time.monotonic() - started) * 1000:.0f} ms{answer}")
    return 200 <= status < 300


def _post(hook: Webhook, address: SplitResult, timeout: float) -> tuple[int, str]:
    """Like the providers, follow no redirect. Returns the status and the first line of the answer."""
    connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = connect(address.netloc, timeout=timeout)
    try:
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection.request("POST", target, hook.body, dict(hook.headers))
        response = connection.getresponse()
        lines = response.read(400).decode("utf-8", "replace").splitlines()
    finally:
        connection.close()
    return response.status, f': "{lines[0][:80]}"' if lines else ""


def _pairs(metadata: Sequence[str]) -> dict[str, str] | None:
    for pair in metadata:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} has no '='; expected KEY=VALUE", param_hint="--metadata")
    return dict(pair.split("=", 1) for pair in metadata) or None
