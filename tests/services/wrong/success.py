"""A success with another status or another body."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.services.service import MESSAGE, Service
from tests.services.wrong.table import patched, wrong


def _success(
    clause_id: str, name: str, status: int, payload: bytes, content_type: str = "application/json", **headers: str
) -> None:
    patched(clause_id, name, success=lambda s, st: (status, payload, {"content-type": content_type, **headers}))


_GOOD = json.dumps({"message": MESSAGE}).encode()
_success("success.status", "Created", 201, _GOOD)
_success("success.status", "Accepted", 202, _GOOD)
_success("success.status", "NoContent", 204, b"")
_success("success.body", "AnotherMessage", 200, b'{"message": "Payment attributed."}')
_success("success.body", "NoFullStop", 200, b'{"message": "Payment event attributed successfully"}')
_success("success.body", "MessageInCapitals", 200, _GOOD.upper())
_success("success.body", "ASpaceMore", 200, b'{"message": "Payment event attributed successfully. "}')
_success("success.body", "Wrapped", 200, b'{"data": {"message": "Payment event attributed successfully."}}')
_success("success.body", "AnotherName", 200, b'{"msg": "Payment event attributed successfully."}')
_success("success.body", "AnEmptyBody", 200, b"")
_success("success.body", "JustTheText", 200, MESSAGE.encode(), "text/plain")
_success("success.body", "JustAString", 200, json.dumps(MESSAGE).encode())
_success("success.body", "AListAround", 200, b"[" + _GOOD + b"]")
_success("success.body", "AsText", 200, _GOOD, "text/plain")
_success("success.body", "AsHtml", 200, _GOOD, "text/html; charset=utf-8")
_success("success.body", "NoContentType", 200, _GOOD, "")
_success("success.body", "SingleQuotedSuccess", 200, _GOOD.replace(b'"', b"'"))
_success("success.body", "CutSuccess", 200, _GOOD[:-1])
_success("success.body", "MessageIsAList", 200, b'{"message": ["Payment event attributed successfully."]}')
_success("success.body", "GarbageAfter", 200, _GOOD + b"<!-- -->")
_success("success.body", "OnlyOk", 200, b"OK", "text/plain")
patched(
    "success.body",
    "TheSecondTimeAnotherMessage",
    success=lambda s, st: (
        200,
        _GOOD if s.payments.count(st["body"]) == 1 else b'{"message": "Already attributed."}',
        {"content-type": "application/json"},
    ),
)
patched(
    "success.body",
    "OnceInFiftyAnotherBody",
    success=lambda s, st: (200, _GOOD if len(s.payments) % 50 else b"{}", {"content-type": "application/json"}),
)


@wrong("success.body")
class HtmlForBrowsers(Service):
    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        status, payload, headers = super().success(state)
        return status, payload, {"content-type": "text/html"} if state["request"].header("origin") else headers


_success("success.body", "CompressedUnasked", 200, gzip.compress(_GOOD), **{"content-encoding": "gzip"})
