"""The names of all that a request can be refused by, and of all that can be told beside its answer."""

from __future__ import annotations

from trackfox_mock.document.clauses import CLAUSES
from trackfox_mock.document.silences import SILENCES
from trackfox_mock.errors import RuleError, suggestion

ADVICE = frozenset(
    {
        "browser",
        "content-type",
        "duplicate",
        "duplicate-key",
        "email-edge",
        "extra-property",
        "huge-revenue",
        "integral-float",
        "placeholder",
        "retried",
        "scheme-case",
        "small-amount",
        "token-space",
    }
)
"""What may be advised about a request, see advice.py."""


def demand_known(rule: str) -> None:
    """Make sure that there is such a clause, silence or advice, or that it is a status of a refusal, as `404`.

    Raises:
        RuleError: there is none; the text names the nearest.
    """
    known = CLAUSES.keys() | SILENCES.keys() | ADVICE
    if rule in known or (rule.isdecimal() and len(rule) == 3 and "400" <= rule <= "599"):
        return
    if rule.isdecimal():
        raise RuleError(
            f"{rule} is the status of no refusal; expected one from 400 to 599, or a rule, as match.session."
        )
    if not rule:
        raise RuleError("no rule came; expected one, as match.session, or the status of a refusal, as 404.")
    raise RuleError(f"there is no rule {rule!r}; {suggestion(rule, sorted(known))}")
