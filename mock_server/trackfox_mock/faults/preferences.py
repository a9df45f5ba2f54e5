"""Preferences of one request (`Prefer: code=500`, `?__code=500`, `expect=404`), and faults as `--fault` has them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from trackfox_mock.errors import FaultError, suggestion
from trackfox_mock.faults.effects import PHASES, Effect, Hit
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.files.validation import sentence
from trackfox_mock.model import Request

Kind = TypeVar("Kind", bound=Effect)

_NOT_OURS = frozenset({"respond-async", "return", "wait", "handling"})
"""Preferences of RFC 7240 itself: they are for the service, which may ignore them, as this one does."""

_EXPECT = "expect"
_EXPLAIN = "explain"

# A comma or a semicolon in quotation marks parts nothing (RFC 9110, 5.6.4); a mark that is never closed, the rest.
_QUOTED = r'"(?:\\.|[^"\\])*"?'
_PREFERENCES = re.compile(rf'(?:{_QUOTED}|[^,"]+)+').findall
_WORDS = re.compile(rf'(?:{_QUOTED}|[^;"]+)+').findall
_PLAIN = re.compile(r"[A-Za-z0-9_.:/-]*").fullmatch
_NUMBER = r"(\d+(?:\.\d+)?)"
_FIXED = re.compile(rf"{_NUMBER}(?:ms)?").fullmatch
_BETWEEN = re.compile(rf"{_NUMBER}-{_NUMBER}(?:ms)?").fullmatch
_LOGNORMAL = re.compile(rf"lognormal:{_NUMBER}:{_NUMBER}").fullmatch
_DRIBBLE = re.compile(rf"(\d+)/{_NUMBER}(?:ms)?").fullmatch


def _delay(text: str) -> dict[str, Any]:
    if fixed := _FIXED(text):
        return {"type": "fixed", "milliseconds": float(fixed[1])}
    if between := _BETWEEN(text):
        return {"type": "uniform", "lower": float(between[1]), "upper": float(between[2])}
    if lognormal := _LOGNORMAL(text):
        return {"type": "lognormal", "median": float(lognormal[1]), "sigma": float(lognormal[2])}
    raise FaultError(
        f"delay={text} is not a delay; expected milliseconds as 250, bounds as 100-400, "
        "or median and sigma as lognormal:90:0.4."
    )


def _phase(text: str) -> str:
    if text not in PHASES:
        raise FaultError(f"phase={text} is not a phase; {suggestion(text, PHASES)}")
    return text


def _dribble(text: str) -> dict[str, Any]:
    pieces = _DRIBBLE(text)
    if pieces is None:
        raise FaultError(f"dribble={text} is not a number of pieces and their milliseconds, as in 5/1000.")
    return {"numberOfChunks": int(pieces[1]), "totalDuration": float(pieces[2])}


def _integer(name: str) -> Callable[[str], int]:
    return lambda text: int(_number(name, text, int))


def _decimal(name: str) -> Callable[[str], float]:
    return lambda text: _number(name, text, float)


def _number(name: str, text: str, kind: Callable[[str], float]) -> float:
    try:
        return kind(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise FaultError(f"{name}={text} is not {what}; expected one, as {name}={_EXAMPLES[name]}.") from None


_EFFECT: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "code": ("status", _integer("code")),
    "fault": ("fault", str.upper),
    "delay": ("delayDistribution", _delay),
    "dribble": ("chunkedDribbleDelay", _dribble),
    "phase": ("phase", _phase),
}

_EXAMPLES = {
    "code": "503", "fault": "HANG", "delay": "250", "dribble": "5/1000", "phase": "after-commit",
    "website": "shop", "probability": "0.1", "seed": "7", "skip": "2", "first": "1", "ttl": "60",
}  # fmt: skip

_OURS = (*_EFFECT, _EXPECT, _EXPLAIN)

_SCHEDULE: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "website": ("website_id", str),
    "probability": ("errorProbability", _decimal("probability")),
    "seed": ("seed", _integer("seed")),
    "skip": ("succeedFirst", _integer("skip")),
    "first": ("failRequestCount", _integer("first")),
    "ttl": ("timeToLive", _decimal("ttl")),
}


def parse_fault(text: str) -> Fault:
    """A fault from one line, as `fault=HANG,phase=after-commit,skip=2,first=1`; it stays, unless it says `ttl`.

    Raises:
        FaultError: a word or a value does not exist.
    """
    words = {}
    for word in text.split(","):
        name, equals, value = word.strip().partition("=")
        if not equals:
            raise FaultError(f"{word.strip()!r} is not of the form NAME=VALUE, as in code=503,first=2.")
        words[name] = value
    return _made(Fault, words, {**_EFFECT, **_SCHEDULE}, {"timeToLive": None})


def preferred(request: Request) -> Hit | None:
    """What a request asks for itself, in its Prefer header or in its query; None if it asks for nothing.

    Raises:
        FaultError: it asks for what this mock cannot do.
    """
    _demand_whole(request)
    words: dict[str, str] = {}
    for name, value in _preferences(request):
        if name in {_EXPECT, _EXPLAIN}:
            continue
        if words.setdefault(name, value) != value:
            raise FaultError(f"{name} came as {words[name]} and as {value}; expected it once.")
    if not words:
        return None
    for name, value in words.items():
        if name not in _EFFECT:
            raise FaultError(f"{name!r} is not known; {suggestion(name, _OURS)}")
        if not _PLAIN(value):
            raise FaultError(f"{name} is {value!r}; expected letters, digits and . : / - alone.")
    effect = _made(Effect, words, _EFFECT, {})
    delay = 0.0 if effect.delay is None else effect.delay.sample(random.Random())  # noqa: S311 - not a secret
    return Hit(effect, delay, applied=", ".join(f"{name}={value}" for name, value in words.items()))


def expected(request: Request) -> tuple[str, ...]:
    """The rules that a request says it means to be refused by, as `Prefer: expect=match.session`."""
    return tuple(value for name, value in _preferences(request) if name == _EXPECT)


def wants_explanation(request: Request) -> bool:
    """Whether a request asks to be told why it is refused in the answer's header fields: `Prefer: explain`."""
    return any(name == _EXPLAIN for name, _ in _preferences(request))


