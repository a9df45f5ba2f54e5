"""One operation of the document under one set of readings: compiled once, asked for every request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from trackfox_mock.document.lookalikes import LOST
from trackfox_mock.document.orders import gates_of
from trackfox_mock.document.readings import Readings
from trackfox_mock.document.schemas import is_email, is_integer, ordinary_amounts, validator
from trackfox_mock.document.spec import Api, Operation
from trackfox_mock.model import FIELDS, IDS, Headers, Reply, Request, Violation, phrase_of

if TYPE_CHECKING:
    import jsonschema_rs

MEBIBYTE = 1024 * 1024
LARGEST_BODY = 16 * MEBIBYTE
_BODY_LIMITS = {"read": LARGEST_BODY, "refused-413-beyond-100kB": 102_400, "refused-413-beyond-64KiB": 65_536}


class Service:
    """An operation of the document and `Readings`, made ready to decide with.

    Args:
        api: the operation: the payment's, which is the whole `Api`, or one of its `others`.
        readings: how the document's silences are read.

    `others` are, by path and method, the services of the other operations; empty in a document with one.
    """

    def __init__(self, api: Operation, readings: Readings) -> None:
        self.api = api
        self.others = _others(self, api, readings) if isinstance(api, Api) and api.others else {}
        self.readings = readings
        # A reading that is asked for on every request is looked up once, here.
        self.head_refusals = _head_refusals(readings)
        self.gates = gates_of(api, readings["order"], looks_at_head=bool(self.head_refusals))
        self.reads_any_content_type = readings["content-type"] == "read" and not readings.parts_of("content-type")
        self.duplicate_key = readings["duplicate-key"]
        self.ids_may_be_empty = readings["empty-id"] == "no-match"
        self.ids_may_be_odd = readings["odd-id"] == "looked-up"
        self.floats_may_be_integers = readings["integral-float"] == "accepted"
        self.any_scheme_case = readings["scheme-case"] == "any-case"
        self.token_is_trimmed = readings["token-space"] == "trimmed"
        self.unknown_website_status = int(readings["unknown-website"])
        self.which_event = -1 if readings["which-event"] == "latest" else 0  # of those that match, the earliest first
        self.merges_duplicates = readings["duplicate"] == "one-event"
        self.limits_rate = readings["rate-limit"] != "none"
        self.compresses = any(readings[key] == "gzip" for key in ("transport", *readings.parts_of("transport")))
        self.body_limit = _BODY_LIMITS.get(readings["too-large"], MEBIBYTE - 1)
        self.fields: Mapping[str, Any] = api.schema.get("properties", {})
        self.further = tuple(name for name in self.fields if name not in FIELDS)
        self.required = frozenset(api.schema.get("required", ()))
        self.integers = tuple(name for name in self.fields if is_integer(api.property_schema(name)))
        self.emails = frozenset(name for name in self.fields if is_email(api.property_schema(name)))
        self.placeholders = LOST | _example_ids(api)
        # For decision/ordinary.py: the amounts in cents of an ordinary request; None where no request is ordinary, as
        # these readings look at more than it does: what came before, more of the head, each id.
        looks_further = self.limits_rate or self.compresses or bool(self.head_refusals)
        has_doubts = looks_further or not (self.ids_may_be_odd and self.ids_may_be_empty)
        self.ordinary_amounts = None if has_doubts or not self.attributes else ordinary_amounts(api)
        self._replies: dict[tuple[int, str], Reply] = {}
        self.success = self._success()

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        """Made when a body is looked at more closely: that of an ordinary request never is."""
        return validator(self.api, self.readings)

    @property
    def attributes(self) -> bool:
        """Whether a success attributes a payment."""
        return isinstance(self.api, Api)

    def serving(self, request: Request) -> Service:
        """The service of the operation that a request is for; this one where no other is on its path."""
        methods = self.others.get(request.path)
        return self if methods is None else methods.get(request.method) or next(iter(methods.values()))

    def violations(self, document: Any) -> Iterator[Violation]:
        """Everything in a body that is against the schema. No value of the client's is in the messages."""
        try:
            errors = self._validator.iter_errors(document)
        except UnicodeEncodeError:
            errors = self._validator.iter_errors(without_half_characters(document))
        except ValueError:  # the validator copies what is wrong, and does not follow it down that far
            yield Violation(("body",), "depth", "The body is nested too deeply to say what is wrong with it.")
            return
        for error in errors:
            location = ["body", *error.instance_path]
            code = str(error.schema_path[-1]) if error.schema_path else "schema"
            if code == "required":
                location.append(error.kind.as_dict()["property"])
            yield Violation(tuple(location), code, error.message)

    def error(self, status: int, part: str = "") -> Reply:
        """The answer to a refused request, in the shape that `error-body` names.

        Args:
            status: its status.
            part: the part of the silences `error-body` and `transport` that it belongs to, where it is not its status.
        """
        reply = self._replies.get((status, part))
        if reply is None:
            reply = self._replies[status, part] = self._error(status, part or str(status))
        return reply

    def reply(self, status: int) -> Reply:
        """The answer of that status, whatever the request."""
        return self.success if status == self.success.status else self.error(status)

    def _success(self) -> Reply:
        extra = self.readings["success-extra"]
        example = self.api.success_example
        content_type = b"application/json"
        if extra == "extra-fields" and isinstance(example, dict):
            example = {**example, "success": True, "data": {"type": "payment"}}
        body = orjson.dumps(example)
        if extra == "indented":
            body = json.dumps(example, indent=2).encode()
        elif extra == "charset":
            content_type = b"application/json; charset=utf-8"
        return self._carried(self.api.success_status, self.readings["transport"], content_type, body)

    def _error(self, status: int, part: str) -> Reply:
        message = self.api.descriptions.get(status) or phrase_of(status)
        taken = self.readings[f"error-body.{part}"]
        content_type, body = _ERROR_BODIES.get(taken, _like(taken))(status, message)
        extra: list[tuple[bytes, bytes]] = []
        if status == 405:
            extra.append((b"allow", ", ".join(self.api.methods or (self.api.method,)).encode()))
        if status == 429 and self.readings["rate-limit"] == "retry-after":
            extra.append((b"retry-after", b"1"))
        if status in (204, 304):
            return Reply(status, tuple(extra), b"")
        return self._carried(status, self.readings[f"transport.{part}"], content_type, body, extra)

    def _carried(self, status: int, transport: str, content_type: bytes, body: bytes, extra: Headers = ()) -> Reply:
        headers = [*extra]
        if content_type:
            headers.insert(0, (b"content-type", content_type))
        if transport != "chunked":
            headers.append((b"content-length", b"%d" % len(body)))
        if transport == "close":
            headers.append((b"connection", b"close"))
        if transport == "title-case":
            headers = [(name.title(), value) for name, value in headers]
        return Reply(status, tuple(headers), body)


