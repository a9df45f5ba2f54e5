"""Why a request was answered as it was, and how to mend it. Worked out when somebody reads it, never before.

One file a gate: `route`, `authorization`, `tokens`, `match`, and a folder for `body`. Each says what came, what was
expected and what to do. `gates` puts them in order, `curl` writes the request as it should have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trackfox_mock.decision.advice import Advisory, advise, duplicate
from trackfox_mock.document.clauses import CLAUSES, clause_words
from trackfox_mock.document.readings import Readings
from trackfox_mock.document.service import Service
from trackfox_mock.document.silences import SILENCES, silence_of
from trackfox_mock.explain.curl import corrected
from trackfox_mock.explain.explanation import Explanation, Gate, Slip, Taken
from trackfox_mock.explain.gates import diagnoses, diagnosis, gates
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry
from trackfox_mock.explain.redaction import redacted, redactor_of
from trackfox_mock.model import Decision, PaymentEvent, Request
from trackfox_mock.redaction.masking import printable
from trackfox_mock.tenants.environment import BASE_URL
from trackfox_mock.tenants.store import Store

__all__ = ["Explanation", "Gate", "Slip", "Taken", "explain", "slip_of", "told"]


def explain(
    service: Service,
    store: Store,
    request: Request,
    decision: Decision,
    repeats: PaymentEvent | None = None,
    *,
    advice: tuple[Advisory, ...] | None = None,
    base_url: str = BASE_URL,
    show_secrets: bool = False,
) -> Explanation:
    """Explain what was decided about a request, with what is known now of its ids and its token.

    Args:
        service: the document as it is read for the request's website.
        store: websites, tokens, sessions.
        request: as it was sent, or as the journal kept it.
        decision: what the service did with it.
        repeats: the earlier payment of the same session, revenue and e-mail.
        advice: what was told beside the answer, where that is known; else it is worked out.
        base_url: where the corrected command sends to.
        show_secrets: show tokens and e-mails in full in the corrected command; else no full token is anywhere.
    """
    inquiry = Inquiry(service, store, request, decision)
    diagnosed = list(diagnoses(inquiry))
    found = diagnosed[0] if diagnosed else None
    steps, also = gates(inquiry, diagnosed)
    silences = _silences(decision, found, also)
    if advice is None:
        advice = advise(service, inquiry.parsed) if decision.accepted else ()
        if repeats is not None:
            advice = duplicate(repeats, is_merged=service.merges_duplicates), *advice
    explanation = Explanation(
        outcome="refused" if found is not None else "attributed" if decision.accepted else "answered",
        status=decision.reply.status,
        method=printable(request.method),
        path=printable(request.path),
        rule=decision.rule,
        provenance=_provenance(service.readings, decision, found),
        words=clause_words(service.api, decision.rule, _field(decision)) or _question(decision.rule),
        sentence=_accepted(decision) if found is None else found.sentence,
        slip=None if found is None else _slip(found),
        also=tuple(_slip(other) for other in also),
        advice=advice,
        gates=tuple(steps),
        readings=tuple(_taken(service.readings, silence) for silence in silences),
        curl=corrected(inquiry, [*([found] if found else []), *also], base_url, show_secrets=show_secrets),
    )
    return explanation if show_secrets else redacted(inquiry, explanation)


def told(service: Service, store: Store, request: Request, decision: Decision) -> tuple[str, str]:
    """Only the sentence of an explanation and what to do, which cost a fraction of the whole.

    What to do is empty where nothing is wrong.
    """
    inquiry = Inquiry(service, store, request, decision)
    found = diagnosis(inquiry)
    if found is None:
        return redactor_of(inquiry).text(_accepted(decision)), ""
    redactor = redactor_of(inquiry)
    return redactor.text(found.sentence), redactor.text(found.mend)


def slip_of(service: Service, store: Store, request: Request, decision: Decision) -> Slip | None:
    """Only what is wrong with a request, None where it was accepted; it costs as little as `told`."""
    inquiry = Inquiry(service, store, request, decision)
    found = diagnosis(inquiry)
    if found is None:
        return None
    redactor = redactor_of(inquiry)
    words = (found.came, found.expected, found.mend, found.sentence)
    return Slip(found.slip, *map(redactor.text, words))


def _slip(found: Diagnosis) -> Slip:
    return Slip(found.slip, found.came, found.expected, found.mend, found.sentence)


def _accepted(decision: Decision) -> str:
    session = decision.session
    if session is None:
        return f"the request was answered {decision.reply.status}"
    return f"attributed to session {session.session_id} of visitor {session.visitor_id} on {session.website_id}"


def _field(decision: Decision) -> str:
    location = decision.violations[0].location if decision.violations else ()
    return str(location[1]) if len(location) > 1 else ""


def _question(rule: str) -> str:
    return SILENCES[rule].question if rule in SILENCES else ""


def _provenance(readings: Readings, decision: Decision, found: Diagnosis | None) -> str:
    key = found.silence if found is not None and found.silence else decision.rule
    if silence_of(key) in SILENCES:
        return readings.reading(key).provenance
    return "documented" if decision.rule in CLAUSES else "assumed"


def _silences(decision: Decision, found: Diagnosis | None, also: Iterable[Diagnosis]) -> Iterator[str]:
    """The silences that had a part in an answer; `order` where another status would be legal too."""
    key = found.silence if found is not None else ""
    rule = "" if key.startswith(f"{decision.rule}.") else decision.rule
    named = [rule, key, *(["order"] if list(also) else [])]
    yield from (key for key in dict.fromkeys(named) if silence_of(key) in SILENCES)


def _taken(readings: Readings, key: str) -> Taken:
    row, reading = SILENCES[silence_of(key)], readings.reading(key)
    others = {value: meaning for value, meaning in row.values.items() if value != reading.value}
    meaning = row.meaning(reading.value)
    return Taken(key, row.asks(key), reading.value, meaning, reading.provenance, row.default, others)
