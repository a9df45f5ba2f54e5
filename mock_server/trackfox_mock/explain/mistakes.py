"""The ten mistakes of the README: which of them a request makes, by the name of its slip and its advice."""

from __future__ import annotations

from collections.abc import Collection, Mapping

MISTAKES = (
    "Dollars for cents",
    "A float's residue, or another type",
    "The same payment twice",
    "Ids lost on the way",
    "A wrong id in the field",
    "Slips of authentication",
    "The status ignored",
    "A final refusal retried",
    "Not a payment",
    "Slips of names and encoding",
)
"""Their titles, in the README's order; the first is number 1."""

_SLIPS: Mapping[str, int] = {
    "revenue.dollars": 1,
    "revenue.zero": 9,
    "revenue.negative": 9,
    "id.provider": 5,
    "field.name": 10,
    "field.wrapped": 10,
    "field.extra": 10,
    "method": 10,
}
_KINDS: Mapping[str, int] = {
    "revenue": 2,
    "id": 4,
    "match": 5,
    "website_id": 5,
    "authorization": 6,
    "token": 6,
    "body": 10,
    "path": 10,
}
_ADVICE: Mapping[str, int] = {
    "duplicate": 3,
    "small-amount": 1,
    "integral-float": 2,
    "placeholder": 4,
    "browser": 6,
    "scheme-case": 6,
    "token-space": 6,
    "content-type": 10,
    "duplicate-key": 10,
    "extra-property": 10,
}


def mistake_of(slip: str | None, advice: Collection[str] = ()) -> int | None:
    """The number of the mistake that a request makes, from 1 to 10; None where it makes none of the ten.

    The seventh, that the status is ignored, shows in no request: `trackfox-mock exec` tells it.

    Args:
        slip: the name of what is wrong, as `revenue.dollars`; None where the request was accepted.
        advice: the ids of what was told beside the answer.
    """
    if "retried" in advice:
        return 8
    if slip is not None:
        return _SLIPS.get(slip) or _KINDS.get(slip.partition(".")[0])
    return next((_ADVICE[one] for one in advice if one in _ADVICE), None)
