"""Clauses `auth.*`: no header, no bearer token in it, a near-miss variant of the token, another website's token."""

from __future__ import annotations

import base64
from dataclasses import replace
from string import punctuation
from typing import TYPE_CHECKING
from urllib.parse import quote

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table.case import Case
from trackfox_contract.request.call import basic
from trackfox_contract.request.mutations import full_width, parts
from trackfox_contract.wire.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackfox_contract.wire.transport import Outcome

_NAMES = (
    "token",
    "api_token",
    "access_token",
    "api_key",
    "apikey",
    "key",
    "auth",
    "authorization",
    "bearer",
    "apiToken",
)
_HEADERS = (
    "X-Api-Token",
    "X-Api-Key",
    "X-Auth-Token",
    "X-Access-Token",
    "X-Token",
    "Api-Token",
    "Api-Key",
    "Token",
    "Authentication",
)
_BEARER_HEADERS = (
    "X-Authorization",
    "Proxy-Authorization",
    "X-Forwarded-Authorization",
    "Authorization-Token",
    "X-Original-Authorization",
)
_OWNERS = ("", "x", "api", "access", "auth", "bearer", "secret", "private", "client", "website", "site", "tf", "trackfox", "user", "app", "account", "project",
           "session", "server", "service", "customer", "tenant", "jwt", "oauth", "id", "my", "request", "security", "public", "personal", "webhook")  # fmt: skip
_THINGS = (
    "token",
    "key",
    "secret",
    "auth",
    "authorization",
    "credential",
    "credentials",
    "password",
    "apikey",
    "bearer",
    "signature",
    "jwt",
    "id",
)


def _every_name() -> list[list[str]]:
    """Names that a token might go by, as lists of words; all of them are tried in one request."""
    return [
        [word for word in (owner, middle, thing) if word]
        for owner in _OWNERS
        for middle in ("", "api", "access")
        for thing in _THINGS
    ]


def _everywhere(builder: RequestBuilder) -> Iterator[Case]:
    """The token in hundreds of places at once, which is one request a place that a service might look at."""
    token, bare = builder.website.api_token, builder.authorized()
    snake = list(dict.fromkeys("_".join(words) for words in _every_name()))
    camel = list(dict.fromkeys(words[0] + "".join(word.title() for word in words[1:]) for words in _every_name()))
    kebab = list(dict.fromkeys("-".join(word.title() for word in words) for words in _every_name()))
    names = [name for name in dict.fromkeys((*snake, *camel, *kebab)) if name not in builder.document.fields]
    for value, form in ((token, "the token"), (f"Bearer {token}", "a bearer token")):
        quoted = quote(value)
        for start in range(0, len(names), 120):
            some = names[start : start + 120]
            query = "&".join(f"{name}={quoted}" for name in some)
            yield Case(
                "auth.missing",
                f"{form} in the query under {len(some)} names",
                replace(bare, target=f"{bare.target}?{query}"),
            )
        yield Case(
            "auth.missing",
            f"{form} in the body under {len(names)} names",
            builder.call(dict.fromkeys(names, value)).with_header("Authorization"),
        )
        for listed in (kebab, snake):
            headers = [name for name in listed if name.lower() != "authorization"]
            for prefix in ("", "X-"):
                for start in range(0, len(headers), 70):
                    more = tuple((prefix + name, value) for name in headers[start : start + 70])
                    yield Case(
                        "auth.missing", f"{form} in {len(more)} headers", replace(bare, headers=bare.headers + more)
                    )
        for start in range(0, len(names), 120):
            cookies = "; ".join(f"{name}={quoted}" for name in names[start : start + 120])
            yield Case(
                "auth.missing",
                f"{form} in {len(names[start : start + 120])} cookies",
                bare.with_header("Cookie", cookies),
            )


