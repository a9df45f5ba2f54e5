"""Which tests one worker runs, one behind the other: those that share what is dear to start."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

# Tests that share a browser, servers or ports; of the stacks each is started once. Those of the page leave the cores
# idle, as do those that wait for bounds of time: one worker does either, while the others work.
_SHARING = re.compile(
    r"tests/page/"
    r"|tests/hostile/(?=test_(both_ways|control|every_kind|patience)\.py)"
    r"|tests/test_(bad_input|fenced_blocks|report_in_a_browser)\.py"
    r"|tests/stacks/test_stacks\.py::test_a_(?:careful|mock)_\w+\[(?P<stack>\w+)"
)


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Those that share come first, each group in one worker; all others run wherever there is room."""

    def _split_scope(self, nodeid: str) -> str:
        sharing = _SHARING.match(nodeid)
        return nodeid if sharing is None else sharing["stack"] or sharing[0]
