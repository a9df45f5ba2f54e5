"""The ledger's rows: every clause of the contract, its words, its place in the document, and what checking it takes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise of the document.

    Attributes:
        clause_id: the stable name used in code, tests and reports.
        says: what the document promises, in our words.
        sentence: the document's own words that it rests on.
        place: where it stands in `openapi.yaml`, as a JSON pointer.
        needs_write: why it cannot be decided without a payment being possible, or empty when it can.
        unobservable: why no request can show it, or empty when one can.
    """

    clause_id: str
    says: str
    sentence: str
    place: str
    needs_write: str = ""
    unobservable: str = ""


_POST = "/paths/~1api~1v1~1attribute-payment/post"
_BODY = "/components/schemas/PaymentAttribution"
_400 = "The request is missing a required field, the email is invalid, or revenue is not a positive integer in cents."
_401 = "The Authorization header is missing, malformed, or contains an invalid API token."
_404 = "No matching event was found for the supplied session_id, visitor_id, and website_id."
_AUTHENTICATES = "The endpoint authenticates the request using the API token for the website_id in the JSON body."
_LOOKUP = "TrackFox looks up the matching visitor event, copies its attribution context, and creates a payment event."
_SUCCESS = 'On success, the API returns: {"message": "Payment event attributed successfully."}'
_NAMES_A_SESSION = "only a request that names an existing session shows it, and that could create a payment"

_ROWS = (
    Clause(
        "endpoint",
        "POST with a JSON object is answered 200",
        "POST https://trackfox.app/api/v1/attribute-payment",
        _POST,
        needs_write="a valid call creates a payment",
    ),
    Clause(
        "field.required",
        "every required field must be there and not null: 400",
        _400,
        f"{_BODY}/required",
    ),
    Clause(
        "field.string",
        "ids and e-mail are strings; nothing else there is a success",
        "session_id, visitor_id, website_id, email: string",
        f"{_BODY}/properties",
    ),
    Clause(
        "field.schema",
        "a field keeps whatever else the schema says of it: 400",
        "Send a JSON object with the following fields.",
        f"{_BODY}/properties",
    ),
    Clause(
        "revenue.positive-integer",
        "revenue is a positive integer in cents: 400 otherwise",
        "Payment amount in cents. Must be a positive integer",
        f"{_BODY}/properties/revenue",
    ),
    Clause(
        "email.valid",
        "the e-mail is an e-mail address: 400 otherwise",
        _400,
        f"{_BODY}/properties/email",
    ),
    Clause(
        "body.object",
        "the body is one well-formed JSON object: 400 otherwise",
        "Send a JSON object with the following fields.",
        f"{_POST}/requestBody",
    ),
    Clause("auth.missing", "no Authorization header: 401", _401, f"{_POST}/responses/401"),
    Clause("auth.malformed", "a header that is not Bearer and a token: 401", _401, f"{_POST}/responses/401"),
    Clause("auth.invalid", "a token that does not exist, or nearly exists: 401", _401, f"{_POST}/responses/401"),
    Clause("auth.website", "the token must be that of the body's website_id: 401", _AUTHENTICATES, f"{_POST}/security"),
    Clause(
        "match.session",
        "the session must be known in that website: 404",
        _404,
        f"{_POST}/responses/404",
    ),
    Clause(
        "match.visitor",
        "the visitor must be known in that website: 404",
        _404,
        f"{_POST}/responses/404",
    ),
    Clause(
        "match.together",
        "session, visitor and website must belong together: 404",
        _404,
        f"{_POST}/responses/404",
        needs_write=_NAMES_A_SESSION,
    ),
    Clause(
        "match.exact",
        "ids are opaque: nearly the same is another id: 404",
        _404,
        f"{_POST}/responses/404",
        needs_write=_NAMES_A_SESSION,
    ),
    Clause(
        "success.status",
        "success is 200",
        _SUCCESS,
        f"{_POST}/responses/200",
        needs_write="a valid call creates a payment",
    ),
    Clause(
        "success.body",
        "success answers the documented message as application/json",
        _SUCCESS,
        f"{_POST}/responses/200/content/application~1json",
        needs_write="a valid call creates a payment",
    ),
    Clause(
        "error.status",
        "400, 401 and 404 mean what they say; no input provokes a 5xx, a dropped connection or a hang",
        "500 Internal Server Error: An unexpected server error occurred.",
        f"{_POST}/responses",
    ),
    Clause(
        "event.created",
        "success creates one payment event with the visitor's context",
        _LOOKUP,
        _POST,
        unobservable="the documented API has no way to read a payment event back",
    ),
    Clause(
        "event.only-on-success",
        "an error changes nothing: the next valid call still succeeds",
        _LOOKUP,
        _POST,
        needs_write="a valid call creates a payment",
    ),
)

CLAUSES: Mapping[str, Clause] = MappingProxyType({row.clause_id: row for row in _ROWS})
"""Every clause by its id, in the order of the contract."""