def missing(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `auth.missing`: no header at all, also when the token stands somewhere else."""
    token = builder.website.api_token
    bare = builder.authorized()
    yield Case("auth.missing", "no Authorization header", bare)
    yield Case("auth.missing", "no Authorization header, on a new connection", bare.on(fresh=True))
    for name in _NAMES:
        for value in dict.fromkeys((token, f"Bearer {token}")):
            form = "the token" if value == token else "a bearer token"
            target = f"{bare.target}?{name}={quote(value)}"
            yield Case("auth.missing", f"{form} in the query as {name!r}", replace(bare, target=target))
            yield Case(
                "auth.missing",
                f"{form} in the body as {name!r}",
                builder.call({name: value}).with_header("Authorization"),
            )
        yield Case("auth.missing", f"the token in the cookie {name!r}", bare.with_header("Cookie", f"{name}={token}"))
    yield from _everywhere(builder)
    for header in _HEADERS:
        yield Case("auth.missing", f"the token in {header}", bare.with_header(header, token))
    for header in _BEARER_HEADERS:
        yield Case("auth.missing", f"a bearer token in {header}", bare.with_header(header, f"Bearer {token}"))
    for header, value in (("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "10.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("Host-Override", "localhost"),
                          ("X-Internal", "true"), ("X-Debug", "1"), ("X-Admin", "true"), ("Origin", "https://trackfox.app"),
                          ("Referer", "https://trackfox.app/"), ("User-Agent", "TrackFox/1.0"), ("X-Test", "1")):  # fmt: skip
        yield Case("auth.missing", f"no Authorization header, but {header}: {value}", bare.with_header(header, value))


def handed_out(builder: RequestBuilder, outcome: Outcome) -> Iterator[Case]:
    """Clause `auth.missing`: what an answer hands out does not stand for the token, in a cookie or a header."""
    if isinstance(outcome, NoResponse):
        return
    bare = builder.authorized()
    cookies = [value.partition(";")[0] for name, value in outcome.headers if name == "set-cookie"]
    if cookies:
        yield Case("auth.missing", "the cookies of an answer", bare.with_header("Cookie", "; ".join(cookies)))
    for name, value in outcome.headers:
        if name.startswith("x-"):
            yield Case("auth.missing", f"the header {name} of an answer", bare.with_header(name.title(), value))


def malformed(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `auth.malformed`: whatever is not `Bearer` and one token."""
    for title, value in _malformed(builder.website.api_token, builder.website.website_id).items():
        yield Case("auth.malformed", title, builder.authorized(value))
    token = builder.website.api_token
    for mark in punctuation:
        for title, value in {
            f"{mark} for the space": f"Bearer{mark}{token}",
            f"{mark} before the space": f"Bearer{mark} {token}",
            f"{mark} and a space before the token": f"Bearer {mark} {token}",
            f"a space and {mark} after the token": f"Bearer {token} {mark}",
            f"{mark} before Bearer": f"{mark}Bearer {token}",
        }.items():
            yield Case("auth.malformed", title, builder.authorized(value))
        for title, value in {
            f"{mark} before the token": f"{mark}{token}",
            f"{mark} after the token": f"{token}{mark}",
        }.items():
            yield Case("auth.invalid", title, builder.authorized(f"Bearer {value}"))


def _malformed(token: str, website_id: str) -> Mapping[str, str]:
    encoded = base64.b64encode(token.encode()).decode()
    return {
        "an empty header": "",
        "Bearer alone": "Bearer",
        "Bearer and a space": "Bearer ",
        "Bearer and two spaces": "Bearer  ",
        "bearer alone in lower case": "bearer",
        "the bare token": token,
        "the token before Bearer": f"{token} Bearer",
        "no space after Bearer": f"Bearer{token}",
        "Bearer=": f"Bearer={token}",
        "Bearer:": f"Bearer:{token}",
        "Bearer: and a space": f"Bearer: {token}",
        "Bearer, and a comma": f"Bearer, {token}",
        "Bearer-": f"Bearer-{token}",
        "Bearer_": f"Bearer_{token}",
        "Bearer/": f"Bearer/{token}",
        "Bearers": f"Bearers {token}",
        "Bear": f"Bear {token}",
        "B": f"B {token}",
        "XBearer": f"XBearer {token}",
        "Bearer twice": f"Bearer Bearer {token}",
        "two tokens": f"Bearer {token} {token}",
        "a word after the token": f"Bearer {token} extra",
        "a word before the token": f"Bearer extra {token}",
        "a parameter": f"Bearer token {token}",
        "a realm": f'Bearer realm="api" {token}',
        "a space inside the token": f"Bearer {token[:3]} {token[3:]}",
        "Basic with the token": f"Basic {token}",
        "Basic, token as user": basic(token, ""),
        "Basic, token as password": basic("", token),
        "Basic, website and token": basic(website_id, token),
        "Basic, api and token": basic("api", token),
        "Basic in base64": f"Basic {encoded}",
        "Token": f"Token {token}",
        "token": f"token {token}",
        "Token token=": f"Token token={token}",
        "ApiKey": f"ApiKey {token}",
        "Api-Key": f"Api-Key {token}",
        "Key": f"Key {token}",
        "JWT": f"JWT {token}",
        "OAuth": f"OAuth {token}",
        "MAC": f"MAC {token}",
        "Digest": f"Digest {token}",
        "Negotiate": f"Negotiate {token}",
        "HMAC": f"HMAC {token}",
        "TrackFox": f"TrackFox {token}",
        "Secret": f"Secret {token}",
        "Access": f"Access {token}",
        "a Basic scheme before the bearer": f"Basic abc, Bearer {token}",
        "a bearer before a Basic scheme": f"Bearer {token}, Basic abc",
        "the whole header as value": f"Authorization: Bearer {token}",
    }


def invalid(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `auth.invalid`: unknown tokens, and near-miss variants of the right one."""
    for title, token in _near_tokens(builder).items():
        if token != builder.website.api_token:
            yield Case("auth.invalid", title, builder.authorized(f"Bearer {token}"))
    for title, value in {
        "not ASCII": "Bearer t\xf6ken",
        "not UTF-8": "Bearer \xff\xfe",
        "2,000 letters": f"Bearer {'a' * 2000}",
    }.items():
        yield Case("auth.invalid", f"a token that is {title}", builder.authorized(value))


def _near_tokens(builder: RequestBuilder) -> Mapping[str, str]:
    token, middle = builder.website.api_token, len(builder.website.api_token) // 2
    website = builder.website
    encoded = base64.b64encode(token.encode()).decode()
    tokens = {
        "a token that does not exist": builder.unknown("token"),
        "a token of the same length": ("x" * len(token)) if token != "x" * len(token) else "y" * len(token),
        "the token in capitals": token.upper(),
        "the token in small letters": token.lower(),
        "the token with its case swapped": token.swapcase(),
        "the last letter in another case": token[:-1] + token[-1:].swapcase(),
        "the first letter in another case": token[:1].swapcase() + token[1:],
        "the token without its last letter": token[:-1],
        "the token without its first letter": token[1:],
        "the first half of the token": token[:middle],
        "the second half of the token": token[middle:],
        "the first letter of the token": token[:1],
        "the first three letters of the token": token[:3],
        "the last letter of the token": token[-1:],
        "the first eight letters of the token": token[:8],
        "all but the last four letters": token[:-4],
        "the token and a letter": token + "x",
        "the token and a digit": token + "0",
        "a letter and the token": "x" + token,
        "the token twice": token + token,
        "the token and 64 letters": token + "x" * 64,
        "the token backwards": token[::-1],
        "another last letter": _other(token, len(token) - 1),
        "another first letter": _other(token, 0),
        "another letter in the middle": _other(token, middle),
        "two letters swapped": token[: middle - 1] + token[middle : middle + 1] + token[middle - 1 : middle] + token[middle + 1 :],
        "a wildcard %": "%",
        "a wildcard *": "*",
        "a pattern .*": ".*",
        "a pattern .+": ".+",
        "the token and %": token[:-1] + "%",
        "the token and *": token[:-1] + "*",
        "the token with a _ in it": token[:middle] + "_" + token[middle + 1 :],
        "the token with a . in it": token[:middle] + "." + token[middle + 1 :],
        "the token with a ? in it": token[:middle] + "?" + token[middle + 1 :],
        "the token without its underscores": token.replace("_", ""),
        "the token with hyphens": token.replace("_", "-"),
        "the token without its prefix": token.rsplit("_", 1)[-1],
        "the token in double quotes": f'"{token}"',
        "the token in single quotes": f"'{token}'",
        "the token in angle brackets": f"<{token}>",
        "the token in base64": encoded,
        "the token in URL form": "".join(f"%{ord(letter):02X}" for letter in token),
        "the token with its first letter in URL form": f"%{ord(token[0]):02X}{token[1:]}" if token else "",
        "token=": f"token={token}",
        "the token and a comma": f"{token},",
        "the token and a semicolon": f"{token};",
        "two tokens with a comma": f"{token},{builder.unknown('token')}",
        "an unknown token, then the token": f"{builder.unknown('token')},{token}",
        "the token and a dot": f"{token}.",
        "the token and a slash": f"{token}/",
        "the token as a JWT": f"{token}.{token}.{token}",
        "an SQL condition": "'OR'1'='1",
        "the token and an SQL comment": f"{token}'--",
        "null": "null", "undefined": "undefined", "none": "None", "true": "true", "zero": "0", "nan": "NaN", "empty quotes": '""',
        "braces": "{}", "brackets": "[]", "test": "test", "admin": "admin", "secret": "secret", "demo": "demo", "debug": "debug", "root": "root",
        "the word token": "token", "the word Bearer": "Bearer", "the word invalid": "invalid", "__proto__": "__proto__", "constructor": "constructor",
        "a test token": "tf_test", "a live token": "tf_live_", "the document's prefix": "tf_", "the document's token": "tf_your_api_token_here",
        "the website's id": website.website_id, "a template": "${TRACKFOX_API_TOKEN}",
        "a test token with the live token's end": token.replace("live", "test", 1),
    }  # fmt: skip
    tokens |= parts(token, "the token") | _in_other_letters(token)
    if builder.session is not None:
        tokens |= {"the session's id": builder.session.session_id, "the visitor's id": builder.session.visitor_id}
    known = set(builder.known.tokens().values())
    return {title: near for title, near in tokens.items() if near and near not in known}


def _in_other_letters(token: str) -> dict[str, str]:
    """The token in letters that some comparisons take for the same; a header is bytes, so UTF-8 is written as Latin-1."""
    accent = dict(zip("aeiounc", "\xe1\xe9\xed\xf3\xfa\xf1\xe7", strict=True))
    at = next((at for at, letter in enumerate(token) if letter in accent), None)
    accented = token[:at] + accent[token[at]] + token[at + 1 :] if at is not None else token + "\xe9"
    return {
        "the token with an accent": accented,
        **{
            title: text.encode().decode("latin-1")
            for title, text in {
                "the token with an accent in UTF-8": accented,
                "the token and a combining mark": token + "\u0301",
                "the token and a zero-width space": token + "\u200b",
                "a byte order mark and the token": "\ufeff" + token,
                "the token in full-width letters": full_width(token),
            }.items()
        },
    }


def _other(text: str, index: int) -> str:
    return text[:index] + ("x" if text[index] != "x" else "y") + text[index + 1 :]


def of_another_website(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `auth.website`: every other website's real token, with this website's ids and with its own."""
    for other in builder.known.asked_about:
        if other.website_id == builder.website.website_id or other.api_token == builder.website.api_token:
            continue
        foreign = f"Bearer {other.api_token}"
        yield Case("auth.website", f"the token of {other.website_id}", builder.authorized(foreign))
        yield Case(
            "auth.website",
            f"the token of {other.website_id}, on a new connection",
            builder.authorized(foreign).on(fresh=True),
        )
        for name in ("website", "site_id", "websiteId", "website_id_token"):
            call = builder.call({name: other.website_id}).with_header("Authorization", foreign)
            yield Case("auth.website", f"the token of {other.website_id}, named as {name!r} too", call)
        query = replace(
            builder.authorized(foreign), target=f"{builder.document.path}?website_id={quote(other.website_id)}"
        )
        yield Case("auth.website", f"the token of {other.website_id}, named in the query too", query)
        header = builder.authorized(foreign).with_header("X-Website-Id", other.website_id)
        yield Case("auth.website", f"the token of {other.website_id}, named in a header too", header)
        if builder.writes and other.sessions:
            session = other.sessions[0]
            theirs = {"session_id": session.session_id, "visitor_id": session.visitor_id}
            yield Case(
                "auth.website",
                f"the token and the ids of {other.website_id}",
                builder.call(theirs).with_header("Authorization", foreign),
            )
        for title, mixed in {
            "both tokens with a comma": f"{other.api_token},{builder.website.api_token}",
            "both tokens in one word": other.api_token + builder.website.api_token,
        }.items():
            yield Case("auth.invalid", title, builder.authorized(f"Bearer {mixed}"))
