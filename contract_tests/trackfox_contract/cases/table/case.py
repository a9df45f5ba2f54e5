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
    """

    clause_id: str
    name: str
    call: Call
