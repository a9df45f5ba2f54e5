"""Clauses `match.*`: unknown ids, ids of other sessions and websites, and near-miss variants of the right ones."""

from __future__ import annotations

import base64
import re
import unicodedata
import zlib
from string import punctuation
from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table.case import Case
from trackfox_contract.request.mutations import full_width, parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EVENT_IDS = ("session_id", "visitor_id")
_MOST_OF_ANOTHER = 4  # sessions of another website that each session is mixed with
_WORDS = (
    "null", "undefined", "None", "*", "%", "_", ".", ".*", "?", "all", "any", "0", "1", "true", "test", "default", "unknown", "anonymous",
    "__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "' OR '1'='1", '" OR ""="', "1; DROP TABLE sessions", "../", "{}", "[]",
    "$ne", "tf_session_id", "tf_visitor_id", "your_website_id", "-", " ", "\u00e9", "\U0001f98a",
)  # fmt: skip


_SPACES = "\x0b\x0c\x1c\x1f\x85\u1680\u2003\u2028\u2060\u3000"


def unknown(builder: RequestBuilder) -> Iterator[Case]:
    """Clauses `match.session` and `match.visitor`: ids that do not exist."""
    clause = {"session_id": "match.session", "visitor_id": "match.visitor"}
    yield Case(
        "match.session",
        "an unknown session and visitor",
        builder.call(dict.fromkeys(_EVENT_IDS, builder.unknown("both"))),
    )
    for name in _EVENT_IDS:
        for number in range(3):
            yield Case(
                clause[name], f"an unknown {name} ({number})", builder.call({name: builder.unknown(f"{name}{number}")})
            )
        for word in _WORDS:
            yield Case(clause[name], f"{name} is {word!r}", builder.call({name: word}))
        yield Case(clause[name], f"{name} is empty", builder.call({name: ""}))
    for word in _WORDS[:12]:
        yield Case("match.session", f"both ids are {word!r}", builder.call(dict.fromkeys(_EVENT_IDS, word)))
    yield Case("match.session", "both ids are empty", builder.call(dict.fromkeys(_EVENT_IDS, "")))


