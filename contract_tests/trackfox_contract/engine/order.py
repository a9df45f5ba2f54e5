"""In which order a service looks, as far as it shows without a payment: what a 404 may hide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from trackfox_contract.cases.builder import ABSENT, RequestBuilder

if TYPE_CHECKING:
    from trackfox_contract.engine.check import Check
    from trackfox_contract.oracle.expectation import Stage
    from trackfox_contract.request.call import Call

_NAMED = 3
_NO_MATCH = 404


def learn_order(check: Check) -> None:
    """Safe mode names nobody, so a 404 may hide another fault; what ever shows through is checked before the match."""
    seen = {
        stage: [_shows(check, call, stage) for call in calls if check.is_safe(call)]
        for stage, calls in _probes(check, check.builder).items()
    }
    answered_first = {stage for stage in seen if stage not in ("revenue", "email") and any(seen[stage])}
    if any((*seen["revenue"], *seen["email"])):
        answered_first |= {"revenue", "email"}  # a service that lets one pass and not the other does not check it
    check.judge.answered_first = frozenset(answered_first)


def _shows(check: Check, call: Call, stage: Stage) -> bool:
    round_trip = check.client.send(call)
    faults = check.judge.expect(call).faults
    return any(fault.stage == stage and round_trip.status in fault.statuses - {404} for fault in faults)


def learn_doubts(check: Check) -> None:
    """Nobody has shown that the given sessions exist; a service that does not know one may answer 404 where it looks.

    Where ids of nobody hide a fault, and the ids of a session do as well, a 404 is from then on legal for such faults.
    """
    nobody = _probes(check, check.free_builder)
    hidden = {stage for stage, calls in nobody.items() if _hides(check, calls[:1])}
    doubted = [
        f"{session.session_id} of {builder.website.website_id}"
        for builder in check.builders
        for session in builder.website.sessions
        if hidden and not _is_known(check, builder.at(builder.website, session), hidden)
    ]
    if doubted:
        check.judge.doubted = frozenset(hidden)
        check.evidence.notes.append(_DOUBT.format(", ".join(doubted[:_NAMED])))


def _is_known(check: Check, builder: RequestBuilder, hidden: Iterable[Stage]) -> bool:
    probes = _probes(check, builder)
    return not all(_hides(check, probes[stage][:1]) for stage in hidden)


def _hides(check: Check, calls: Sequence[Call]) -> bool:
    """Whether a service answers 404 to the faults of a stage."""
    sent = [check.client.send(call).status for call in calls if check.is_safe(call)]
    return bool(sent) and all(status == _NO_MATCH for status in sent)


_DOUBT = (
    "the service may not know the session {}: it answers 404 to calls that name it and are wrong in another way, as it "
    "does with ids of nobody, so no 404 of that sort is taken for a finding; name a session that it has, or let "
    "--allow-writes tell"
)


def _probes(check: Check, builder: RequestBuilder) -> dict[Stage, list[Call]]:
    """For each stage a few requests with one fault that it sees."""
    tokens = {website.api_token for website in check.settings.known.asked_about} - {builder.website.api_token}
    values = _values(builder)
    wrong: dict[str, tuple[Any, ...]] = {
        "revenue": (0, -1, 1.5, -99.5),
        "email": ("", "nobody", "a@b@c", "a b@example.com"),
    }
    others = [name for name in values if name not in wrong]
    return {
        "header": [builder.authorized(), builder.authorized("Bearer"), builder.authorized("Basic YTpi")],
        "token": [builder.authorized(f"Bearer {builder.unknown(f'token{number}')}") for number in range(2)],
        "website": [builder.authorized(f"Bearer {token}") for token in sorted(tokens)],
        "ids": _changed(builder, ("session_id", "visitor_id", "website_id"), (ABSENT, None)),
        "required": _changed(builder, values, (ABSENT, None)),
        "type": _changed(builder, others, ("1", 1, True, [], {})),
        "revenue type": _changed(builder, ("revenue",), ("1", True, [], {})),
        "email type": _changed(builder, ("email",), (1, True, [], {})),
        "revenue": _changed(builder, ("revenue",), wrong["revenue"]),
        "email": _changed(builder, ("email",), wrong["email"]),
        "other": _changed(builder, others, ([], {}, True, -1, "")),
    }


def _changed(builder: RequestBuilder, names: Iterable[str], values: Iterable[Any]) -> list[Call]:
    listed = [name for name in names if name in builder.document.fields]
    return [builder.call({name: value}) for name, value in product(listed, values)]


def _values(builder: RequestBuilder) -> list[str]:
    return [name for name in builder.document.required if name not in ("session_id", "visitor_id", "website_id")]
