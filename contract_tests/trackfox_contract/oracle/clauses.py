"""The ledger's rows: every clause of the contract, its place in the document, and what checking it takes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise of the document; in the table below without the document's own words.

    Attributes:
        clause_id: the stable name used in code, tests and reports.
        says: what the document promises, in our words.
        shown_by: requests that show it, and what they are answered.
        place: where it stands in the document, as a JSON pointer; what is in braces differs from document to document.
        needs_write: why it cannot be decided without a payment being possible, or empty when it can.
        unobservable: why no request can show it, or empty when one can.
        shown_by_probing: whether calls that name an existing session and have to be refused show it, too.
        field: the field of the body whose description it rests on, if it is one's.
        sentence: the document's own words that it rests on.
    """

    clause_id: str
    says: str
    shown_by: str
    place: str
    needs_write: str = ""
    unobservable: str = ""
    shown_by_probing: bool = False
    field: str = ""
    sentence: str = ""


_NAMES_A_SESSION = "only a request that names an existing session shows it, and that could create a payment"

_ROWS = (
    Clause(
        "endpoint",
        "POST with a JSON object is answered 200",
        "a valid call: 200, however its JSON is written and carried",
        "{operation}",
        needs_write="a valid call creates a payment",
    ),
    Clause(
        "field.required",
        "every required field must be there and not null: 400",
        "any of the five absent, or `null`: 400",
        "{body}/required",
    ),
    Clause(
        "field.string",
        "ids and e-mail are strings; nothing else there is a success",
        "a number, a boolean, a list or an object there: 400, for an id also no match (silence `wrong-type-id`)",
        "{body}/properties",
    ),
    Clause(
        "field.schema",
        "a field keeps whatever else the schema says of it: 400",
        "with an edited document: a value that its `pattern`, `enum`, bounds, … rule out: 400",
        "{body}/properties",
    ),
    Clause(
        "revenue.positive-integer",
        "revenue is a positive integer in cents: 400 otherwise",
        '0, -1, 99.5, `"9900"`, `true`: 400; 1 and 100000000: accepted',
        "{body}/properties/revenue",
        field="revenue",
    ),
    Clause(
        "email.valid",
        "the e-mail is an e-mail address: 400 otherwise",
        "no `@`, two `@`, a space, empty, no domain: 400; `a+b@example.com`, capitals, subdomains: accepted",
        "{body}/properties/email",
    ),
    Clause(
        "body.object",
        "the body is one well-formed JSON object: 400 otherwise",
        "broken JSON, an empty body, `[]`, `null`, a string, a number: 400",
        "{operation}/requestBody",
    ),
    Clause("auth.missing", "no Authorization header: 401", "no header: 401", "{operation}/responses/401"),
    Clause(
        "auth.malformed",
        "a header that is not Bearer and a token: 401",
        "another scheme, the token alone, `Bearer` alone: 401",
        "{operation}/responses/401",
    ),
    Clause(
        "auth.invalid",
        "a token that does not exist, or nearly exists: 401",
        "an unknown token, a part of a real one, one in another case or with a letter more: 401",
        "{operation}/responses/401",
    ),
    Clause(
        "auth.website",
        "the token must be that of the body's website_id: 401",
        "another website's real token: 401",
        "{operation}/security",
    ),
    Clause(
        "match.session",
        "the session must be known in that website: 404",
        "an unknown `session_id`: 404",
        "{operation}/responses/404",
    ),
    Clause(
        "match.visitor",
        "the visitor must be known in that website: 404",
        "an unknown `visitor_id`: 404",
        "{operation}/responses/404",
    ),
    Clause(
        "match.together",
        "session, visitor and website must belong together: 404",
        "another visitor's session, another website's session: 404",
        "{operation}/responses/404",
        needs_write=_NAMES_A_SESSION,
        shown_by_probing=True,
    ),
    Clause(
        "match.exact",
        "ids are opaque: nearly the same is another id: 404",
        "an id in another case, a part of one, one with a letter more: 404",
        "{operation}/responses/404",
        needs_write=_NAMES_A_SESSION,
        shown_by_probing=True,
    ),
    Clause(
        "success.status",
        "success is 200",
        "a valid call: 200, and no other 2xx",
        "{operation}/responses/{success}",
        needs_write="a valid call creates a payment",
    ),
    Clause(
        "success.body",
        "success answers the documented message as application/json",
        "a valid call: `message` is the documented text, the content type `application/json`",
        "{operation}/responses/{success}/content/application~1json",
        needs_write="a valid call creates a payment",
    ),
    Clause(
        "error.status",
        "400, 401 and 404 mean what they say; no input provokes a 5xx, a dropped connection or a hang",
        "no other status for these cases; and to anything at all neither a 5xx nor a dropped connection nor a hang",
        "{operation}/responses",
    ),
    Clause(
        "event.created",
        "success creates one payment event with the visitor's context",
        "what `--payments-from` reads: one payment more after each success, with what was sent",
        "{operation}",
        needs_write="a valid call creates a payment",
        unobservable="the documented API has no way to read a payment event back; --payments-from COMMAND|URL has",
    ),
    Clause(
        "event.only-on-success",
        "an error changes nothing: the next valid call still succeeds",
        "a valid call after errors: 200",
        "{operation}",
        needs_write="a valid call creates a payment",
        shown_by_probing=True,
    ),
)

CLAUSES: Mapping[str, Clause] = MappingProxyType({row.clause_id: row for row in _ROWS})
"""Every clause by its id, in the order of the contract."""
