"""What kind of e-mail address a string is (clause `email.valid`, silence `email-edge`).

Four e-mail libraries disagreed on 17 of 23 odd addresses, so a yes or no would claim more than anybody knows. There are
three kinds: `plain`, which any service must accept; `wrong`, which none may; and `edge`, which `email-edge` decides.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple


class AddressKind(Enum):
    """How sure the document lets us be about an address."""

    PLAIN = "plain"
    EDGE = "edge"
    WRONG = "wrong"


class AddressVerdict(NamedTuple):
    """A kind, and in a few words why (empty for a plain address).

    `part` is the part of the silence `email-edge` that an edge belongs to; empty where it belongs to none.
    """

    kind: AddressKind
    reason: str = ""
    part: str = ""


_LONGEST_LOCAL, _LONGEST_LABEL, _LONGEST = 64, 63, 254
# No part of it can end at two places, so it takes one look at each form of a host however it fails. Possessive
# quantifiers would say so, and Python before 3.11.5 reads them wrongly. First the form of most hosts, which is quicker.
_PLAIN = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    r"(?:[A-Za-z0-9]+\.[A-Za-z]{2,}|(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*\.)+[A-Za-z]{2,})"
).fullmatch
# Sets are written as what they leave out: Python takes 35 ms to compile one that lists all that is not ASCII.
_ATOM = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f]+'
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*").fullmatch
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"').fullmatch
_WORD = r"[^\x00-/:-@\[-^`{-\x7f]"  # a letter or digit of any script, or _
_WORD_OR_HYPHEN = r"[^\x00-,./:-@\[-^`{-\x7f]"
_WIDE_LABEL = rf"{_WORD}(?:{_WORD_OR_HYPHEN}*{_WORD})?"
_DOMAIN = re.compile(rf"{_WIDE_LABEL}(?:\.{_WIDE_LABEL})*\.?|\[[^\[\]\s\x00-\x1f]+\]").fullmatch


# A label with hyphens in its third and fourth place is kept for codings such as `xn--`, which a library may look into.
_RESERVED = re.compile(r"[@.][A-Za-z0-9]{2}--").search


def is_plain(address: str) -> bool:
    """Whether any service must accept this address."""
    return (
        _PLAIN(address) is not None
        and (len(address) <= _LONGEST_LABEL or not _is_over_long(address))
        and ("--" not in address or _RESERVED(address, address.index("@")) is None)
    )


def classify_address(address: str) -> AddressVerdict:
    """Tell what kind of address a string is."""
    if is_plain(address):
        return AddressVerdict(AddressKind.PLAIN)
    trimmed = address.strip(" \t\r\n")
    wrong = _wrong(trimmed)
    return (
        AddressVerdict(AddressKind.WRONG, wrong)
        if wrong
        else AddressVerdict(AddressKind.EDGE, *_edge(address, trimmed))
    )


def _wrong(address: str) -> str:
    local, at, domain = address.rpartition("@")
    quoted = _QUOTED(local)
    findings = {
        "it is empty": not address,
        "it has no @": not at,
        "nothing stands before the @": not local,
        "no domain stands after the @": not domain,
        "it has two @": "@" in local and not quoted,
        "it has a space in it": re.search(r"\s", domain if quoted else address),
        "RFC 5321 does not allow it": not (quoted or _DOT_ATOM(local)) or not _DOMAIN(domain),
    }
    return next((reason for reason, found in findings.items() if found), "")


def _edge(address: str, trimmed: str) -> tuple[str, str]:
    """Why an address is disputed, and the part of the silence that it belongs to."""
    domain = trimmed.rpartition("@")[2]
    findings = {
        ("it has white space around it", "spaced"): trimmed != address,
        ("its local part is quoted", "quoted"): trimmed.startswith('"'),
        ("it is not ASCII", "not-ascii"): not address.isascii(),
        ("it is over-long", "over-long"): _is_over_long(address),
        ("a label of its domain has hyphens in its third and fourth place", "reserved"): _RESERVED(f"@{domain}"),
        ("its domain has no dot", "dotless"): "." not in domain,
    }
    return next((reason for reason, found in findings.items() if found), ("it is unusual", ""))


def _is_over_long(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    labels = domain.split(".")
    return len(address) > _LONGEST or len(local) > _LONGEST_LOCAL or max(map(len, labels)) > _LONGEST_LABEL
