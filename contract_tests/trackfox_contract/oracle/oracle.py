"""The oracle: what a request deserves, from the bytes and headers that were sent and the fixtures, and nothing else.

It reads like the contract, top to bottom: header, body, fields, token, match. What the document leaves open adds
statuses to the set; it never takes one away.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from trackfox_contract.oracle.document import IDENTITY, Document
from trackfox_contract.oracle.expectation import Expectation, Offence, Stage
from trackfox_contract.oracle.rules import is_odd_id, types_of
from trackfox_contract.request.json_text import TooDeep, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trackfox_contract.oracle.known import KnownWebsites
    from trackfox_contract.oracle.rules import Rule
    from trackfox_contract.request.call import Call, Headers

LARGE = 1 << 16
MEBIBYTE = 1 << 20
_OF_A_BROWSER = ("origin", "referer", "cookie")
_METHOD_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")  # on by default in Rack
_JSON_RANGES = ("application/json", "application/*", "*/*")
_LONG_HEADERS = 4000
_LONG_TARGET = 2000
_JSON = re.compile(r"application/json(?i:; ?charset=utf-8)?")
_BEARER = re.compile(r"(bearer)([ \t]+)([^ \t]+)", re.IGNORECASE)
_REMEMBERED = 8
_FREE = frozenset({200, 400, 401, 404})


@dataclass(slots=True)
class _Weighing:
    """What was found about one request so far."""

    known: KnownWebsites
    faults: list[Offence]
    also: set[int]
    before_match: frozenset[Stage]
    token: str | None = None
    undecided: bool = False

    @property
    def refused(self) -> int:
        return self.known.document.invalid_status

    def copy(self) -> _Weighing:
        return _Weighing(
            self.known, [*self.faults], {*self.also}, self.before_match, self.token, undecided=self.undecided
        )

    def fault(self, clause_id: str, stage: Stage, *statuses: int) -> None:
        self.faults.append(Offence(clause_id, frozenset(statuses or {self.refused}), stage))


def expect(known: KnownWebsites, call: Call, before_match: Collection[Stage] = ()) -> Expectation:
    """Says what a request may be answered with.

    Args:
        known: the document and the websites.
        call: the request, exactly as it is sent.
        before_match: the checks that this service is known to make before it looks for a match; a 404 does not hide
            what they would see.

    Returns:
        The legal statuses with the clauses that they rest on.
    """
    if call.method != known.document.method:
        return Expectation(other_method=True)
    shared = _Weighing(known, [], set(), frozenset(before_match))
    head = _read_head(call.headers)
    _weigh_transport(shared, call, head)
    _weigh_header(shared, head)
    reading = read_json(call.body)
    if reading.refusable:
        shared.also.add(shared.refused)
    if not reading.values:
        shared.fault("body.object", "form")
        _weigh_token(shared, None)
        return _result(shared)
    if len(reading.values) == 1:
        return _weigh_body(shared, reading.values[0])
    return _either(_weigh_body(shared.copy(), document) for document in reading.values)


def _result(weighing: _Weighing) -> Expectation:
    faults = tuple(weighing.faults)
    if any(fault.stage in weighing.before_match for fault in faults):
        faults = tuple(fault for fault in faults if fault.stage != "match")
    success = weighing.known.document.success_status
    return Expectation(faults, success, frozenset(weighing.also), weighing.undecided)


def _either(expectations: Iterable[Expectation]) -> Expectation:
    """What is legal when a request may be read in several ways, as when it names a key twice."""
    readings = list(expectations)
    fine = any(not reading.faults for reading in readings)
    also = frozenset[int]().union(*(reading.statuses if fine else reading.also for reading in readings))
    faults = () if fine else tuple(fault for reading in readings for fault in reading.faults)
    undecided = any(reading.undecided for reading in readings)
    return Expectation(faults, readings[0].success, also, undecided)


class _Head(NamedTuple):
    """What the headers of a call say that may matter."""

    is_json: bool
    is_encoded: bool
    is_long: bool
    excludes_json: bool
    is_of_a_browser: bool
    asks_for_another_method: bool
    authorization: tuple[str, ...]


@lru_cache(_REMEMBERED)  # calls that differ in the body alone come in a row and have one head
def _read_head(headers: Headers) -> _Head:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    content_types = values.get("content-type", [])
    return _Head(
        is_json=len(content_types) == 1 and _JSON.fullmatch(content_types[0].strip(" \t")) is not None,
        is_encoded="content-encoding" in values or "expect" in values,
        is_long=sum(len(name) + len(value) for name, value in headers) > _LONG_HEADERS,
        excludes_json=not _takes_json(values.get("accept", [])),
        is_of_a_browser=any(name in _OF_A_BROWSER or name.startswith("sec-fetch-") for name in values),
        asks_for_another_method=any(name in values for name in _METHOD_OVERRIDES),
        authorization=tuple(values.get("authorization", ())),
    )


def _takes_json(accept: Sequence[str]) -> bool:
    """Whether an `Accept` lets the answer be JSON (RFC 9110, section 12.5.1); one that cannot be read may not."""
    if not accept:
        return True
    ranges = [part.partition(";") for part in ",".join(accept).lower().replace(" ", "").split(",")]
    wanted = {name: "q=0" not in weight.split(";") for name, _, weight in ranges}
    return next((wanted[name] for name in _JSON_RANGES if name in wanted), False)


def _weigh_transport(weighing: _Weighing, call: Call, head: _Head) -> None:
    """Whatever HTTP allows, and bodies that the document does not describe."""
    if not head.is_json:
        weighing.also |= {weighing.refused, 415}
    if len(call.body) > LARGE:
        weighing.also |= {weighing.refused, 413}
    if call.wire.chunked:
        weighing.also |= {weighing.refused, 411, 501}
    if head.excludes_json:
        weighing.also.add(406)
    if head.is_of_a_browser:
        weighing.also.add(403)
    if head.asks_for_another_method:
        weighing.also |= {401, 404, 405}
    if head.is_long:
        weighing.also |= {weighing.refused, 413, 431}
    if "?" in call.target:
        weighing.also |= {weighing.refused, 404}  # who compares the whole target knows no such one
    if len(call.target) > _LONG_TARGET:
        weighing.also.add(414)
    weighing.undecided = head.is_encoded


def _weigh_header(weighing: _Weighing, head: _Head) -> None:
    if not head.authorization:
        return weighing.fault("auth.missing", "header", 401)
    if len(head.authorization) > 1:
        weighing.undecided = True  # which of two headers counts is not documented
        return None
    value = head.authorization[0].strip(" \t")
    if not value.isascii():
        weighing.also.add(weighing.refused)
    bearer = _BEARER.fullmatch(value)
    if bearer is None:
        return weighing.fault("auth.malformed", "header", 401)
    scheme, space, weighing.token = bearer.groups()
    if scheme != "Bearer" or space != " " or value != head.authorization[0]:
        weighing.also.add(401)
    return None


def _weigh_body(weighing: _Weighing, document: Any) -> Expectation:
    if isinstance(document, TooDeep):
        weighing.also |= _FREE
        return _result(weighing)
    if not isinstance(document, dict):
        weighing.fault("body.object", "form")
        _weigh_token(weighing, None)
        return _result(weighing)
    for name in weighing.known.document.fields:
        _weigh_field(weighing, name, document)
    _weigh_rest(weighing, document)
    _weigh_token(weighing, document.get("website_id"))
    _weigh_match(weighing, document)
    return _result(weighing)


def _stage(name: str, rule: Rule, value: Any) -> Stage:
    if not rule.takes_type_of(value):
        return f"{name} type" if name in ("revenue", "email") else "type"  # type: ignore[return-value] # the same
    return name if name in ("revenue", "email") else "other"  # type: ignore[return-value] # mypy does not narrow on `in`


def _weigh_field(weighing: _Weighing, name: str, document: Mapping[str, Any]) -> None:
    rule = weighing.known.document.rules[name]
    value = document.get(name)
    if value is None and "null" not in rule.types:
        if name in document or name in weighing.known.document.required:
            weighing.fault("field.required", "required" if name not in IDENTITY else "ids")
        return
    if name not in document or value is None:
        return
    if name in IDENTITY:
        _weigh_id(weighing, name, value)
        return
    judged = rule.worth(value)
    if judged == "odd":
        weighing.also.add(weighing.refused)
    if judged == "wrong":
        weighing.fault(clause_of(weighing.known.document, name, value), _stage(name, rule, value))


def clause_of(document: Document, name: str, value: object) -> str:
    """The clause that a wrong value of a field breaks."""
    schema = document.fields[name]
    if "string" in types_of(schema) and not isinstance(value, str):
        return "field.string"
    if schema.get("format") == "email":
        return "email.valid"
    return "revenue.positive-integer" if name == "revenue" else "field.schema"


def _weigh_id(weighing: _Weighing, name: str, value: Any) -> None:
    no_match = {weighing.refused, 404} | ({401} if name == "website_id" else set())
    if not isinstance(value, str):
        weighing.fault("field.string", "ids", *no_match)
    elif not value:
        weighing.fault("match.exact", "ids", *no_match)
    else:
        judged = weighing.known.document.rules[name].worth(value)
        shape = weighing.known.shapes.get(name)
        is_malformed = shape is not None and shape.fullmatch(value) is None
        if judged == "odd" or is_odd_id(value) or is_malformed:
            weighing.also.add(weighing.refused)
        if judged == "wrong":
            weighing.fault("field.schema", "ids")


def _weigh_rest(weighing: _Weighing, document: Mapping[str, Any]) -> None:
    """Fields that are not listed, and whatever the schema says of the object as a whole."""
    listed = weighing.known.document.fields
    extra = [name for name in document if name not in listed]
    allowed = weighing.known.document.schema.get("additionalProperties")
    if extra and allowed is False:
        weighing.fault("field.schema", "other")
    elif extra:
        weighing.also.add(weighing.refused)
    absent = [name for name in weighing.known.document.required if name not in listed and name not in document]
    for _ in absent:
        weighing.fault("field.required", "required")
    whole = weighing.known.document.rule_of_the_whole
    if whole and not weighing.faults and not whole.admits(document):
        weighing.fault("field.schema", "other")


def _weigh_token(weighing: _Weighing, website_id: object) -> None:
    tokens = weighing.known.tokens()
    if weighing.token is not None and weighing.token not in tokens.values():
        weighing.fault("auth.invalid", "token", 401)
    elif weighing.token is not None and tokens.get(str(website_id)) not in (None, weighing.token):
        weighing.fault("auth.website", "website", 401)
    if isinstance(website_id, str) and website_id and website_id not in tokens:
        weighing.fault("auth.website", "website", 401, 404)


def _weigh_match(weighing: _Weighing, document: Mapping[str, Any]) -> None:
    """The ids that are given must belong to one known event; a fault of their own does not count twice."""
    website_id = document.get("website_id")
    if not isinstance(website_id, str) or website_id not in weighing.known.tokens():
        website_id = None
    given = {index: document.get(name) for index, name in enumerate(("session_id", "visitor_id"))}
    strings = {index: value for index, value in given.items() if isinstance(value, str) and value}
    for clause_id in weighing.known.events(website_id).unmatched(strings):
        weighing.fault(clause_id, "match", 404)
