"""The gate `body`, field by field: missing, misnamed, of the wrong type, not an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trackfox_mock.document.email_addresses import AddressKind, classify_address
from trackfox_mock.document.lookalikes import mistaken_id
from trackfox_mock.explain.body import amount, names
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, shown
from trackfox_mock.model import Violation
from trackfox_mock.redaction.masking import mask_email, printable


def all_of(inquiry: Inquiry) -> Iterator[Diagnosis]:
    """One diagnosis a field, missing ones first, as the service looks at them; the refusal rests on the first."""
    if not inquiry.decision.violations:
        yield _unknown(inquiry)
    violations = sorted(inquiry.decision.violations, key=lambda violation: violation.code != "required")
    inside = names.wrapper(inquiry)
    seen: set[str] = set()
    for violation in violations:
        name = str(violation.location[1]) if len(violation.location) > 1 else ""
        if name in seen:
            continue
        seen.add(name)
        if inside and violation.code == "required":
            seen.update(inquiry.service.fields)
            yield _wrapped(inquiry, inside)
        else:
            yield _field(inquiry, name, violation)


def _field(inquiry: Inquiry, name: str, violation: Violation) -> Diagnosis:
    if violation.code == "required" or name not in inquiry.document:
        return _missing(inquiry, name, violation)
    value = inquiry.document[name]
    if violation.code in _SILENT:
        return _undocumented(inquiry, name, value, violation)
    return (
        amount.diagnose(inquiry.api, name, value)
        if name in inquiry.service.integers
        else _text(inquiry, name, value, violation)
    )


_SILENT = frozenset({"empty-id", "odd-id", "integral-float", "maximum"})


def _text(inquiry: Inquiry, name: str, value: object, violation: Violation) -> Diagnosis:
    if value is None:
        came = f"{name} is null"
        return Diagnosis("field.null", came, _expected(inquiry, name), "check the variable that it is taken from")
    if name in inquiry.service.emails and isinstance(value, str):
        return _email(inquiry, name, value)
    if inquiry.api.property_schema(name).get("type") == "string" and not isinstance(value, str):
        return _not_text(name, value)
    came = f"{name} is {shown(value)}: {violation.message}"
    return Diagnosis("field.schema", came, _expected(inquiry, name), "send what the document describes")


def _missing(inquiry: Inquiry, name: str, violation: Violation) -> Diagnosis:
    if not name:
        return _unlisted(inquiry, violation)
    misnamed = names.misnamed(inquiry).get(name)
    if misnamed is None:
        example = inquiry.api.example.get(name) if isinstance(inquiry.api.example, dict) else None
        such = "" if example is None else f", as {shown(example) if not isinstance(example, str) else 'a text'}"
        return Diagnosis("field.missing", f"{name} is missing", _expected(inquiry, name), f"add it{such}")
    value = inquiry.document[misnamed]
    if name in inquiry.service.integers:
        value = amount.mended(inquiry.api, name, value)
    came = f"{name} is missing, and {shown(misnamed)} came"
    mend = f"rename it to {name}"
    if value != inquiry.document[misnamed]:
        mend += f", and send {value}"
    return Diagnosis("field.name", came, f"the field {name}", mend, {name: value}, (misnamed,))


def _unlisted(inquiry: Inquiry, violation: Violation) -> Diagnosis:
    extra = tuple(name for name in inquiry.document if name not in inquiry.service.fields)
    if violation.code != "additionalProperties":
        return Diagnosis(
            "body.schema", f"the body is against the schema ({violation.code})", "the document's", "mend it"
        )
    came = f"the document does not list {', '.join(map(shown, extra[:3]))}"
    listed = ", ".join(inquiry.service.fields)
    return Diagnosis("field.extra", came, f"only {listed}", "leave it out", {}, extra, "extra-property")


def _wrapped(inquiry: Inquiry, inside: str) -> Diagnosis:
    came = f"the fields stand inside {shown(inside)}"
    fields: Mapping[str, Any] = inquiry.document[inside]
    return Diagnosis(
        "field.wrapped", came, "them at the top of the object", "send that object alone", fields, (inside,)
    )


def _undocumented(inquiry: Inquiry, name: str, value: object, violation: Violation) -> Diagnosis:
    silence = "huge-revenue" if violation.code == "maximum" else violation.code
    if silence == "empty-id":
        came, mend = f'{name} is ""', "check where it was lost: it must travel from the browser to this call"
        return Diagnosis("id.empty", came, _expected(inquiry, name), mend, silence=silence)
    if silence == "integral-float":
        came, mend = (
            f"{name} is {shown(value)}, with a fraction point",
            f"send {amount.mended(inquiry.api, name, value)}",
        )
        fixed = {name: amount.mended(inquiry.api, name, value)}
        return Diagnosis("revenue.integral-float", came, _expected(inquiry, name), mend, fixed, silence=silence)
    came = violation.message if silence == "odd-id" else f"{name} is {shown(value)}"
    return Diagnosis(silence, came, _expected(inquiry, name), "check where it comes from", silence=silence)


def _email(inquiry: Inquiry, name: str, value: str) -> Diagnosis:
    verdict = classify_address(value)
    mistaken = mistaken_id(value)
    came = f"{name} is {shown(value)}, {mistaken[1]}" if mistaken and mistaken[0] != "id.provider" else ""
    masked = f"{mask_email(value)}: " if "@" in value else "no e-mail address: "
    came = came or printable(f"{name} is {masked}{verdict.reason or 'it is unusual'}")
    silence = inquiry.service.readings.key("email-edge", verdict.part) if verdict.kind is AddressKind.EDGE else ""
    mend = "send the address that the customer gave at checkout"
    if mistaken and mistaken[0] == "id.provider":
        mend += ", not the customer's id"
    trimmed = value.strip()
    fixed = {name: trimmed} if trimmed != value and classify_address(trimmed).kind is AddressKind.PLAIN else {}
    return Diagnosis(
        f"email.{'edge' if silence else 'invalid'}", came, "an e-mail address", mend, fixed, silence=silence
    )


def _not_text(name: str, value: object) -> Diagnosis:
    came = f"{name} is {shown(value)}, not a string"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Diagnosis("field.type", came, "a string", f'send "{value}", in quotes', {name: str(value)})
    return Diagnosis("field.type", came, "a string", "check which variable it is taken from")


def _expected(inquiry: Inquiry, name: str) -> str:
    """What the document says of a field, for a sentence."""
    if name in inquiry.service.integers:
        return amount.expected(inquiry.api, name)
    schema = inquiry.api.property_schema(name)
    noun = "an e-mail address" if schema.get("format") == "email" else f"a {schema.get('type', 'value')}"
    description = " ".join(str(schema.get("description", "")).split())
    return f"{noun} ({description})" if description else noun


def _unknown(inquiry: Inquiry) -> Diagnosis:
    """For a decision whose evidence is gone, as the journal cuts long requests."""
    return Diagnosis(
        "body.schema", f"the body breaks {inquiry.decision.rule}", "what the document says", "compare the two"
    )
