"""What every gate's file works from (`Inquiry`), and what it returns (`Diagnosis`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from trackfox_mock.decision.gates import bearer_token
from trackfox_mock.decision.parsed_request import parse
from trackfox_mock.document.service import Service
from trackfox_mock.model import Decision, Request, Website
from trackfox_mock.redaction.masking import mask_email, printable
from trackfox_mock.tenants.store import Store

LOOKED_AT = 2000
"""How many websites, and how many ids of one, are compared with an id that is nearly one of them."""

_SHOWN = 60


class Diagnosis(Struct, frozen=True):
    """What is wrong with a request, and how it is mended.

    `slip` is a stable name such as `revenue.dollars`. `came` is a clause of a sentence, `expected` a noun and `mend`
    an order. `fields` are body fields as they should be, `without` those that should not be there. `silence` is what
    the refusal rests on, where that is not a clause of the document.
    """

    slip: str
    came: str
    expected: str
    mend: str
    fields: Mapping[str, Any] = {}
    without: tuple[str, ...] = ()
    silence: str = ""

    @property
    def sentence(self) -> str:
        """What came, what was expected and what to do, in one sentence."""
        return f"{self.came}; expected {self.expected}: {self.mend}."


class Inquiry:
    """One request, what was decided about it, and all that is known.

    `document` is the body, empty where it is no object. `token` is the one of the header, empty where it has none.
    `is_cut` says that the journal kept only a part of it.
    """

    def __init__(self, service: Service, store: Store, request: Request, decision: Decision) -> None:
        self.service = service
        self.api = service.api
        self.store = store
        self.request = request
        self.decision = decision
        self.parsed = parse(request, service.duplicate_key)
        self.token = bearer_token(service, self.parsed)
        self.is_cut = request.body_size > len(request.body)
        self.document: Mapping[str, Any] = self.parsed.document if isinstance(self.parsed.document, dict) else {}

    @property
    def website(self) -> Website | None:
        """The website that the body names, if it exists."""
        website_id = self.parsed.website_id
        return None if website_id is None else self.store.website(website_id)

    @property
    def websites(self) -> Iterable[Website]:
        """The first websites there are."""
        return islice(self.store.websites(), LOOKED_AT)

    def others(self) -> Iterable[Website]:
        """The websites that the body does not name."""
        return (website for website in self.websites if website.website_id != self.parsed.website_id)

    def field(self, name: bytes) -> str:
        """A header field's value as text, empty where there is none."""
        return self.parsed.fields.get(name, b"").decode("utf-8", "replace")


def unquoted(text: str) -> str:
    """The same of a text, without quotes; the mark of a cut stays."""
    return shown(text)[1:].removesuffix('"')


def shown(value: object) -> str:
    """A client's value as JSON, on one line, not endless, an e-mail address masked."""
    if isinstance(value, str) and "@" in value:
        value = mask_email(value)
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def known(ids: Iterable[str]) -> str:
    """The first three of some ids, for a sentence."""
    names = [shown(name) for name in islice(ids, 4)]
    return ", ".join([*names[:3], *(["…"] if len(names) > 3 else [])])


def nearly(text: str, known: Iterable[str]) -> tuple[str, str] | None:
    """The known id that a text nearly is, and in which way it differs."""
    trimmed = text.strip().strip("'\"").strip()
    folded = trimmed.casefold()
    for candidate in islice(known, LOOKED_AT):
        if candidate == trimmed:
            return candidate, "with white space or quotes around it"
        if candidate.casefold() == folded:
            return candidate, "in another case"
        if len(trimmed) >= 4 and candidate.startswith(trimmed):
            return candidate, "cut off"
        if len(candidate) >= 4 and trimmed.startswith(candidate):
            return candidate, "with more behind it"
        if len(candidate) >= 4 and trimmed.endswith(candidate):
            return candidate, "with more before it"
    return None
