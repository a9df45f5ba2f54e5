"""Advice beside the answer: an accepted request that looks wrong all the same, or a refused one that is sent again.

An advisory that rests on a silence of the document has that silence's id: another reading of it would refuse the
request, or count it otherwise. Of an ordinary request (see ordinary.py) it is only asked whether it came before, and
whether its ids are the document's own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from trackfox_mock.decision.gates import bearer_token
from trackfox_mock.decision.parsed_request import Body, ParsedRequest, repeated_keys
from trackfox_mock.document.email_addresses import classify_address, is_plain
from trackfox_mock.document.lookalikes import is_misspelling
from trackfox_mock.document.schemas import LARGEST, UNIT
from trackfox_mock.document.service import Service
from trackfox_mock.model import IDS, Decision, PaymentEvent
from trackfox_mock.redaction.masking import mask_email, printable

DUPLICATE = "duplicate"
_REMEMBERED = 1000


class Advisory(Struct, frozen=True, gc=False):
    """One thing that looks wrong: a stable id, and a sentence that says what to do."""

    id: str
    sentence: str


def advise(service: Service, parsed: ParsedRequest) -> tuple[Advisory, ...]:
    """What looks wrong about an accepted request; that it came before is known of its payment, see `duplicate`.

    Args:
        service: the document as it is read for the request's website.
        parsed: the request.
    """
    return tuple(_advisories(service, parsed))


def advise_ordinary(service: Service, body: Body) -> tuple[Advisory, ...]:
    """The same of an ordinary request's body: all that may be said is that it has the document's own ids."""
    ids = body.session_id, body.visitor_id, body.website_id
    return () if service.placeholders.isdisjoint(ids) else _stand_ins(service.placeholders, ids)


def duplicate(repeats: PaymentEvent, *, is_merged: bool) -> Advisory:
    """What is said of a payment that came before.

    Args:
        repeats: the earlier one.
        is_merged: whether the two count as one.
    """
    counted = "it was counted once" if is_merged else "it is counted twice now"
    sentence = (
        f"the same session, amount and e-mail came before, as {repeats.payment_id}, and {counted}: "
        "if it is one payment, remember its own id, and call once"
    )
    return Advisory(DUPLICATE, sentence)


class Refusals:
    """The last thousand refused requests, so that a retry of one is told: sent again unchanged, it cannot succeed."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[tuple[str, int], int] = OrderedDict()

    def clear(self) -> None:
        """Forget all of them."""
        self._numbers.clear()

    def forget(self, website_id: str) -> None:
        """Drop what is remembered of a website."""
        for key in [key for key in self._numbers if key[0] == website_id]:
            del self._numbers[key]

    def advise(
        self, parsed: ParsedRequest, decision: Decision, number: int, website_id: str | None
    ) -> tuple[Advisory, ...]:
        """What looks wrong about a refused request: that the very same one was refused before.

        Args:
            parsed: the request.
            decision: how it was refused.
            number: the request's number in the journal.
            website_id: whose request it is; of nobody's nothing is said, as it may be another test's.
        """
        if decision.refused_by == "rate" or website_id is None:
            return ()
        request = parsed.request
        key = website_id, hash((request.method, request.path, parsed.authorization, request.body))
        earlier = self._numbers.get(key)
        if earlier is not None:
            self._numbers.move_to_end(key)
            return (_retried(earlier, decision.reply.status),)
        self._remember(key, number)
        return ()

    def _remember(self, key: tuple[str, int], number: int) -> None:
        self._numbers[key] = number
        if len(self._numbers) > _REMEMBERED:
            self._numbers.popitem(last=False)


def _retried(earlier: int, status: int) -> Advisory:
    return Advisory(
        "retried",
        f"the same request was refused before, as request {earlier}: {status} is final, no retry can change it",
    )


def _advisories(service: Service, parsed: ParsedRequest) -> Iterator[Advisory]:
    yield from _of_the_header(service, parsed)
    if type(parsed.document) is dict:
        yield from _of_the_body(service, parsed, parsed.document)


