"""How safe mode comes near a service: from calls that any order of looking refuses to the one that a match alone does.

So a service that pays for whatever it is sent has shown it after its first answer, and one that looks for no match
after the last of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trackfox_contract.cases.builder import ABSENT
from trackfox_contract.oracle.document import IDENTITY
from trackfox_contract.request.call import encode

if TYPE_CHECKING:
    from trackfox_contract.cases.builder import RequestBuilder
    from trackfox_contract.engine.check import Check
    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.client import RoundTrip

_FAILURE = 500


def approach(check: Check) -> list[RoundTrip]:
    """Sends calls that are wrong in fewer and fewer ways, until one is answered with success or the row is through.

    Returns:
        What came; the last one is a call of nobody with nothing else wrong, unless a success came before.
    """
    seen = []
    for name, clause_id, call in _steps(check.free_builder):
        judgement = check.send(call, clause_id)
        seen.append(judgement.round_trip)
        if check.is_stopped or (judgement.round_trip.status or _FAILURE) >= _FAILURE:
            check.recorder.report(judgement, f"{name}, among the first calls")
        if check.is_stopped:
            break
    return seen


def _steps(builder: RequestBuilder) -> Iterator[tuple[str, str, Call]]:
    """Each with its name and the clause that a success would break first."""
    nobody = f"Bearer {builder.unknown('token')}"
    all_wrong = encode(builder.body(_all_wrong(builder)))
    yield "no token and no JSON", "auth.missing", builder.authorized().with_body(b"{")
    yield "no token, and every field wrong", "auth.missing", builder.authorized().with_body(all_wrong)
    yield "an unknown token, and every field wrong", "auth.invalid", builder.authorized(nobody).with_body(all_wrong)
    yield "no JSON", "body.object", builder.raw(b"{")
    yield "every field absent", "field.required", builder.raw(b"{}")
    yield "no token, and ids of nobody", "auth.missing", builder.authorized()
    yield "an unknown token, and ids of nobody", "auth.invalid", builder.authorized(nobody)
    wrong_rest = {name: ABSENT for name in builder.document.required if name not in IDENTITY}
    if wrong_rest:
        yield "ids of nobody, and the rest absent", "field.required", builder.call(wrong_rest)
    yield "ids of nobody", "match.session", builder.call()


def _all_wrong(builder: RequestBuilder) -> dict[str, Any]:
    wrong: dict[str, Any] = {"website_id": builder.unknown("website"), "revenue": -1, "email": "nobody"}
    listed = {name: wrong.get(name, ABSENT) for name in builder.document.fields}
    return listed | {name: value for name, value in wrong.items() if name in listed}