def _preferences(request: Request) -> Iterator[tuple[str, str]]:
    for name, value in parse_qsl(request.query.decode("latin-1"), keep_blank_values=True):
        if name.startswith("__"):
            yield name[2:], value
    for words in _stated(request):
        if words[0][0] not in _NOT_OURS:
            yield from words


def _demand_whole(request: Request) -> None:
    """Refuse what would be taken by half: a word of ours that is the parameter of a preference for the service."""
    for (first, _), *parameters in _stated(request):
        for name, _ in parameters if first in _NOT_OURS else ():
            if name in _OURS:
                raise FaultError(f"{name} came as a parameter of {first}; expected a comma between the two.")


def _stated(request: Request) -> Iterator[list[tuple[str, str]]]:
    """Each preference with its parameters (RFC 7240, section 2): `code=500; phase=after-commit` says two words."""
    for field, raw in request.headers:
        if field == b"prefer":
            for preference in _PREFERENCES(raw.decode("latin-1")):
                words = [word.partition("=") for word in _WORDS(preference)]
                named = [(name.strip().lower(), _unquoted(value.strip())) for name, _, value in words if name.strip()]
                if named:
                    yield named


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _made(
    kind: type[Kind],
    words: Mapping[str, str],
    known: Mapping[str, tuple[str, Callable[[str], Any]]],
    defaults: Mapping[str, Any],
) -> Kind:
    fields = dict(defaults)
    for name, value in words.items():
        if name not in known:
            raise FaultError(f"{name!r} is not known; {suggestion(name, known)}")
        if not value:
            raise FaultError(f"{name} came without a value; expected one, as {name}={_EXAMPLES[name]}.")
        field, read = known[name]
        fields[field] = read(value)
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as problem:
        place, what = sentence(problem)
        wrong = next((name for name, (field, _) in known.items() if place and field == place[0]), None)
        raise FaultError(_in_words(what) if wrong is None else f"{wrong}={words[wrong]}: {what}") from None


def _in_words(text: str) -> str:
    """A sentence about the fields of a fault, about the words that stand for them."""
    names = {field: name for name, (field, _) in _EFFECT.items()}
    return re.sub("|".join(names), lambda field: names[field[0]], text)
