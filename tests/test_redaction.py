"""What may be shown to whom: secrets by value in every form, and by kind."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import LAMPS_TOKEN, TOKEN
from trackfox_mock import Redactor, Website, World, fingerprint
from trackfox_mock.redaction.escapes import unescaped

ODD = "schlüssel-🔑-of-the-%41-door"
REDACTOR = Redactor.of([Website("web", LAMPS_TOKEN, "", ()), Website("odd", ODD, "", ())])


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04X}" for letter in text)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "percent-encoded": percent,
    "percent-encoded in capitals": lambda text: percent(text).upper(),
    "percent-encoded in part": lambda text: percent(text[:9]) + text[9:],
    "percent-encoded thrice": lambda text: percent(text).replace("%", "%2525"),
    "with JSON's escapes": escaped,
    "with JSON's escapes, percent-encoded": lambda text: escaped(text).replace("\\", "%5C"),
    "in JSON inside JSON": lambda text: json.dumps(json.dumps(escaped(text))),
    "as HTML entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "in base64": in_base64,
    "in base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "in base64 at another letter": lambda text: "k" + in_base64(f"é{text}"),
    "in base64 at one more": lambda text: in_base64(f":{text}~").rstrip("="),
    "in base64, percent-encoded": lambda text: percent(in_base64(f"user:{text}")),
    "in base64 in base64": lambda text: in_base64(in_base64(text)),
    "with escapes, in base64": lambda text: in_base64(escaped(text)),
    "in hexadecimal digits": lambda text: text.encode().hex(),
}

KINDS = {
    "a token of TrackFox's": "tf_live_nobody_0aB1cD2eF3",
    "a token of TrackFox's without a word": "tf_9f86d081884c7d659a2feaa0",
    "a key of Stripe": "sk_live_51HxQ2eZvKYlo2C",
    "a webhook secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "a key of Paddle": "pdl_live_apikey_01gtgztp8f4kek3yd4g1wrksa3",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "an address": "ada.lovelace@analytical-engines.example",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("around", ["", "-", "a value: ", '"', "käse=", "%"])
def test_a_known_token_is_found_in_every_form(encoding: str, around: str) -> None:
    shown = REDACTOR.text(around + ENCODINGS[encoding](LAMPS_TOKEN) + around)
    assert fingerprint(LAMPS_TOKEN)[-7:] in shown or "capitals" in encoding
    assert not leaks(shown, LAMPS_TOKEN)


def test_a_token_shorter_than_eight_bytes_is_nobodys_secret() -> None:
    redactor = Redactor.of([Website("short", "seven_b", "", ()), Website("long", "eight_by", "", ())])
    assert redactor.text("seven_b or eight_by?") == f"seven_b or {fingerprint('eight_by')}?"


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "in JSON inside JSON"])
def test_a_token_of_other_letters_is_found_too(encoding: str) -> None:
    assert "…#" in REDACTOR.text(ENCODINGS[encoding](ODD)) or encoding in ODD_ONES_OUT


ODD_ONES_OUT = ("in capitals", "with JSON's escapes", "with JSON's escapes, percent-encoded", "with escapes, in base64")
"""`ord` of a key is no `\\u` of four digits, and capitals of other letters than A to Z are other bytes."""


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "in capitals"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_looks_like_a_secret_is_hidden_in_every_form(kind: str, encoding: str) -> None:
    shown = REDACTOR.text(f"note={ENCODINGS[encoding](KINDS[kind])}&x=1")
    assert not leaks(shown, KINDS[kind])


@given(
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from([LAMPS_TOKEN, *KINDS.values()]),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_no_text_around_a_secret_keeps_it_from_being_found(encoding: str, secret: str, before: str, after: str) -> None:
    # A letter right beside may belong to the word, and then it is another one.
    shown = REDACTOR.text(f"{before} {ENCODINGS[encoding](secret)} {after}")
    assert encoding == "in capitals" or not leaks(shown, secret)


@given(st.text(), st.integers(0, 40))
def test_any_text_can_be_redacted_and_twice_is_like_once(text: str, at: int) -> None:
    once = REDACTOR.text(text[:at] + LAMPS_TOKEN + text[at:])
    assert REDACTOR.text(once) == once


@given(st.text())
def test_undoing_escapes_keeps_the_places(text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    view, origin = unescaped(content)
    assert len(origin) == len(view) + 1
    assert list(origin) == sorted(origin)
    assert origin[-1] == len(content)


@pytest.mark.parametrize("encoding", ["as it is", "percent-encoded", "with JSON's escapes", "in base64"])
@pytest.mark.parametrize("mark", ["", "…", '…"'])
def test_the_beginning_of_a_known_token_is_hidden_where_a_text_was_cut(encoding: str, mark: str) -> None:
    whole = f"came {ENCODINGS[encoding](LAMPS_TOKEN)}"
    for end in range(len(whole)):
        assert not leaks(REDACTOR.text(whole[:end] + mark), LAMPS_TOKEN), whole[:end]


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "in capitals"])
def test_an_address_is_hidden_wherever_a_text_was_cut(encoding: str) -> None:
    address = KINDS["an address"]
    whole = f"came {ENCODINGS[encoding](address)}"
    for end in range(len(whole)):
        assert not leaks(REDACTOR.text(whole[:end]), address), whole[:end]


@pytest.mark.parametrize(
    "text",
    [
        "tf_session_id",
        "tf_your_own_session_id_here",
        "ses_lumen_ada_1 of vis_ada_77b0 on web_lumen_lamps",
        "the token came without Bearer before it; expected Authorization: Bearer <token>: put Bearer and a space",
        "api_token=${TRACKFOX_API_TOKEN}",
        "token=undefined",
        "Basic credentials, bearer of good news",
        "/api/v1/attribute-payment?x=1&y=%41",
        "a price of 5 @ 3",
        "application/json; charset=utf-8",
        "ntf_01jd2k5m8q9r0s1t2v3w4x5y6z",
        "c…@example.com and tf_…#9f86d0",
        base64.b64encode(b"12345678 x@yz").decode(),
    ],
)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter22&x=1", f"password={fingerprint('hunter22')}&x=1"),
        ('{"client_secret": "open sesame"}', f'{{"client_secret": "{fingerprint("open sesame")}"}}'),
        (f"Basic {in_base64('ada:lovelace')}", f"Basic {fingerprint(in_base64('ada:lovelace'))}"),
        ("Bearer 0123456789abcdef", f"Bearer {fingerprint('0123456789abcdef')}"),
        ('"ada lovelace"@example.com', "a…@example.com"),
        ("ada%40example.com", "a…@example.com"),
        (f"ada@{LAMPS_TOKEN}.example", f"{fingerprint(LAMPS_TOKEN)}"),
    ],
)
def test_what_is_shown_instead_tells_two_apart(text: str, shown: str) -> None:
    assert REDACTOR.text(text) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("user-agent", "curl/8.5.0", "curl/8.5.0"),
        ("user-agent", f"curl/{TOKEN}", f"curl/{TOKEN}"),
        ("user-agent", f"curl/{LAMPS_TOKEN}", f"curl/{fingerprint(LAMPS_TOKEN)}"),
        ("x-api-key", "abc", fingerprint("abc")),
        ("cookie", "sid=1; theme=dark", fingerprint("sid=1; theme=dark")),
        ("x-anything", "", ""),
        ("authorization", f"Bearer {LAMPS_TOKEN}", f"Bearer {fingerprint(LAMPS_TOKEN)}"),
        ("authorization", "opensesame and more", fingerprint("opensesame and more")),
        ("proxy-authorization", "Basic YTpi", f"Basic {fingerprint('YTpi')}"),
    ],
)
def test_a_header_field_is_hidden_unless_it_is_known_to_be_harmless(name: str, value: str, shown: str) -> None:
    assert REDACTOR.header(name, value) == shown


def test_the_names_in_data_are_redacted_like_the_values() -> None:
    given = {"ada@example.com": [{LAMPS_TOKEN: 1}]}
    assert REDACTOR.data(given) == {"a…@example.com": [{fingerprint(LAMPS_TOKEN): 1}]}


def test_a_text_full_of_secrets_is_not_shown_at_all() -> None:
    assert REDACTOR.text("a@b " * 1001) == "… (4,004 characters, which hold more than 1,000 secrets)"


def test_many_tokens_that_begin_differently_are_found_as_well() -> None:
    websites = [Website(f"web_{n}", f"{chr(97 + n % 26)}{n:03d}-token-of-a-shop", "", ()) for n in range(100)]
    redactor = Redactor.of(websites)
    assert "…#" in redactor.text(f"x{in_base64(websites[42].api_token)}")


def leaks(shown: str, secret: str) -> bool:
    """Whether a secret, or all of it but its end, can still be read out of a text."""
    plain = unescaped(shown.encode())[0].decode("utf-8", "replace")
    views = [shown, plain, *_in_hexadecimal(plain)]
    for run in re.findall(r"[A-Za-z0-9+/]{8,}", plain.replace("-", "+").replace("_", "/")):
        for letters in (run[shift:] for shift in range(4)):
            whole = letters[: len(letters) - (len(letters) % 4 == 1)]
            views.append(base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace"))
    part = secret[: max(12, len(secret) * 2 // 3)]
    return any(part.lower() in view.lower() for view in views)


def _in_hexadecimal(text: str) -> Iterator[str]:
    for run in re.findall(r"[0-9A-Fa-f]{16,}", text):
        for digits in (run, run[1:]):
            yield bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", "replace")


def test_a_token_is_hidden_from_the_moment_it_is_known_and_an_id_is_shown() -> None:
    world = World()
    redactor = Redactor(world)
    assert redactor.text("open-sesame-0815") == "open-sesame-0815"
    world.administration.add_website({"website_id": "cave", "api_token": "open-sesame-0815", "sessions": []})
    assert redactor.text("open-sesame-0815") == fingerprint("open-sesame-0815")
    assert redactor.text("tf_ses_0123456789abcdef") != "tf_ses_0123456789abcdef"
    world.administration.add_session("cave", {"session_id": "tf_ses_0123456789abcdef", "visitor_id": "v"})
    assert redactor.text("tf_ses_0123456789abcdef") == "tf_ses_0123456789abcdef"
