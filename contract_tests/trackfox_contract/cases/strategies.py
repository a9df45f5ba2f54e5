"""What is generated: valid calls in any writing, calls that nearly fit, and bodies that Schemathesis makes.

A strategy is made once and drawn from in each example: to make one takes Hypothesis longer than to draw from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.oracle.document import IDENTITY, Document
from trackfox_contract.request.call import Call, encode

if TYPE_CHECKING:
    from schemathesis import Case as Generated

_WHITE = st.text(" \t\r\n", max_size=3)
_PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
_ANY_LETTER = st.one_of(_PRINTABLE, st.characters())
# All that UTF-8 can write. Hypothesis finds that out by trying each character, in two seconds, unless it is told.
_WRITABLE = st.characters(exclude_categories=["Cs"])
_BYTES = [bytes([code]) for code in (*range(9, 14), *range(32, 127), 0, 0x7F, 0xFF)]


# What must not matter


def written(builder: RequestBuilder) -> st.SearchStrategy[Call]:
    """A valid call in any writing: key order, white space, escapes, pieces and chunks."""
    changes = st.fixed_dictionaries({}, optional=_fitting(builder))
    pieces, flag = st.integers(1, 4), st.booleans()

    @st.composite
    def calls(draw: st.DrawFn) -> Call:
        body = builder.body(draw(changes))
        pairs = (f"{_padded(draw, name)}:{_padded(draw, body[name])}" for name in draw(_orders(tuple(body))))
        text = f"{draw(_WHITE)}{{{','.join(pairs)}}}{draw(_WHITE)}"
        return builder.raw(text.encode()).on(pieces=draw(pieces), chunked=draw(flag), fresh=draw(flag))

    return calls()


@cache
def _orders(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.permutations(names)


def _padded(draw: st.DrawFn, value: Any) -> str:
    return f"{draw(_WHITE)}{_text(draw, value)}{draw(_WHITE)}"


def _fitting(builder: RequestBuilder) -> dict[str, st.SearchStrategy[Any]]:
    """Further values that are surely fine, for the fields whose meaning we know."""
    letters = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789", min_size=1, max_size=12)
    address = st.builds(
        "{}{}{}@{}.example.{}".format,
        letters,
        st.sampled_from(["", "+", ".", "-", "_"]),
        letters,
        letters,
        st.sampled_from(["com", "org", "co.uk", "museum"]),
    )
    fitting = {"revenue": st.integers(1, 10**8), "email": address}
    return {
        name: values
        for name, values in fitting.items()
        if name in builder.document.fields and not builder.document.fields[name].get("enum")
    }


def _text(draw: st.DrawFn, value: Any) -> str:
    """A JSON text of a value: strings with any of their letters escaped."""
    if not isinstance(value, str):
        return json.dumps(value)
    marks = draw(_marks(len(value)))
    letters = (f"\\u{ord(c):04x}" if marks >> at & 1 else json.dumps(c)[1:-1] for at, c in enumerate(value))
    return '"' + "".join(letters) + '"'


@cache
def _marks(size: int) -> st.SearchStrategy[int]:
    """A bit for each letter of a text of that size."""
    return st.integers(0, 2**size - 1)


# What nearly fits


def edited(text: str, letters: st.SearchStrategy[str] = _PRINTABLE) -> st.SearchStrategy[str]:
    """A text after one or two edits: a letter more, less, another or in another case, a part alone, a part twice."""
    place = st.integers(0, len(text))
    once = st.one_of(
        st.builds(lambda at, letter: text[:at] + letter + text[at:], place, letters),
        st.builds(lambda at, letter: text[:at] + letter + text[at + 1 :], place, letters),
        st.builds(lambda at, size: text[:at] + text[at + size :], place, st.integers(1, 4)),
        st.builds(lambda at: text[:at] + text[at : at + 1].swapcase() + text[at + 1 :], place),
        st.builds(lambda start, end: text[min(start, end) : max(start, end)], place, place),
        st.builds(lambda at, size: text[:at] + text[at : at + size] + text[at:], place, st.integers(1, 8)),
        st.sampled_from([text.upper(), text.lower(), text.title(), text[::-1], text * 2]),
    )
    return st.one_of(st.just(text), once) if not text else once


def bytes_edited(builder: RequestBuilder) -> st.SearchStrategy[Call]:
    """A valid body after one edit of its bytes."""
    body = encode(builder.body())
    return st.builds(
        lambda at, piece, size: builder.raw(body[:at] + piece + body[at + size :]),
        st.integers(0, len(body)),
        st.one_of(st.sampled_from(_BYTES), st.just(b"")),
        st.integers(0, 2),
    )


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value, small ones first."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(_WRITABLE, max_size=12),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.text(_WRITABLE, max_size=8), inner, max_size=3)
        ),
        max_leaves=6,
    )


def one_field_changed(builder: RequestBuilder) -> st.SearchStrategy[Call]:
    """A valid body with one field changed: absent, any JSON value, or nearly what it was."""
    anything, body = json_values(), builder.body()

    def changed(name: str) -> st.SearchStrategy[Any]:
        value = body.get(name)
        near = edited(value, _ANY_LETTER) if isinstance(value, str) else st.floats(-10, 10)
        return st.one_of(st.just(ABSENT), near, anything)

    return _one_of_each({name: changed(name) for name in sorted(builder.document.fields)}).map(builder.call)


@st.composite
def _one_of_each(draw: st.DrawFn, values: Mapping[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    name = draw(st.sampled_from(list(values)))
    return {name: draw(values[name])}


def header_changed(builder: RequestBuilder) -> st.SearchStrategy[Call]:
    """A valid call whose `Authorization` header is nearly what it was."""
    token = builder.website.api_token
    headers = st.one_of(edited(f"Bearer {token}"), edited(token).map("Bearer {}".format))
    return headers.map(lambda header: builder.authorized(header.strip()))


def ids_changed(builder: RequestBuilder) -> st.SearchStrategy[Call]:
    """A valid call with one or two ids nearly what they were, or those of other sessions."""
    pool = [session for website in builder.known.asked_about for session in website.sessions] if builder.writes else []
    body = builder.body()

    def changed(name: str) -> st.SearchStrategy[str]:
        own = edited(str(body[name]), _ANY_LETTER)
        known = [getattr(session, name) for session in pool]
        return st.one_of(own, st.sampled_from(known)) if known else own

    values = {name: changed(name) for name in IDENTITY}
    names = st.lists(st.sampled_from(IDENTITY), min_size=1, max_size=2, unique=True)

    @st.composite
    def changes(draw: st.DrawFn) -> dict[str, str]:
        return {name: draw(values[name]) for name in draw(names)}

    return changes().map(builder.call)


# What the document makes


def from_the_document(document: Document, builder: RequestBuilder, *, valid: bool) -> st.SearchStrategy[Call]:
    """Bodies that Schemathesis makes from the document, valid or not, with the ids and the token of the fixtures."""
    import schemathesis  # noqa: PLC0415 - its import is a good part of a quick run
    from schemathesis import GenerationMode  # noqa: PLC0415 - the same
    from schemathesis.config import SchemathesisConfig  # noqa: PLC0415 - the same

    config = SchemathesisConfig()
    generation = config.projects.default.generation
    generation.with_security_parameters = False  # or else for a wrong token it would make a right body
    generation.codec = None  # which stands for all that UTF-8 can write, see `_WRITABLE`
    loaded = schemathesis.openapi.from_dict(dict(document.raw), config=config)
    operation = loaded[document.schema_path][document.method]
    mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
    return operation.as_strategy(generation_mode=mode).map(lambda case: _as_call(case, builder))


def _as_call(case: Generated[Any], builder: RequestBuilder) -> Call:
    body: Any = case.body
    if isinstance(body, bytes):
        return builder.raw(body)
    if isinstance(body, Mapping):
        ids = {name: builder.body()[name] for name in IDENTITY if isinstance(body.get(name), str)}
        body = {**body, **ids}
    try:
        return builder.raw(encode(body))
    except (TypeError, ValueError):  # Schemathesis has said that there is no body at all
        return builder.raw(b"")
