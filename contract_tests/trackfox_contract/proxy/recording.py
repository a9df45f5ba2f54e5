"""What passed, as files to replay it by: websites and sessions, readings with their evidence, and the exchanges."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from trackfox_contract.proxy.learner import Learner
from trackfox_contract.request.call import Call
from trackfox_mock import SILENCES, AddressKind, Redactor, Reply, Request, TrackfoxMockError, Website, classify_address

FIXTURES, READINGS, HAR = "websites.yaml", "readings.yaml", "exchanges.har"
_MOST = 10_000
_ADDRESS = re.compile(r"""[^\s"'<>,;:@{}\[\]\\]+@[^\s"'<>,;:@{}\[\]\\]+""")
_LETTER = re.compile(r"[^\W_]")
_SENT = frozenset(
    {"authorization", "content-type", "accept", "content-encoding", "origin", "referer", "transfer-encoding"}
)
_CAME = frozenset({"content-type", "content-encoding", "retry-after", "www-authenticate", "location"})


class _Exchange(NamedTuple):
    at: float
    request: Request
    call: Call
    reply: Reply


class Recording:
    """Keeps what passed, 10,000 exchanges at most.

    Args:
        websites: those that are known; their tokens become variables.
        emails: whether e-mail addresses are written as they are.
    """

    def __init__(self, websites: Sequence[Website], *, emails: bool = False) -> None:
        self._websites = {website.website_id: website for website in websites}
        names = ["TRACKFOX_API_TOKEN", *(f"TRACKFOX_API_TOKEN_{number}" for number in range(2, len(websites) + 2))]
        self.variables: Mapping[str, str] = {
            website.api_token: website.token_variable or name for website, name in zip(websites, names, strict=False)
        }
        self._redactor = Redactor.of(websites, emails=True)
        self._emails = emails
        self._exchanges: list[_Exchange] = []
        self._sessions: dict[str, dict[str, dict[str, str]]] = {}
        self.left_out = 0

    def __call__(self, request: Request, call: Call, reply: Reply) -> None:
        """Keep one exchange."""
        if len(self._exchanges) >= _MOST:
            self.left_out += 1
            return
        self._exchanges.append(_Exchange(time.time(), request, call, reply))
        if 200 <= reply.status < 300:
            self._matched(request.body)

    def _matched(self, body: bytes) -> None:
        try:
            ids = json.loads(body)
            website_id, session_id, visitor_id = (str(ids[f"{name}_id"]) for name in ("website", "session", "visitor"))
        except (ValueError, LookupError, TypeError):
            return
        session = {"session_id": session_id, "visitor_id": visitor_id}
        self._sessions.setdefault(website_id, {})[f"{session_id}\0{visitor_id}"] = session

    def write(self, folder: Path, learner: Learner) -> None:
        """Write the files.

        Raises:
            TrackfoxMockError: the folder cannot be written to.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / FIXTURES).write_text(self._fixtures(), encoding="utf-8")
            (folder / READINGS).write_text(_readings(learner), encoding="utf-8")
            (folder / HAR).write_text(json.dumps(self._har(), indent=1), encoding="utf-8")
        except OSError as problem:
            raise TrackfoxMockError(
                f"{folder} cannot be written: {problem.strerror}; choose another --record."
            ) from None

    def _fixtures(self) -> str:
        websites = [
            {
                "website_id": website_id,
                "api_token": f"${{{self.variables[website.api_token]}}}",
                "sessions": list(self._sessions.get(website_id, {}).values()),
            }
            for website_id, website in self._websites.items()
        ]
        text: str = yaml.safe_dump({"websites": websites}, sort_keys=False, allow_unicode=True)
        return f"# The websites that were known, with the sessions that were matched; tokens are variables.\n{text}"

    def _har(self) -> dict[str, Any]:
        creator = {"name": "trackfox-mock proxy", "version": "1"}
        return {"log": {"version": "1.2", "creator": creator, "entries": [self._entry(one) for one in self._exchanges]}}

    def _entry(self, exchange: _Exchange) -> dict[str, Any]:
        request, reply = exchange.request, exchange.reply
        body = self._hidden(request.body.decode("utf-8", "surrogateescape"))
        # A header field has no room for our ellipsis.
        sent = [
            (name.lower(), self._hidden(value).replace("…", "..."))
            for name, value in exchange.call.headers
            if name.lower() in _SENT
        ]
        fields = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in reply.headers]
        came = [(name, self._hidden(value)) for name, value in fields if name in _CAME]
        text = self._hidden(reply.body.decode("utf-8", "surrogateescape"))
        return {
            "startedDateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(exchange.at)),
            "time": 0,
            "request": {
                "method": request.method,
                "url": self._hidden(f"https://trackfox.invalid{exchange.call.target}"),
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": _pairs(sent),
                "queryString": [],
                "postData": {"mimeType": dict(sent).get("content-type", ""), "text": body},
                "headersSize": -1,
                "bodySize": len(request.body),
            },
            "response": {
                "status": reply.status,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": _pairs(came),
                "content": {"size": len(reply.body), "mimeType": dict(came).get("content-type", ""), "text": text},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": len(reply.body),
            },
            "cache": {},
            "timings": {"send": 0, "wait": 0, "receive": 0},
        }

    def _hidden(self, text: str) -> str:
        """A text with variables for tokens, without other secrets, and with e-mail addresses of the same kind."""
        for token, name in self.variables.items():
            text = text.replace(token, f"${{{name}}}")
        if not self._emails:
            text = _ADDRESS.sub(lambda found: masked(found[0]), _plain(text))
        return self._redactor.text(text)


def masked(address: str) -> str:
    """An address of the same kind that says nothing: the same one for the same address."""
    if classify_address(address).kind is AddressKind.PLAIN:
        return f"masked-{hashlib.sha256(address.encode()).hexdigest()[:8]}@example.com"
    return _LETTER.sub("x", address)


def _plain(text: str) -> str:
    """JSON that hides an address in escapes, written without them; all other text as it is."""
    if "\\" not in text:
        return text
    try:
        document = json.loads(text)
    except ValueError:
        return text
    email = document.get("email") if isinstance(document, dict) else None
    return json.dumps(document, ensure_ascii=False) if isinstance(email, str) and email not in text else text


def _pairs(fields: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in fields]


def _readings(learner: Learner) -> str:
    lines = ["# How the service read the document's silences, as far as what passed shows it.", "readings:"]
    for silence in SILENCES:
        value = learner.learnt.get(silence)
        if value is None:
            lines.append(f"  # {silence}: nothing that passed shows it; {SILENCES[silence].default} is assumed")
        else:
            seen = {"value": value, "provenance": "observed", "note": learner.evidence[silence]}
            lines.append(f"  {silence}: {json.dumps(seen)}")
    return "\n".join([*lines, ""] if learner.learnt else [lines[0], "readings: {}", *lines[2:], ""])
