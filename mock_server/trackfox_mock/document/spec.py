"""The OpenAPI document, compiled: of each operation path, method, security, body schema, statuses and the example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from trackfox_mock.assets import openapi_path
from trackfox_mock.document.references import leading_out, retrieve_nothing
from trackfox_mock.errors import SpecError
from trackfox_mock.files.input_file import InputFile, field_name, read_input_file

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Operation(Struct, frozen=True, kw_only=True):
    """What the document says of one operation.

    `schema` is the body's JSON Schema (draft 2020-12), its top level free of `$ref`, with the document's `components`
    beside it so that references further down resolve; empty where no body is described. `descriptions` maps each
    declared status to its text; `description` and `token_description` are those of the operation and of its security
    scheme. `methods` are those of its path, where there are more than its own.
    """

    path: str
    method: str
    authenticated: bool
    success_status: int
    success_example: Any
    descriptions: Mapping[int, str]
    schema: Mapping[str, Any] = {}
    example: Any = None
    description: str = ""
    token_description: str = ""
    methods: tuple[str, ...] = ()

    @property
    def invalid_status(self) -> int:
        """The status that a body against the schema is answered with: 400, or 422 where only that is declared."""
        return 422 if 422 in self.descriptions and 400 not in self.descriptions else 400

    def property_schema(self, name: str) -> Mapping[str, Any]:
        """The schema of a top-level property as an object, `{}` where it has none or allows everything."""
        found = _resolved(self.schema, self.schema.get("properties", {}).get(name, {}))
        if isinstance(found, Mapping):
            return found
        return {} if found else {"not": {}}


class Api(Operation, frozen=True, kw_only=True):
    """What the document says: of the operation that attributes a payment, and of the `others` beside it.

    `unserved` are the operations that cannot be served, each with the reason.
    """

    title: str
    server: str
    document: Mapping[str, Any] | None = None
    others: tuple[Operation, ...] = ()
    unserved: tuple[str, ...] = ()

    @property
    def servers(self) -> list[str]:
        """The URLs of all servers that the document names."""
        return [str(server["url"]) for server in (self.document or {}).get("servers") or [{"url": self.server}]]


def load_spec(path: Path | None = None) -> Api:
    """Read a document, or the built-in one.

    A document of the user's is validated against OpenAPI 3.1 first; the built-in one is validated by the tests.

    Raises:
        SpecError: it is not a valid OpenAPI document, or not one that can be served. It names the place in the file.
    """
    source = read_input_file(path or openapi_path(), SpecError)
    document = _with_string_keys(source.data)
    if path is not None:
        _validate(source, document)
    return _Compiler(source, document, is_known=path is None).api()


def _with_string_keys(node: Any) -> Any:
    """YAML reads the status `200:` as a number; JSON, and so OpenAPI, has strings for keys."""
    if isinstance(node, dict):
        return {str(key): _with_string_keys(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_string_keys(value) for value in node]
    return node


def _validate(source: InputFile, document: Any) -> None:
    # Imported here: it costs several times what the whole server costs to import, and only an edited document needs it.
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - see above
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415 - see above
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - see above

    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
        came = document.get("openapi") if isinstance(document, dict) else type(document).__name__
        raise _wrong(source, ["openapi"], f"came {came!r}; expected an OpenAPI document of version 3.1.")
    for place, reference in leading_out(document):
        raise _wrong(
            source,
            place,
            f"came {_first_line(reference)!a}; expected a place in this document, as #/components/schemas/…: "
            "nothing is fetched and no other file is read; put what it leads to in here, as a bundler does.",
        )
    try:
        OpenAPIV31SpecValidator(document).validate()
    except ValidationError as problem:
        deepest = _deepest(problem)
        place = _placed(document, list(deepest.absolute_path), deepest.instance)
        raise _wrong(source, place, f"{_first_line(deepest.message)}.") from None
    except Unresolvable as problem:
        raise _wrong(source, [], f"a $ref leads nowhere: {_first_line(str(problem))}.") from None


def _deepest(problem: Any) -> Any:
    """Of the alternatives that failed, the one that came furthest: that is where the mistake is."""
    while problem.context:
        problem = max(problem.context, key=lambda error: len(error.absolute_path))
    return problem


def _placed(document: Any, place: list[str | int], instance: Any) -> list[str | int]:
    """Where in the whole document a place is that the validator tells from the schema it is in."""
    for start in _places(document, []):
        if _at(_at(document, start), place) == instance:
            return [*start, *place]
    return place


def _places(node: Any, place: list[str | int]) -> Iterator[list[str | int]]:
    """Every place in a document, itself first."""
    yield place
    inside: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        inside = node.items()
    elif isinstance(node, list):
        inside = enumerate(node)
    for step, value in inside:
        yield from _places(value, [*place, step])


def _at(node: Any, place: Sequence[str | int]) -> Any:
    """What stands at a place, None where there is no such place."""
    for step in place:
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def _first_line(text: str) -> str:
    line = text.splitlines()[0] if text else "it is not valid"
    return (line if len(line) <= 200 else f"{line[:197]}...").rstrip(".")


def _wrong(source: InputFile, place: Sequence[str | int], sentence: str) -> SpecError:
    return SpecError(source.path, sentence, line=source.line(place), field=field_name(place))


def _resolved(document: Mapping[str, Any], node: Any) -> Any:
    """Follow local references until something else stands there."""
    seen = set()
    while isinstance(node, Mapping) and str(node.get("$ref", "")).startswith("#/") and node["$ref"] not in seen:
        seen.add(node["$ref"])
        target: Any = document
        for step in node["$ref"][2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            target = target.get(key, {}) if isinstance(target, Mapping) else {}
        node = target
    return node


class _Compiler:
    """Takes out of one document what the mock needs, and says where it is missing.

    Args:
        source: the file.
        document: what is in it.
        is_known: whether it is the built-in one, whose schemas can be compiled.
    """

    def __init__(self, source: InputFile, document: Any, *, is_known: bool) -> None:
        self.source = source
        self.document = document
        self.is_known = is_known

    def api(self) -> Api:
        path, method, payment = self._payment()
        others, unserved = self._others(payment)
        return Api(
            **self._compiled(path, method, payment, needs_body=True),
            title=self.document["info"]["title"],
            server=self._server,
            document=self.document,
            others=others,
            unserved=unserved,
        )

    @property
    def _server(self) -> str:
        return str((self.document.get("servers") or [{"url": ""}])[0]["url"])

    def _compiled(self, path: str, method: str, operation: Mapping[str, Any], *, needs_body: bool) -> dict[str, Any]:
        """The fields of an `Operation`."""
        here: list[str | int] = ["paths", path, method]
        told = operation.get("responses", {})
        responses = {status: _resolved(self.document, response) for status, response in told.items()}
        success = next((int(status) for status in responses if status.startswith("2") and status.isdigit()), None)
        if success is None:
            raise _wrong(self.source, [*here, "responses"], "no success is declared; expected a status such as 200.")
        with_body = needs_body or "requestBody" in operation
        body = self._json_content([*here, "requestBody"], operation.get("requestBody")) if with_body else {}
        bearer = self._bearer(here, operation)
        methods = [other.upper() for route, other, _ in self._operations() if route == path]
        return {
            "path": _server_path(self._server) + path,
            "method": method.upper(),
            "methods": tuple(methods) if len(methods) > 1 else (),
            "authenticated": bearer is not None,
            "schema": self._schema([*here, "requestBody"], body) if with_body else {},
            "success_status": success,
            "success_example": self._success([*here, "responses", str(success)], responses[str(success)]),
            "descriptions": {
                int(status): _line(response) for status, response in responses.items() if status.isdigit()
            },
            "example": self._example(body),
            "description": _line(operation),
            "token_description": _line(bearer or {}),
        }

    def _others(self, payment: Mapping[str, Any]) -> tuple[tuple[Operation, ...], tuple[str, ...]]:
        """The operations beside the payment's, and the reasons why some cannot be served."""
        served, unserved = [], []
        for path, method, operation in self._operations():
            if operation is payment:
                continue
            try:
                if "{" in path:
                    raise _wrong(self.source, ["paths", path], "a path with parameters is not served.")
                served.append(Operation(**self._compiled(path, method, operation, needs_body=False)))
            except SpecError as problem:
                unserved.append(f"{method.upper()} {path}: {problem.problem}")
        return tuple(served), tuple(unserved)

    def _payment(self) -> tuple[str, str, Mapping[str, Any]]:
        operations = list(self._operations())
        named = [found for found in operations if found[2].get("operationId") == "attributePayment"]
        if len(named) == 1:
            return named[0]
        if len(operations) == 1:
            return operations[0]
        raise _wrong(
            self.source,
            ["paths"],
            f"came {len(operations)} operations; expected one, or one whose operationId is attributePayment.",
        )

    def _operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, item in (self.document.get("paths") or {}).items():
            for method, operation in _resolved(self.document, item).items():
                if method in _METHODS:
                    yield path, method, operation

    def _bearer(self, here: list[str | int], operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The security scheme, None where the operation asks for none."""
        requirements = operation.get("security", self.document.get("security"))
        if not requirements or {} in requirements:
            return None
        schemes = self.document.get("components", {}).get("securitySchemes", {})
        for requirement in requirements:
            for name in requirement:
                scheme: Mapping[str, Any] = _resolved(self.document, schemes.get(name, {}))
                if (scheme.get("type"), str(scheme.get("scheme", "")).lower()) == ("http", "bearer"):
                    return scheme
        raise _wrong(
            self.source,
            [*here, "security"],
            "expected a scheme of type http and scheme bearer; no other is served.",
        )

    def _json_content(self, place: list[str | int], holder: Any) -> Mapping[str, Any]:
        content = _resolved(self.document, holder or {}).get("content", {})
        for media_type, value in content.items():
            if media_type.split(";")[0].strip().lower() == "application/json":
                found: Mapping[str, Any] = _resolved(self.document, value)
                return found
        raise _wrong(self.source, place, "expected content of type application/json.")

    def _schema(self, place: list[str | int], content: Mapping[str, Any]) -> Mapping[str, Any]:
        schema = {**self._schema_of(content)}
        schema["components"] = self.document.get("components", {})
        if not self.is_known:
            self._try(place, schema)
        return schema

    def _try(self, place: list[str | int], schema: dict[str, Any]) -> None:
        """Compile a schema, to see whether one can."""
        import jsonschema_rs  # noqa: PLC0415 - only an edited document is tried

        try:
            jsonschema_rs.Draft202012Validator(schema, retriever=retrieve_nothing)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as problem:
            text = _first_line(str(problem))
            raise _wrong(self.source, place, f"the schema of the body cannot be compiled: {text}.") from None

    def _schema_of(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema as an object, which `true` and `false` are short for (JSON Schema, core, 4.3.2)."""
        schema: Any = _resolved(self.document, content.get("schema", {}))
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        found: Mapping[str, Any] = schema
        return found

    def _example(self, content: Mapping[str, Any]) -> Any:
        if "example" in content:
            return content["example"]
        for example in (content.get("examples") or {}).values():
            return _resolved(self.document, example).get("value")
        schema = self._schema_of(content)
        return schema.get("example", next(iter(schema.get("examples", [])), None))

    def _success(self, place: list[str | int], response: Any) -> Any:
        content = self._json_content(place, response)
        example = self._example(content)
        if example is None:
            raise _wrong(
                self.source,
                place,
                "no example is given; expected one, since it is what a success is answered.",
            )
        return example


def _line(described: Mapping[str, Any]) -> str:
    """A description on one line."""
    return " ".join(str(described.get("description", "")).split())


def _server_path(url: str) -> str:
    _, _, after_scheme = url.rpartition("://")
    _, slash, path = after_scheme.partition("/")
    return (slash + path).rstrip("/")
