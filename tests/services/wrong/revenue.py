"""Amounts that are no positive integers, and amounts that are and are refused."""

from __future__ import annotations

from typing import Any

from tests.services.service import Service
from tests.services.wrong.table import patched, wrong

for _text, _is_amount in {
    "ZeroIsPositive": lambda v: type(v) is int and v >= 0,
    "NegativesToo": lambda v: type(v) is int and v != 0,
    "FractionsToo": lambda v: type(v) in (int, float) and v > 0,
    "FractionsAboveOne": lambda v: type(v) in (int, float) and v >= 1,
    "AmountsAreRounded": lambda v: type(v) in (int, float) and round(v) > 0 and abs(v - round(v)) < 0.01,
    "StringsOfDigits": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and v.isdecimal() and int(v) > 0),
    "StringsOfAnything": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and v != ""),
    "StringsAsFloats": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and _float(v) > 0),
    "TrueIsOne": lambda v: isinstance(v, int) and v > 0,
    "FalseIsAnAmount": lambda v: v is False or (type(v) is int and v > 0),
    "AtLeastFifty": lambda v: type(v) is int and v >= 50,
    "AtMost999999": lambda v: type(v) is int and 0 < v <= 999_999,
    "AtMost16Bits": lambda v: type(v) is int and 0 < v < 65536,
    "BelowAHundredMillion": lambda v: type(v) is int and 0 < v < 100_000_000,
    "WholeEurosOnly": lambda v: type(v) is int and v > 0 and (v < 100 or v % 100 == 0),
    "AListIsAnAmount": lambda v: isinstance(v, list) or (type(v) is int and v > 0),
    "AnObjectIsAnAmount": lambda v: isinstance(v, dict) or (type(v) is int and v > 0),
    "AListOfOne": lambda v: (isinstance(v, list) and len(v) == 1 and type(v[0]) is int) or (type(v) is int and v > 0),
    "NegativeFractions": lambda v: (type(v) is float and v < 0) or (type(v) is int and v > 0),
    "TinyFractions": lambda v: (type(v) is float and 0 < v < 1e-3) or (type(v) is int and v > 0),
    "LongStringsOfDigits": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and len(v) > 4 and v.isdecimal()),
    "NearlyWholeAmounts": lambda v: type(v) in (int, float) and v > 0 and (v == int(v) or abs(v - round(v)) < 1e-8),
    "ZeroAsFloat": lambda v: (type(v) is float and v == 0) or (type(v) is int and v > 0),
}.items():  # fmt: skip
    patched("revenue.positive-integer", _text, is_amount=lambda s, v, rule=_is_amount: bool(rule(v)))


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0


@wrong("revenue.positive-integer")
class AnAmountAfterTheAddressIsNotLookedAt(Service):
    """Reads the fields in the order of the body and forgets what comes last."""

    def validate(self, state: dict[str, Any]) -> None:
        names = list(state["body"])
        amount = state["body"].get("revenue")
        if type(amount) in (int, float) and "email" in names and names.index("revenue") > names.index("email"):
            state["body"]["revenue"] = 1
        super().validate(state)
