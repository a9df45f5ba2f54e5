"""Header fields: of those that are known to be harmless the value may be read, of every other one it may not."""

from __future__ import annotations

_HARMLESS = """
accept accept-charset accept-encoding accept-language allow cache-control connection content-encoding content-language
content-length content-type date dnt expect host keep-alive link max-forwards origin pragma prefer preference-applied
retry-after server sl-violations te trailer transfer-encoding upgrade user-agent vary x-content-type-options
x-mock-advice x-mock-fault x-mock-outcome
"""

HARMLESS = frozenset(_HARMLESS.split())
"""In lower case. What they hold is still searched for what is known, or looks like, a secret."""

SCHEMES = frozenset({"basic", "bearer", "token", "digest", "apikey", "api-key", "jwt", "oauth", "negotiate"})
"""The words before credentials that are no secret themselves."""

AUTHORIZATION = frozenset({"authorization", "proxy-authorization"})
