"""Fields that may be absent, or may have another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tests.services.service import FIELDS, SHOPS, Service
from tests.services.wrong.table import cast, patched, refuse

# field.required

for _name in FIELDS:
    patched("field.required", f"Absent_{_name}", absent=lambda s, b, n, name=_name: b.update({n: _careless(b, n)}) if n == name and n not in b else refuse(400))  # fmt: skip
    patched("field.required", f"Null_{_name}", absent=lambda s, b, n, name=_name: b.update({n: _careless(b, n)}) if n == name and n in b else refuse(400))  # fmt: skip


def _careless(body: Mapping[str, Any], name: str) -> Any:
    """The value that a careless default would have."""
    for website_id, shop in SHOPS.items():
        for session, visitor in shop["events"]:
            ids = {"website_id": website_id, "session_id": session, "visitor_id": visitor}
            if all(body.get(key) in (None, value) for key, value in ids.items()):
                return {**ids, "revenue": 1, "email": "a@b.co"}[name]
    return {"revenue": 1, "email": "a@b.co"}.get(name, "")


patched(
    "field.required",
    "CamelCaseToo",
    field=lambda s, b, n, r: _alias(b, n, n.split("_")[0] + n.title().replace("_", "")[len(n.split("_")[0]) :]),
)
patched(
    "field.required", "AnyCaseOfNames", field=lambda s, b, n, r: _alias(b, n, next((k for k in b if k.lower() == n), n))
)
patched("field.required", "AmountForRevenue", field=lambda s, b, n, r: _alias(b, n, "amount" if n == "revenue" else n))
patched(
    "field.required",
    "NamesAreTrimmed",
    field=lambda s, b, n, r: _alias(b, n, next((k for k in b if k.strip() == n), n)),
)
patched(
    "field.required",
    "DataAround",
    field=lambda s, b, n, r: (
        b.setdefault(n, b["data"][n]) if n not in b and isinstance(b.get("data"), dict) and n in b["data"] else b.get(n)
    ),
)
patched(
    "field.required",
    "QueryToo",
    field=lambda s, b, n, r: (
        b.setdefault(n, cast(n, parse_qs(r.query)[n][0])) if n not in b and n in parse_qs(r.query) else b.get(n)
    ),
)
patched("field.required", "MissingIs422", absent=lambda s, b, n: refuse(422))
patched("field.required", "MissingWebsiteIs401", absent=lambda s, b, n: refuse(401 if n == "website_id" else 400))
patched("field.required", "MissingSessionIs404", absent=lambda s, b, n: refuse(404 if n == "session_id" else 400))


def _alias(body: dict[str, Any], name: str, alias: str) -> Any:
    if name not in body and alias in body:
        body[name] = body[alias]
    return body.get(name)


# field.string

patched(
    "field.string",
    "ListsOfOneAreUnpacked",
    field=lambda s, b, n, r: (
        b.update({n: b[n][0]}) or b[n] if isinstance(b.get(n), list) and len(b[n]) == 1 else b.get(n)
    ),
)
patched("field.string", "AWrongTypeIsAnError", is_id=lambda s, v: isinstance(v, str) or refuse(500))
patched(
    "field.string",
    "NoSqlOperators",
    is_id=lambda s, v: isinstance(v, (str, dict)),
    same=lambda s, g, k: g == k or (isinstance(g, dict) and next(iter(g), "") in ("$ne", "$gt", "$exists")),
)
patched(
    "field.string",
    "ObjectsWithAValue",
    field=lambda s, b, n, r: (
        b.update({n: b[n]["value"]}) or b[n] if isinstance(b.get(n), dict) and b[n].get("value") else b.get(n)
    ),
)
patched("field.string", "AnyListIsAnAddress", is_address=lambda s, v: isinstance(v, list) or Service.is_address(s, v))
patched("field.string", "ANumberIsAnAddress", is_address=lambda s, v: type(v) is int or Service.is_address(s, v))
patched("field.string", "TrueIsAnAddress", is_address=lambda s, v: v is True or Service.is_address(s, v))
patched(
    "field.string",
    "TrueMatchesAnySession",
    is_id=lambda s, v: isinstance(v, (str, bool)),
    same=lambda s, g, k: g is True or g == k,
)
