"""The gate `body`, field by field: missing, misnamed, of the wrong type, not an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trackfox_mock.document.email_addresses import classify_address
from trackfox_mock.document.lookalikes import stranger
from trackfox_mock.explain import amount, names
from trackfox_mock.explain.case import Case, Diagnosis, shown
from trackfox_mock.model import Violation
from trackfox_mock.redaction.masking import mask_email, printable


def diagnose(case: Case) -> Diagnosis:
    """The field that the refusal rests on."""
    return next(iter(all_of(case)), _unknown(case))


def all_of(case: Case) -> Iterator[Diagnosis]:
    """One diagnosis a field, missing ones first, as the service looks at them."""
    violations = sorted(case.decision.violations, key=lambda violation: violation.code != "required")
    inside = names.wrapper(case)
    seen: set[str] = set()
    for violation in violations:
        name = str(violation.location[1]) if len(violation.location) > 1 else ""
        if name in seen:
            continue
        seen.add(name)
        if inside and violation.code == "required":
            seen.update(case.service.fields)
            yield _wrapped(case, inside)
        else:
            yield _field(case, name, violation)


def _field(case: Case, name: str, violation: Violation) -> Diagnosis:
    if violation.code == "required" or name not in case.document:
        return _missing(case, name, violation)
    value = case.document[name]
    if violation.code in _SILENT:
        return _undocumented(case, name, value, violation)
    return (
        amount.diagnose(case.api, name, value) if name in case.service.integers else _text(case, name, value, violation)
    )


_SILENT = frozenset({"empty-id", "odd-id", "integral-float", "maximum"})


def _text(case: Case, name: str, value: object, violation: Violation) -> Diagnosis:
    if value is None:
        came = f"{name} is null"
        return Diagnosis("field.null", came, _expected(case, name), "check the variable that it is taken from")
    if name in case.service.emails and isinstance(value, str):
        return _email(name, value)
    if case.api.property_schema(name).get("type") == "string" and not isinstance(value, str):
        return _not_text(name, value)
    came = f"{name} is {shown(value)}: {violation.message}"
    return Diagnosis("field.schema", came, _expected(case, name), "send what the document describes")


def _missing(case: Case, name: str, violation: Violation) -> Diagnosis:
    if not name:
        return _unlisted(case, violation)
    misnamed = names.misnamed(case).get(name)
    if misnamed is None:
        example = case.api.example.get(name) if isinstance(case.api.example, dict) else None
        such = "" if example is None else f", as {shown(example) if not isinstance(example, str) else 'a text'}"
        return Diagnosis("field.missing", f"{name} is missing", _expected(case, name), f"add it{such}")
    value = case.document[misnamed]
    if name in case.service.integers:
        value = amount.mended(case.api, name, value)
    came = f"{name} is missing, and {shown(misnamed)} came"
    mend = f"rename it to {name}"
    if value != case.document[misnamed]:
        mend += f", and send {value}"
    return Diagnosis("field.name", came, f"the field {name}", mend, {name: value}, (misnamed,))


def _unlisted(case: Case, violation: Violation) -> Diagnosis:
    extra = tuple(name for name in case.document if name not in case.service.fields)
    if violation.code != "additionalProperties":
        return Diagnosis(
            "body.schema", f"the body is against the schema ({violation.code})", "the document's", "mend it"
        )
    came = f"the document does not list {', '.join(map(shown, extra[:3]))}"
    listed = ", ".join(case.service.fields)
    return Diagnosis("field.extra", came, f"only {listed}", "leave it out", {}, extra, "extra-property")


def _wrapped(case: Case, inside: str) -> Diagnosis:
    came = f"the fields stand inside {shown(inside)}"
    fields: Mapping[str, Any] = case.document[inside]
    return Diagnosis(
        "field.wrapped", came, "them at the top of the object", "send that object alone", fields, (inside,)
    )


def _undocumented(case: Case, name: str, value: object, violation: Violation) -> Diagnosis:
    silence = "huge-revenue" if violation.code == "maximum" else violation.code
    if silence == "empty-id":
        came, mend = f'{name} is ""', "check where it was lost: it must travel from the browser to this call"
        return Diagnosis("id.empty", came, _expected(case, name), mend, silence=silence)
    if silence == "integral-float":
        came, mend = f"{name} is {shown(value)}, with a fraction point", f"send {amount.mended(case.api, name, value)}"
        fixed = {name: amount.mended(case.api, name, value)}
        return Diagnosis("revenue.integral-float", came, _expected(case, name), mend, fixed, silence=silence)
    came = violation.message if silence == "odd-id" else f"{name} is {shown(value)}"
    return Diagnosis(silence, came, _expected(case, name), "check where it comes from", silence=silence)


def _email(name: str, value: str) -> Diagnosis:
    verdict = classify_address(value)
    strange = stranger(value)
    came = f"{name} is {shown(value)}, {strange[1]}" if strange and strange[0] != "id.provider" else ""
    masked = f"{mask_email(value)}: " if "@" in value else "no e-mail address: "
    came = came or printable(f"{name} is {masked}{verdict.reason or 'it is unusual'}")
    silence = "email-edge" if verdict.kind.value == "edge" else ""
    mend = "send the address that the customer gave at checkout"
    if strange and strange[0] == "id.provider":
        mend += ", not the customer's id"
    trimmed = value.strip()
    fixed = {name: trimmed} if trimmed != value and classify_address(trimmed).kind.value == "plain" else {}
    return Diagnosis(
        f"email.{'edge' if silence else 'invalid'}", came, "an e-mail address", mend, fixed, silence=silence
    )


def _not_text(name: str, value: object) -> Diagnosis:
    came = f"{name} is {shown(value)}, not a string"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Diagnosis("field.type", came, "a string", f'send "{value}", in quotes', {name: str(value)})
    return Diagnosis("field.type", came, "a string", "check which variable it is taken from")


def _expected(case: Case, name: str) -> str:
    """What the document says of a field, for a sentence."""
    if name in case.service.integers:
        return amount.expected(case.api, name)
    schema = case.api.property_schema(name)
    noun = "an e-mail address" if schema.get("format") == "email" else f"a {schema.get('type', 'value')}"
    description = " ".join(str(schema.get("description", "")).split())
    return f"{noun} ({description})" if description else noun


def _unknown(case: Case) -> Diagnosis:
    """For a decision whose evidence is gone, as the journal cuts long requests."""
    return Diagnosis(
        "body.schema", f"the body breaks {case.decision.rule}", "what the document says", "compare the two"
    )