def _of_the_header(service: Service, parsed: ParsedRequest) -> Iterator[Advisory]:
    if b"origin" in parsed.fields:
        yield Advisory(
            "browser",
            "an Origin header came with the token: call from a server, in a browser anybody can read the token",
        )
    if service.fields:
        yield from _of_the_content_type(parsed)
    scheme, _, token = (parsed.authorization or "").partition(" ")
    if service.api.authenticated and scheme != "Bearer":
        yield Advisory("scheme-case", "the scheme is not written Bearer, and was accepted: write it with a capital B")
    if service.api.authenticated and token != bearer_token(service, parsed):
        yield Advisory("token-space", "there is more white space around the token, and it was trimmed: send one space")


def _of_the_content_type(parsed: ParsedRequest) -> Iterator[Advisory]:
    content_type = parsed.fields.get(b"content-type", b"").decode("latin-1")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        came = f"the content type is {printable(content_type, 60)}" if content_type else "no content type came"
        yield Advisory("content-type", f"{came}, and the body was read all the same: send application/json")


def _of_the_body(service: Service, parsed: ParsedRequest, document: dict[str, Any]) -> Iterator[Advisory]:
    if parsed.request.body.count(b":") > len(document):
        for name in repeated_keys(parsed.request.body)[:3]:
            which = "last" if service.duplicate_key == "last-wins" else "first"
            yield Advisory(
                "duplicate-key", f"the body names {_shown(name)} twice, and the {which} one counts: send it once"
            )
    for name, value in document.items():
        if name in service.integers:
            yield from _of_the_amount(name, value)
        elif name in service.emails:
            yield from _of_the_email(name, value)
    yield from _stand_ins(service.placeholders, tuple([parsed.id(name) for name in IDS]))
    for name in [name for name in document if name not in service.fields][:3]:
        yield _of_an_extra(service, name)


def _of_the_amount(name: str, value: object) -> Iterator[Advisory]:
    if type(value) is float:
        send = f"send {int(value)}" if value <= LARGEST else "send one"
        yield Advisory("integral-float", f"{name} came as {value}, and was read as an integer: {send}")
    if isinstance(value, int | float) and value < UNIT:
        meant = f"{int(value)}.00 is the price, send {int(value) * 100}"
        yield Advisory(
            "small-amount", f"{name} is {int(value)} cents, less than one unit of most currencies: if {meant}"
        )
    if isinstance(value, int | float) and value > LARGEST:
        yield Advisory("huge-revenue", f"{name} is beyond 2^31, in cents: check that it was not multiplied twice")


def _of_the_email(name: str, value: object) -> Iterator[Advisory]:
    if isinstance(value, str) and not is_plain(value):
        reason = classify_address(value).reason
        yield Advisory(
            "email-edge",
            f"{name} is {printable(mask_email(value))}: {reason}; another service may refuse it: check the address",
        )


@lru_cache(maxsize=64)
def _stand_ins(placeholders: frozenset[str], ids: tuple[str | None, ...]) -> tuple[Advisory, ...]:
    """That ids are placeholders, as those of the document's own example, which many send first."""
    names = [name for name, value in zip(IDS, ids, strict=True) if value in placeholders]
    if not names:
        return ()
    which = f"{', '.join(names[:-1])} and {names[-1]} stand" if len(names) > 1 else f"{names[0]} stands"
    return (Advisory("placeholder", f"{which} for real ones, as in the documentation: put your own there"),)


def _of_an_extra(service: Service, name: str) -> Advisory:
    meant = next((field for field in service.fields if is_misspelling(field, name)), None)
    mend = f"if {meant} was meant, write it so" if meant else "leave it out, another service may refuse it"
    return Advisory("extra-property", f"the document does not list {_shown(name)}, and it was ignored: {mend}")


def _shown(text: str) -> str:
    return f'"{printable(text, 60)}"'