def _head_refusals(readings: Readings) -> Mapping[str, int]:
    """By silence the status that refuses what is in a head; empty by default."""
    silences = ("accept", "browser-fields", "chunked-request")
    refused = {silence: readings[silence].removeprefix("refused-") for silence in silences}
    return {silence: int(status) for silence, status in refused.items() if status.isdecimal()}


def _others(payment: Service, api: Api, readings: Readings) -> Mapping[str, Mapping[str, Service]]:
    others: dict[str, dict[str, Service]] = {}
    for operation in api.others:
        methods = others.setdefault(operation.path, {api.method: payment} if operation.path == api.path else {})
        methods[operation.method] = Service(operation, readings)
    return others


def without_half_characters(document: Any) -> Any:
    """JSON can hold lone surrogates, which no format can be asked about: they become replacement characters."""
    return json.loads(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))


def compressed(reply: Reply) -> Reply:
    """The same answer, with its body compressed."""
    if not reply.body:
        return reply
    from gzip import compress  # noqa: PLC0415 - few readings want it

    body = compress(reply.body, mtime=0)
    headers = [(name, value) for name, value in reply.headers if name != b"content-length"]
    headers += [
        (b"content-encoding", b"gzip"),
        (b"vary", b"accept-encoding"),
        (b"content-length", b"%d" % len(body)),
    ]
    return Reply(reply.status, tuple(headers), body)


def _example_ids(api: Operation) -> frozenset[str]:
    """The ids of the document's example, which people copy."""
    example = api.example if isinstance(api.example, dict) else {}
    return frozenset(example[name] for name in IDS if isinstance(example.get(name), str))


def _json_body(shape: Callable[[int, str], Any]) -> Callable[[int, str], tuple[bytes, bytes]]:
    return lambda status, message: (b"application/json", orjson.dumps(shape(status, message)))


def _like(taken: str) -> Callable[[int, str], tuple[bytes, bytes]]:
    """Bodies like a JSON text, with the message for each … and the status for each 0."""
    return _json_body(lambda status, message: _filled(json.loads(taken), status, message))


def _filled(value: Any, status: int, message: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, status, message) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, status, message) for inner in value]
    return message if value == "…" else status if value == 0 and type(value) is int else value


_ERROR_BODIES: Mapping[str, Callable[[int, str], tuple[bytes, bytes]]] = {
    "error": _json_body(lambda _, message: {"error": message}),
    "message": _json_body(lambda _, message: {"message": message}),
    "nested": _json_body(lambda status, message: {"error": {"code": status, "message": message}}),
    "list": _json_body(lambda _, message: {"errors": [{"message": message}]}),
    "problem": lambda status, message: (
        b"application/problem+json",
        orjson.dumps({"type": "about:blank", "title": phrase_of(status), "status": status, "detail": message}),
    ),
    "text": lambda _, message: (b"text/plain; charset=utf-8", message.encode()),
    "html": lambda status, message: (
        b"text/html; charset=utf-8",
        f"<!doctype html><title>{status}</title><h1>{phrase_of(status)}</h1><p>{message}</p>".encode(),
    ),
    "empty": lambda _, __: (b"", b""),
}
