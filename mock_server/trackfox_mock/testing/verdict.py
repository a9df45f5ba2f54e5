"""What a failing assertion says: what was expected, what arrived and why it was refused, what came nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trackfox_mock.errors import counted
from trackfox_mock.redaction.masking import mask_email
from trackfox_mock.testing.exchange import Exchange, listed
from trackfox_mock.testing.intercept import CURES
from trackfox_mock.testing.payment import Payment, compared, differences
from trackfox_mock.webhooks import about_the_secret


def not_attributed(
    expected: Mapping[str, Any],
    payments: Sequence[Payment],
    requests: Sequence[Exchange],
    signed: Mapping[str, bool],
) -> str:
    """No payment is as expected."""
    said = f"{_wanted(expected)} was not attributed."
    return paragraphs(said, listed(requests), _about_secrets(requests, signed), _nearest(expected, payments))


def attributed_often(alike: Sequence[Payment], requests: Sequence[Exchange]) -> str:
    """More than one payment is as expected."""
    said = f"There are {len(alike)} such payments, and one was expected."
    hint = "The endpoint takes no payment id, so it is the caller who must not call twice for one payment."
    return paragraphs(f"{said} {hint}", _payments(alike), listed(requests))


def attributed_all_the_same(payments: Sequence[Payment], requests: Sequence[Exchange]) -> str:
    """There are payments, and none was expected."""
    return paragraphs("No payment was expected.", _payments(payments), listed(requests))


def nothing_came(
    timeout: float, earlier: int, requests: Sequence[Exchange], signed: Mapping[str, bool], *, blocked: bool
) -> str:
    """No payment came in time."""
    more = f" beside the {earlier} before" if earlier else ""
    hint = (
        "The test ran in an event loop, which stood still while it waited; "
        "write: await asyncio.to_thread(trackfox.wait_for_payment)"
    )
    said = f"No payment came within {timeout:g} seconds{more}."
    return paragraphs(said, hint if blocked else "", listed(requests), _about_secrets(requests, signed))


def _about_secrets(requests: Sequence[Exchange], signed: Mapping[str, bool]) -> str:
    """A handler that refuses a webhook's signature calls nobody, so that nothing arrives."""
    return "" if requests else "\n".join(about_the_secret(name, ours=ours) for name, ours in signed.items())


def not_refused(rule: str | None, status: int | None, requests: Sequence[Exchange]) -> str:
    """No request was refused as expected."""
    how = " ".join(filter(None, [f"with {status}" if status else "", f"by {rule}" if rule else ""]))
    return paragraphs(f"No request was refused {how}".rstrip() + ".", listed(requests))


def unexpected(reasons: Sequence[str], requests: Sequence[Exchange]) -> str:
    """Requests were refused or look wrong, and nothing in the test asked for that."""
    named = ", ".join(f'"{reason}"' for reason in reasons)
    return (
        "A request was refused or looks wrong, and the test did not expect that. "
        f"If it is meant to be so, say trackfox.expect({named}).\n{listed(requests)}"
    )


def missed(rules: Sequence[str], requests: Sequence[Exchange]) -> str:
    """Refusals or advice were expected, and never came."""
    return f"The test expected {_all_of(rules)}, and that never came.\n{listed(requests)}"


def called_the_real_service(hosts: Sequence[str]) -> str:
    """Calls of the real service were blocked, and the code under test went on as if nothing had been."""
    return f"The test called the real service, {_all_of(dict.fromkeys(hosts))}, and was blocked. {CURES}"


def _all_of(words: Iterable[str]) -> str:
    return " and ".join(words)


def paragraphs(*texts: str) -> str:
    """Those that are not empty, with an empty line between them."""
    return "\n\n".join(filter(None, texts))


def _payments(payments: Sequence[Payment]) -> str:
    return "\n".join([f"{counted(len(payments), 'payment')} came:", *(f"   {p!r}" for p in payments)])


def _wanted(expected: Mapping[str, Any]) -> str:
    words = {
        "revenue": "of {} cents",
        "email": "for {}",
        "session_id": "in session {}",
    }
    shown = {**expected, "email": mask_email(str(expected.get("email")))}
    told = [text.format(shown[name]) for name, text in words.items() if name in expected]
    return " ".join(["A payment", *told])


def _nearest(expected: Mapping[str, Any], payments: Sequence[Payment]) -> str:
    if not payments:
        return ""
    nearest = min(payments, key=lambda payment: len(differences(payment, expected)))
    lines = [f"   {line}" for line in compared(nearest, expected)]
    return "\n".join([f"The nearest payment is {nearest.payment_id}:", *lines])
