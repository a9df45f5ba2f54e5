"""The gates in the order they stood, each with its evidence; and who can say why one of them refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from trackfox_mock.decision.gates import GATES
from trackfox_mock.explain import authorization, body, fields, match, route, tokens
from trackfox_mock.explain.case import Case, Diagnosis
from trackfox_mock.explain.explanation import Gate


class _Speaker(NamedTuple):
    passed: Callable[[Case], str]
    diagnose: Callable[[Case], Diagnosis]


def _is_slow_enough(_: Case) -> str:
    return "no more requests came than the limit allows"


def _too_fast(_: Case) -> Diagnosis:
    came = "more than 20 requests came in this second"
    return Diagnosis("rate", came, "fewer", "wait, as Retry-After says, and send it again", silence="rate-limit")


_SPEAKERS: Mapping[str, _Speaker] = {
    "route": _Speaker(route.passed, route.diagnose),
    "header": _Speaker(authorization.passed, authorization.diagnose),
    "body": _Speaker(body.passed, body.diagnose),
    "website": _Speaker(body.passed_website, body.diagnose),
    "known-token": _Speaker(tokens.passed, tokens.diagnose),
    "token": _Speaker(tokens.passed, tokens.diagnose),
    "match": _Speaker(match.passed, match.diagnose),
    "rate": _Speaker(_is_slow_enough, _too_fast),
}


def diagnosis(case: Case) -> Diagnosis | None:
    """Why the request was refused; None if it was not."""
    gate = case.decision.refused_by
    if gate is None:
        return None
    speaker = _SPEAKERS.get(gate)
    if speaker is None:
        return Diagnosis(gate, f"{gate} refused the request", "another", "see the rule")
    return speaker.diagnose(case)


def gates(case: Case) -> tuple[list[Gate], list[Diagnosis]]:
    """Every gate, and what else would have been refused by the one that refused, or by those behind it."""
    decision = case.decision
    found = diagnosis(case)
    rows, also = [], _besides(case)
    for place, name in enumerate(decision.gates):
        if place < decision.passed:
            rows.append(Gate(name, "passed", _SPEAKERS[name].passed(case)))
        elif place == decision.passed and found is not None:
            rows.append(Gate(name, "refused", found.came))
        else:
            behind = _behind(case, name) if found is not None and "website_id" not in found.fields else None
            evidence = "not looked at" if behind is None else f"not looked at; it would refuse too: {behind.came}"
            rows.append(Gate(name, "not reached", evidence))
            if behind is not None and behind != found:
                also.append(behind)
    return rows, also


def _besides(case: Case) -> list[Diagnosis]:
    """The other fields that are wrong, where the body was refused for one of them."""
    if case.decision.refused_by not in ("body", "website") or case.decision.rule == "body.object":
        return []
    return list(fields.all_of(case))[1:]


def _behind(case: Case, name: str) -> Diagnosis | None:
    """What a gate that was not reached would say, where what it looks at is there."""
    if case.is_cut or case.decision.refused_by in ("route", "rate") or not _CAN_BE_ASKED[name](case):
        return None
    refusal = GATES[name](case.service, case.store, case.call)
    if refusal is None:
        return None
    decision = replace(case.decision, rule=refusal.rule, violations=refusal.violations)
    return _SPEAKERS[name].diagnose(Case(case.service, case.store, case.request, decision))


def _has_ids(case: Case) -> bool:
    return case.tenant is not None and bool(case.call.id("session_id")) and bool(case.call.id("visitor_id"))


_CAN_BE_ASKED: Mapping[str, Callable[[Case], bool]] = {
    "route": lambda _: True,
    "header": lambda _: True,
    "body": lambda _: True,
    "website": lambda _: True,
    "known-token": lambda case: bool(case.call.token),
    "token": lambda case: bool(case.call.token) and case.tenant is not None,
    "match": _has_ids,
}
