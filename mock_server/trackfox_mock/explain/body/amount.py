"""The amount: dollars for cents, a float's residue, a string, a boolean, nothing, no payment at all."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from trackfox_mock.document.lookalikes import is_lost
from trackfox_mock.document.spec import Operation
from trackfox_mock.explain.inquiry import Diagnosis, shown

_MONEY = re.compile(r"[^\d.,+-]*([+-]?\d[\d.,]*)[^\d.,]*")
_RESIDUE = Decimal("0.00001")
_LARGEST = Decimal(10) ** 15


def expected(api: Operation, name: str) -> str:
    """What the amount must be, for a sentence."""
    schema = api.property_schema(name)
    positive = "a positive integer" if schema.get("minimum", schema.get("exclusiveMinimum", -1)) >= 0 else "an integer"
    return f"{positive} in cents" if _in_cents(api, name) else positive


def mended(api: Operation, name: str, value: object) -> object:
    """The amount that was meant, or the value itself where nothing can be said."""
    found = _number(value)
    if found is None or found <= 0 or found > _LARGEST:
        return value
    nearest = found.to_integral_value()
    if abs(found - nearest) <= _RESIDUE and nearest >= 1 and not _has_point(value):
        return int(nearest)
    cents = int((found * 100).to_integral_value())
    return cents if cents and _in_cents(api, name) else value


def diagnose(api: Operation, name: str, value: object) -> Diagnosis:
    """Why a value is no amount."""
    slip, what, mend = _slip(api, name, value)
    meant = mended(api, name, value)
    is_mended = isinstance(meant, int) and not isinstance(meant, bool) and meant != value and meant > 0
    came = f"{name} is {shown(value)}{what and ', '}{what}"
    return Diagnosis(f"revenue.{slip}", came, expected(api, name), mend, {name: meant} if is_mended else {})


def _slip(api: Operation, name: str, value: object) -> tuple[str, str, str]:
    if isinstance(value, str):
        return _text(value, mended(api, name, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_a_number(value, mended(api, name, value))
    return _OTHERS.get(type(value), ("type", "", "send the number alone"))


_OTHERS: dict[type, tuple[str, str, str]] = {
    type(None): ("null", "", "check the variable that the amount is taken from"),
    bool: ("boolean", "", "send the amount, not whether it was paid"),
}


def _of_a_number(value: float, meant: object) -> tuple[str, str, str]:
    if value == 0:
        return "zero", "", "do not call for what costs nothing, or is not paid yet"
    if value < 0:
        return "negative", "which looks like a refund", "do not call for refunds: the endpoint takes payments only"
    if isinstance(value, int):
        return "bounds", "", "send an amount within the document's bounds"
    number = _number(value)
    if number is not None and number > 1 and abs(number - number.to_integral_value()) <= _RESIDUE:
        return "residue", "a float's residue", f"send {meant}; round after multiplying"
    return (
        ("dollars", "which looks like dollars, not cents", f"send {meant}") if isinstance(meant, int) else _NO_INTEGER
    )


_NO_INTEGER = ("type", "", "send an integer")


def _text(value: str, meant: object) -> tuple[str, str, str]:
    if is_lost(value) or not value.strip():
        return "lost", "the text of a variable that holds nothing", "check the variable that the amount is taken from"
    if not isinstance(meant, int):
        return "string", "a string", "send the number of cents, without quotes"
    what = "a string that looks like dollars, not cents" if _has_point(value) else "a string"
    return "string", what, f"send {meant}, without quotes"


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value)
    if isinstance(value, str):
        found = _MONEY.fullmatch(text.strip()[:40])
        text = _plain(found[1]) if found else ""
    try:
        number = Decimal(text[:40]) if len(text) <= 40 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _has_point(value: object) -> bool:
    """Whether a text is money in whole units, as PayPal's `"99.00"`; a float may have its point by accident."""
    found = _number(value)
    exponent = found.as_tuple().exponent if found is not None else 0
    return isinstance(value, str) and isinstance(exponent, int) and exponent < 0


def _plain(text: str) -> str:
    """`1,299.00` and `1.299,00` as `1299.00`."""
    decimal = max(text.rfind("."), text.rfind(","))
    if decimal >= 0 and len(text) - decimal - 1 in (1, 2):
        return f"{re.sub('[.,]', '', text[:decimal])}.{text[decimal + 1 :]}"
    return re.sub("[.,]", "", text)


def _in_cents(api: Operation, name: str) -> bool:
    return "cent" in str(api.property_schema(name).get("description", "")).lower()
