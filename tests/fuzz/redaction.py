"""Secrets in a text, written in many ways, with anything around them: none comes out, and it takes little time."""

from __future__ import annotations

import time

from tests.conftest import LAMPS_TOKEN
from tests.fuzz.reading import is_one_in, text_of
from tests.test_redaction import ENCODINGS, KINDS, REDACTOR, leaks
from trackfox_mock.redaction.escapes import unescaped

_SECRETS = (LAMPS_TOKEN, *KINDS.values())
_FORMS = [name for name in ENCODINGS if name != "in capitals"]
_AT_MOST = 5.0  # seconds of processor time for 32 KiB, which take some fifty milliseconds
_LARGE = 32 * 1024


def secrets(data: bytes) -> None:
    """A secret with any text around it: the first two bytes say which, and how it is written."""
    if len(data) < 2:
        return
    secret = _SECRETS[data[0] % len(_SECRETS)]
    written = ENCODINGS[_FORMS[data[1] % len(_FORMS)]](secret)
    before, _, after = text_of(data[2:]).partition("\n")
    if leaks(f"{before} {after}", secret):
        return
    # A letter right beside may belong to the word, and then it is another one.
    shown = REDACTOR.text(f"{before} {written} {after}")
    assert not leaks(shown, secret), shown


def texts(data: bytes) -> None:
    """Any text can be redacted, no known token is left in it, and it takes a time that grows with its length."""
    text = text_of(data)
    assert not leaks(REDACTOR.text(text), LAMPS_TOKEN)
    content = text.encode()
    view, origin = unescaped(content)
    assert len(origin) == len(view) + 1
    assert list(origin) == sorted(origin)
    if is_one_in(64, data):
        began = time.process_time()
        REDACTOR.text((text * (_LARGE // (len(text) or 1) + 1))[:_LARGE])
        assert time.process_time() - began < _AT_MOST
