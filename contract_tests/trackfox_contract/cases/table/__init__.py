"""The deterministic table: typed classes of calls, a file a subject. What each deserves is for the oracle to say."""

from trackfox_contract.cases.table.case import Case

__all__ = ["Case"]
