"""Clause `revenue.positive-integer`: amounts on both sides of every bound, and everything that only looks like one."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table.case import Case
from trackfox_contract.request.call import encode

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELD = "revenue"
_DRAWN = 80

_GOOD = (
    "1", "2", "3", "9", "10", "11", "49", "50", "99", "100", "101", "127", "128", "255", "256", "500", "999", "1000", "1001", "1234", "4999",
    "5000", "9900", "9950", "9999", "10000", "12345", "32767", "32768", "65535", "65536", "99999", "100000", "123456", "499999", "999999",
    "1000000", "1234567", "8388607", "9999999", "10000000", "16777216", "16777217", "33554433", "49999999", "99999999", "100000000",
)  # fmt: skip
_BAD = (
    "0", "-0", "-1", "-2", "-50", "-99", "-9900", "-100000000", "-2147483648", "-2147483649", "-9223372036854775809",
    "99.5", "0.5", "0.01", "0.1", "0.9", "1.5", "1.1", "1.01", "1.001", "1.0001", "1.00001", "1.0000001", "0.9999999", "99.99", "99.999", "9900.5",
    "9900.01", "1.0000000001", "99.9999999999", "100000000.00001", "100000000.5", "1e-7", "1e-1", "15e-1", "9900.000001", "-0.5", "-1.5", "-99.5", "0.0", "-0.0", "0e0", "0E5", "-1.0", "-99e2",
    '"9900"', '"1"', '" 1 "', '"1.0"', '"9900.00"', '"$99"', '"99,00"', '"0x10"', '"1e3"', '"\\uff11"', '"\\u0661"', '"one"', '"abc"', '""', '" "',
    '"0"', '"-1"', '"99.5"', '"true"', '"null"', '"NaN"', '"Infinity"', '"+1"', '"01"', '"1_000"', '"9900 "', '"9900EUR"', '"12345"', '"123456"', '"1000000"', '"100000000"',
    "true", "false", "[]", "[1]", "[9900]", '["1"]', "[[1]]", "[1,2]", "{}", '{"amount":1}', '{"cents":9900}', '{"value":1}', '{"$gt":0}',
)  # fmt: skip
_SPELLED = (
    "9,900", "1,000", "12,345,678", "9.900", "9 900", "9'900", "9_900", "9900.0", "9900,00", "1.5", "0.5", "9,900.00", "9.900,00", "-9,900", "+9900", "9900-", "(9900)", "9900c", "9900 cents", "99 EUR", "EUR 99",
    "USD 9900", "\u20ac99", "\u00a399", "$9,900", "99$", "99%", "1k", "1K", "1M", "1e2", "1E2", "1.0e2", "0b1", "0o17", "0xff", "0X1F", "1n", "1L", "1f", "1d", "1u", "01", "007", "1/2", "1:00", "\u0661\u0662", "\u0967",
    "\uff19\uff10", "\u00b2", "\u2460", "\u4e00", "\u2163", "1\u00a0000", "1\u2009000", "\n1", "1\n", "\t1\t", "1\x00", "1;", "1 OR 1=1", "yes", "on", "inf", "-inf", "nan", "False", "None", "[1]", "{}", "\"1\"", "'1'", "1\\n",
)  # fmt: skip
"""Amounts as people, shops and programming languages write them into a string."""

_OPEN = ("1.0", "9900.0", "99e2", "1E2", "1e0", "100.00", "2147483648", "4294967297", "9007199254740993", "1e20", "1e308",
         "9223372036854775808", "18446744073709551616", "1" + "0" * 60)  # fmt: skip


def revenue(builder: RequestBuilder) -> Iterator[Case]:
    """Amounts as JSON text, so that each is sent exactly as it is written."""
    if FIELD not in builder.document.fields:
        return
    schema = builder.document.fields[FIELD]
    edges = [
        schema[bound] + step
        for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if bound in schema
        for step in (-1, 0, 1)
    ]
    spelled = map(json.dumps, _SPELLED)
    chance = random.Random(builder.salt)  # noqa: S311 - not for secrets
    drawn = (str(int(10 ** chance.uniform(0, 8))) for _ in range(_DRAWN))
    for text in dict.fromkeys((*_BAD, *spelled, *_GOOD, *map(str, edges), *drawn, *_OPEN)):
        yield Case("revenue.positive-integer", f"revenue is {text[:40]}", builder.raw(with_revenue(builder, text)))


def with_revenue(builder: RequestBuilder, text: str) -> bytes:
    """A valid body whose revenue is this JSON text."""
    return encode(builder.body({FIELD: "%AMOUNT%"})).replace(b'"%AMOUNT%"', text.encode())
