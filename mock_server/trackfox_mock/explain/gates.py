"""The gates in their order, each with its evidence, and by which file the refusal of each is explained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from trackfox_mock.decision.gates import GATES
from trackfox_mock.explain import authorization, head, match, route, tokens
from trackfox_mock.explain.body import fields, whole
from trackfox_mock.explain.explanation import Gate
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry


class _Speaker(NamedTuple):
    passed: Callable[[Inquiry], str]
    diagnose: Callable[[Inquiry], Diagnosis]


def _is_slow_enough(_: Inquiry) -> str:
    return "no more requests came than the limit allows"


def _too_fast(_: Inquiry) -> Diagnosis:
    came = "more than 20 requests came in this second"
    return Diagnosis("rate", came, "fewer", "wait, as Retry-After says, and send it again", silence="rate-limit")


_SPEAKERS: Mapping[str, _Speaker] = {
    "route": _Speaker(route.passed, route.diagnose),
    "head": _Speaker(head.passed, head.diagnose),
    "header": _Speaker(authorization.passed, authorization.diagnose),
    "body": _Speaker(whole.passed, whole.diagnose),
    "website": _Speaker(whole.passed_website, whole.diagnose),
    "known-token": _Speaker(tokens.passed, tokens.diagnose),
    "token": _Speaker(tokens.passed, tokens.diagnose),
    "match": _Speaker(match.passed, match.diagnose),
    "rate": _Speaker(_is_slow_enough, _too_fast),
}


def diagnosis(inquiry: Inquiry) -> Diagnosis | None:
    """Why the request was refused; None if it was not."""
    return next(diagnoses(inquiry), None)


def diagnoses(inquiry: Inquiry) -> Iterator[Diagnosis]:
    """The same, and where a field was refused, what is wrong with the others; nothing if nothing was refused."""
    gate = inquiry.decision.refused_by
    speaker = _SPEAKERS.get(gate or "")
    if gate in ("body", "website") and whole.is_about_fields(inquiry):
        yield from fields.all_of(inquiry)
    elif speaker is not None:
        yield speaker.diagnose(inquiry)
    elif gate is not None:
        yield Diagnosis(gate, f"{gate} refused the request", "another", "see the rule")


def gates(inquiry: Inquiry, diagnosed: Sequence[Diagnosis]) -> tuple[list[Gate], list[Diagnosis]]:
    """Every gate, and what else would have been refused by the one that refused, or by those behind it.

    Args:
        inquiry: the request.
        diagnosed: its `diagnoses`.
    """
    decision = inquiry.decision
    found = diagnosed[0] if diagnosed else None
    rows, also = [], list(diagnosed[1:])
    for place, name in enumerate(decision.gates):
        if place < decision.passed:
            rows.append(Gate(name, "passed", _SPEAKERS[name].passed(inquiry)))
        elif place == decision.passed and found is not None:
            rows.append(Gate(name, "refused", found.came))
        else:
            behind = _behind(inquiry, name) if found is not None and "website_id" not in found.fields else None
            evidence = "not looked at" if behind is None else f"not looked at; it would refuse too: {behind.came}"
            rows.append(Gate(name, "not reached", evidence))
            if behind is not None and behind != found:
                also.append(behind)
    return rows, also


def _behind(inquiry: Inquiry, name: str) -> Diagnosis | None:
    """What a gate that was not reached would say, where what it looks at is there."""
    if inquiry.is_cut or inquiry.decision.refused_by in ("route", "rate") or not _CAN_BE_ASKED[name](inquiry):
        return None
    refusal = GATES[name](inquiry.service, inquiry.store, inquiry.parsed)
    if refusal is None:
        return None
    decision = replace(inquiry.decision, rule=refusal.rule, violations=refusal.violations)
    return _SPEAKERS[name].diagnose(Inquiry(inquiry.service, inquiry.store, inquiry.request, decision))


def _has_ids(inquiry: Inquiry) -> bool:
    return (
        inquiry.website is not None and bool(inquiry.parsed.id("session_id")) and bool(inquiry.parsed.id("visitor_id"))
    )


_CAN_BE_ASKED: Mapping[str, Callable[[Inquiry], bool]] = {
    "route": lambda _: True,
    "head": lambda _: True,
    "header": lambda _: True,
    "body": lambda _: True,
    "website": lambda _: True,
    "known-token": lambda inquiry: bool(inquiry.token),
    "token": lambda inquiry: bool(inquiry.token) and inquiry.website is not None,
    "match": _has_ids,
}
