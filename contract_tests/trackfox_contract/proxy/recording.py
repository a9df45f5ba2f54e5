"""What passed, as files to replay it by: websites and sessions, readings with their evidence, and the exchanges."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from collections import deque
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
    """Keeps what passed, 10,000 exchanges at most; one thread may show it more while another writes.

    Args:
        folder: where the files are written.
        websites: those that are known; their tokens become variables.
        learner: knows how the silences were read.
        emails: whether e-mail addresses are written as they are.
    """

    def __init__(self, folder: Path, websites: Sequence[Website], learner: Learner, *, emails: bool = False) -> None:
        self.folder = folder
        self._learner = learner
        self._websites = {website.website_id: website for website in websites}
        names = ["TRACKFOX_API_TOKEN", *(f"TRACKFOX_API_TOKEN_{number}" for number in range(2, len(websites) + 2))]
        self.variables: Mapping[str, str] = {
            website.api_token: website.token_variable or name for website, name in zip(websites, names, strict=False)
        }
        self._redactor = Redactor.of(websites, emails=True)
        self._emails = emails
        self._waiting: deque[_Exchange] = deque()
        self._entries: list[str] = []
        self._sessions: dict[str, dict[tuple[str, str], str]] = {}
        self._came, self._written = 0, -1

    def __call__(self, request: Request, call: Call, reply: Reply) -> None:
        """Keep one exchange, for the next time that the files are written."""
        self._came += 1
        if self._came <= _MOST:
            self._waiting.append(_Exchange(time.time(), request, call, reply))

    @property
    def left_out(self) -> int:
        """How many exchanges came that are not kept."""
        return max(0, self._came - _MOST)

    def _take_in(self) -> None:
        while self._waiting:
            exchange = self._waiting.popleft()
            self._entries.append(json.dumps(self._entry(exchange)))
            if 200 <= exchange.reply.status < 300:
                self._matched(exchange.request.body)

    def _matched(self, body: bytes) -> None:
        try:
            ids = json.loads(body)
            website_id, session_id, visitor_id = (str(ids[f"{name}_id"]) for name in ("website", "session", "visitor"))
        except (ValueError, LookupError, TypeError):
            return
        session = {"session_id": session_id, "visitor_id": visitor_id}
        self._sessions.setdefault(website_id, {})[session_id, visitor_id] = _on_a_line(session)

    def write(self) -> None:
        """Write the files; who looks at one, whenever that is, finds it whole. Where nothing came, nothing is written.

        Raises:
            TrackfoxMockError: the folder cannot be written to.
        """
        came = self._came
        if came == self._written:
            return
        self._take_in()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _put(self.folder / FIXTURES, self._fixtures())
            _put(self.folder / READINGS, _readings(self._learner))
            _put(self.folder / HAR, self._har())
        except OSError as problem:
            raise TrackfoxMockError(
                f"{self.folder} cannot be written: {problem.strerror}; choose another --record."
            ) from None
        self._written = came

    def _fixtures(self) -> str:
        lines = [
            "# The websites that were known, with the sessions that were matched; tokens are variables.",
            "websites:",
        ]
        for website_id, website in self._websites.items():
            token = f"${{{self.variables[website.api_token]}}}"
            sessions = self._sessions.get(website_id, {}).values()
            lines.append(f"- website_id: {_on_a_line(website_id)}")
            lines.append(f"  api_token: {_on_a_line(token)}")
            lines.append("  sessions:" if sessions else "  sessions: []")
            lines += [f"  - {session}" for session in sessions]
        return "\n".join([*lines, ""])

    def _har(self) -> str:
        entries = ",\n".join(self._entries)
        creator = json.dumps({"name": "trackfox-mock proxy", "version": "1"})
        return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n{entries}\n]}}}}\n'

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


def _on_a_line(value: Any) -> str:
    """A value as YAML that fits on a line."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=sys.maxsize)
    return text.removesuffix("\n").removesuffix("\n...")


def _put(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


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
