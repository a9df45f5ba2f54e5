"""Clause `email.valid`: plain addresses of every shape, near misses of every kind, and the edges that stay open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELD = "email"

_GOOD = (
    "customer@example.com", "customer+tag@example.com", "customer+a+b@example.com", "a+b.c+d@example.com", "CUSTOMER@EXAMPLE.COM",
    "Customer@Example.Com", "customer@EXAMPLE.com", "Customer.Name@example.com", "a@example.com", "ab@example.com", "A1@example.com",
    "customer@mail.example.com", "customer@a.b.c.example.co.uk", "customer@example.co.uk", "customer@shop.mail.example.org",
    "customer@example.io", "customer@example.de", "customer@example.info", "customer@example.museum", "customer@example.agency",
    "customer@example.company", "customer@example.technology", "customer@example.photography", "customer@example.international",
    "customer@example.travelersinsurance", "first.last@example.com", "first.middle.last@example.com", "first_last@example.com",
    "first-last@example.com", "user123@example.com", "123@example.com", "1a@example.com", "customer@example-shop.com",
    "customer@my-example-shop.co", "customer@example2.com", "customer@2example.com", "customer@x.com", "customer@e1.example.com",
    "customer+shop-2026@example.com", "a.b@example.com", "abcdefghijklmnopqrstuvwxyz0123456789@example.com",
    "customer.with.a.rather.long.name.before.it@example.com",
    "customer@a-rather-long-name-of-a-company-that-sells-lamps.example.com", "customer@example.net", "customer@example.edu",
    "customer@example.gov", "customer@gmail.example.com", "no-reply@example.com", "test@example.com", "admin@example.com",
)  # fmt: skip
_BAD = (
    "", " ", "@", "@@", "plainaddress", "customer", "example.com", "customer.example.com", "@example.com", "customer@", "customer@ ",
    " @example.com", "customer@@example.com", "customer@shop@example.com", "@customer@example.com", "customer@example.com@",
    "customer@example.com@example.com", "a@b@c", "cus tomer@example.com", "customer @example.com", "customer@ example.com",
    "customer@exam ple.com", "customer@example .com", "customer@example. com", "customer@example.com customer@example.com",
    "Customer <customer@example.com>", "customer@example.com,other@example.com", "customer@example.com;other@example.com",
    "customer@example.com, other@example.com", "cus\ttomer@example.com", "cus\ntomer@example.com", "customer@exa\r\nmple.com",
    "customer@example.com\nBcc: other@example.com", "customer%40example.com", "customer(at)example.com", "customer at example.com",
    "customer[at]example.com", "null", "undefined", "none", "N/A", "true", "0", "123", "https://example.com/", "www.example.com",
    "mailto:customer", "customer#example.com", "customer&example.com", "customer.@", "+tag@", "two words", "customer@\texample.com",
    "a b@c d.com", "x" * 300, "*", "%", ".", "+", "-", "customer\\u0040example.com", "customer@\n",
)  # fmt: skip
_OPEN = (
    '"quoted local"@example.com', '"a@b"@example.com', "customer@localhost", "customer@[127.0.0.1]", "customer@127.0.0.1",
    "o'brien@example.com", ".customer@example.com", "customer.@example.com", "cus..tomer@example.com", "customer@example..com",
    "customer@.example.com", "customer@example.com.", "customer@-example.com", "customer@example-.com", "customer@exam_ple.com",
    "customer@example.c", "customer@example.123", "customer@example.xn--p1ai", "kund\u00e4@example.com", "customer@ex\u00e4mple.com",
    "\u30c6\u30b9\u30c8@example.com", " customer@example.com", "customer@example.com ", "\tcustomer@example.com", "customer@example.com\n",
    "customer(comment)@example.com", "mailto:customer@example.com", "<customer@example.com>", "customer\uff20example.com",
    f"{'a' * 65}@example.com", f"{'a' * 300}@example.com", f"customer@{'a' * 64}.com", f"customer@{'sub.' * 80}example.com",
    "customer/department=shipping@example.com", "!def!xyz%abc@example.com", "$A12345@example.com", "a@b", "customer@example.com\x00",
    "cus\x00tomer@example.com", "customer@example\u3002com", "customer@example.com\u200b", "'; DROP TABLE payments;--@example.com",
)  # fmt: skip


def emails(builder: RequestBuilder) -> Iterator[Case]:
    """Addresses of the three kinds; the oracle says which must be taken, which refused, which may be either."""
    if FIELD in builder.document.fields:
        for address in dict.fromkeys((*_BAD, *_GOOD, *_OPEN)):
            shown = address if len(address) <= 60 else f"{len(address)} characters"
            yield Case("email.valid", f"email is {shown!r}", builder.call({FIELD: address}))