def together(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `match.together`: every mixture of ids that exist but do not belong together."""
    if builder.session is None:
        return
    mine = {"session_id": builder.session.session_id, "visitor_id": builder.session.visitor_id}
    own = builder.website.website_id
    others = [
        (website, session)
        for website in builder.known.asked_about
        for session in website.sessions[: None if website.website_id == own else _MOST_OF_ANOTHER]
    ]
    for website, session in others:
        theirs = {"session_id": session.session_id, "visitor_id": session.visitor_id}
        where = "" if website.website_id == own else f" of {website.website_id}"
        for title, ids in {
            f"the session{where} of another visitor": mine | {"session_id": theirs["session_id"]},
            f"the visitor{where} of another session": mine | {"visitor_id": theirs["visitor_id"]},
            f"session and visitor{where}": theirs,
        }.items():
            if (ids["session_id"], ids["visitor_id"]) not in builder.known.events(builder.website.website_id):
                yield Case("match.together", title, builder.call(ids))
    yield from _misplaced(builder, mine)


def _misplaced(builder: RequestBuilder, mine: Mapping[str, str]) -> Iterator[Case]:
    session, visitor, website = mine["session_id"], mine["visitor_id"], builder.website.website_id
    for title, ids in {
        "session and visitor swapped": {"session_id": visitor, "visitor_id": session},
        "the session's id in both": {"session_id": session, "visitor_id": session},
        "the visitor's id in both": {"session_id": visitor, "visitor_id": visitor},
        "the website's id as session": {"session_id": website, "visitor_id": visitor},
        "the website's id as visitor": {"session_id": session, "visitor_id": website},
        "session and visitor joined": {"session_id": f"{session}:{visitor}", "visitor_id": visitor},
        "the border between the ids moved": {"session_id": session + visitor[:1], "visitor_id": visitor[1:]},
        "the border moved the other way": {"session_id": session[:-1], "visitor_id": session[-1:] + visitor},
    }.items():
        if (ids["session_id"], ids["visitor_id"]) not in builder.known.events(website):
            yield Case("match.together", title, builder.call(ids))


def exact(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `match.exact`: near-miss variants of each id."""
    if builder.session is None:
        return
    known = {
        "session_id": builder.session.session_id,
        "visitor_id": builder.session.visitor_id,
        "website_id": builder.website.website_id,
    }
    for name, value in known.items():
        taken = builder.known.all_of(name)
        yield from (
            Case("match.exact", f"{name}: {title}", builder.call({name: near}))
            for title, near in (near_misses(value) | _marked(value)).items()
            if near not in taken
        )
    for title in ("in capitals", "without its last letter", "and a letter", "and a space", "a space before it"):
        ids = {name: near_misses(known[name])[title] for name in _EVENT_IDS}
        yield Case("match.exact", f"both ids: {title}", builder.call(ids))
    for name in _EVENT_IDS:
        for website in builder.known.asked_about:
            for session in website.sessions:
                near = getattr(session, name) + "," + known[name]
                yield Case("match.exact", f"{name}: a list of two", builder.call({name: near}))


def _marked(value: str) -> dict[str, str]:
    marks = punctuation + _SPACES
    return {f"{mark!r} after it": value + mark for mark in marks} | {
        f"{mark!r} before it": mark + value for mark in marks
    }


def near_misses(value: str) -> dict[str, str]:
    """Near-miss variants of an id, by the name of the change."""
    middle, raw = len(value) // 2, value.encode("utf-8", "surrogatepass")
    return {
        "in capitals": value.upper(), "in small letters": value.lower(), "case swapped": value.swapcase(), "as a title": value.title(),
        "first letter in another case": value[:1].swapcase() + value[1:], "last letter in another case": value[:-1] + value[-1:].swapcase(),
        "without its last letter": value[:-1], "without its first letter": value[1:], "without its last three": value[:-3],
        "its first half": value[:middle], "its second half": value[middle:], "its first letter": value[:1], "its last letter": value[-1:],
        "its first four": value[:4], "its last four": value[-4:], "without its prefix": value.split("_", 1)[-1], "its last word": value.rsplit("_", 1)[-1],
        "and a letter": value + "x", "and a digit": value + "1", "and a zero": value + "0", "a letter before it": "x" + value,
        "a zero before it": "0" + value, "and 32 letters": value + "x" * 32, "and 200 letters": value + "x" * 200, "twice": value + value,
        "backwards": value[::-1], "another last letter": value[:-1] + _other(value[-1:]), "another first letter": _other(value[:1]) + value[1:],
        "another letter in the middle": value[:middle] + _other(value[middle : middle + 1]) + value[middle + 1 :],
        "another last but one": value[:-2] + _other(value[-2:-1]) + value[-1:],
        "two letters swapped": value[: middle - 1] + value[middle : middle + 1] + value[middle - 1 : middle] + value[middle + 1 :],
        "letters sorted": "".join(sorted(value)), "a letter doubled": value[:middle] + value[middle - 1 :],
        "and a space": value + " ", "a space before it": " " + value, "spaces around it": f"  {value}  ", "and a tab": value + "\t",
        "and a line end": value + "\n", "a line end before it": "\n" + value, "and CRLF": value + "\r\n", "a space in it": f"{value[:middle]} {value[middle:]}",
        "and a no-break space": value + "\u00a0", "and a zero-width space": value + "\u200b", "a zero-width space in it": f"{value[:middle]}\u200b{value[middle:]}",
        "a byte order mark before it": "\ufeff" + value, "and a soft hyphen": value + "\u00ad", "and NUL": value + "\x00", "and NUL and more": value + "\x00x",
        "full-width letters": full_width(value), "a homoglyph": value.replace("e", "\u0435").replace("a", "\u0430").replace("o", "\u043e"),
        "a combining mark": unicodedata.normalize("NFD", value + "\u0301"), "a long s": value.replace("s", "\u017f", 1), "a Kelvin sign": value.replace("k", "\u212a", 1),
        "a dotless i": value.replace("i", "\u0131", 1), "an accent": value.replace("e", "\u00e9", 1).replace("a", "\u00e1", 1),
        "and %": value + "%", "% for its end": value[:-1] + "%", "% for its start": "%" + value[1:], "% around it": f"%{value}%", "_ for its last letter": value[:-1] + "_",
        "_ for its first letter": "_" + value[1:], "and *": value + "*", "* for its end": value[:middle] + "*", "? for its last letter": value[:-1] + "?",
        ". for its last letter": value[:-1] + ".", ".* for its end": value[:middle] + ".*", "as a pattern": f"^{value}$", "as alternatives": f"{value}|x",
        "as a class": f"[{value[:1]}]{value[1:]}", "and .*": value + ".*", "a pattern before it": ".*" + value,
        "in double quotes": f'"{value}"', "in single quotes": f"'{value}'", "in brackets": f"[{value}]", "in braces": f"{{{value}}}",
        "and a comma": value + ",", "a comma before it": "," + value, "and a semicolon": value + ";", "and a slash": value + "/", "a slash before it": "/" + value,
        "and a dot": value + ".", "and a hash": value + "#", "and a query": value + "?x=1", "and an ampersand": value + "&x=1", "and a colon": value + ":1",
        "in URL form": "".join(f"%{ord(letter):02X}" for letter in value[:40]), "its first letter in URL form": f"%{ord(value[0]):02X}{value[1:]}",
        "its first letter as an entity": f"&#{ord(value[0])};{value[1:]}", "its first letter escaped": f"\\u{ord(value[0]):04x}{value[1:]}",
        "hyphens for underscores": value.replace("_", "-"), "without underscores": value.replace("_", ""), "spaces for underscores": value.replace("_", " "),
        "underscores doubled": value.replace("_", "__"), "an underscore before it": "_" + value, "and an underscore": value + "_", "a hyphen before it": "-" + value,
        "an SQL comment": f"{value}'--", "an SQL condition": f"{value}' OR '1'='1", "as an address": f"https://{value}", "as a page": f"http://{value}/", "as a host": f"www.{value}", "a path": f"../{value}", "a path and back": f"x/../{value}",
        "a zero before its number": re.sub(r"(?<!\d)(?=\d)", "0", value), "without leading zeros": re.sub(r"(?<!\d)0+(?=\d)", "", value),
        "a number sign": value.lstrip("abcdefghijklmnopqrstuvwxyz_") or "9", "in base64": base64.b64encode(raw).decode(), "in base64 without its padding": base64.b64encode(raw).decode().rstrip("="),
        "in hexadecimal": raw.hex(), "with a check sum": f"{value}.{zlib.crc32(raw):08x}", "without punctuation": "".join(filter(str.isalnum, value)), **parts(value),
    }  # fmt: skip


def _other(letter: str) -> str:
    return "x" if letter != "x" else "y"
