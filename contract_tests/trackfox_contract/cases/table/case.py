"""One row of the table: a call, what it shows, and the clause that a wrong answer breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackfox_contract.request.call import Call


@dataclass(frozen=True, slots=True)
class Case:
    """A call of the deterministic table.

    Attributes:
        clause_id: the clause that a wrong answer breaks.
        name: what is special about the call, in a few words and without secrets.
        call: the call.
        leniency: what a service does that takes it, where that breaks the letter of the document and hurts nobody, with
            the cure; else empty.
    """

    clause_id: str
    name: str
    call: Call
    leniency: str = ""


NAMES_IN_ANY_CASE = (
    "takes a field's name in another case, as Go's encoding/json does: compare the names before, or use a decoder that "
    "is exact"
)
FORMS = (
    "reads forms beside JSON, as Django REST framework does by default: let its parser classes be the JSON parser alone"
)
LENIENCIES = (NAMES_IN_ANY_CASE, FORMS)
"""All that is told apart from what breaks the contract; `--strict` counts it, too."""
