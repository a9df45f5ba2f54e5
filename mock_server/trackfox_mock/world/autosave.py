"""The state file of a server: read when it starts, written while it runs and at its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from trackfox_mock.errors import StateError
from trackfox_mock.tenants.snapshot import read_state, write_state
from trackfox_mock.world.world import World

_SAVE_SECONDS = 1.0


class Autosave:
    """Keeps a world's state in a file: takes over what is in it, and writes what changes.

    Args:
        world: whose payments, and added websites and sessions, are kept.
        path: the file; it is made where there is none.

    Raises:
        StateError: the file cannot be read or written, or is not a snapshot.
    """

    def __init__(self, world: World, path: Path) -> None:
        self._world = world
        self._path = path
        try:
            found = read_state(path)
            if found is not None:
                world.administration.restore(found)
        except ValueError as problem:
            raise StateError(path, f"{problem}. Delete it to start afresh.") from None
        self._saved: object = None
        self.save()

    async def keep(self) -> None:
        """Save what changed, once a second and without end; what goes wrong is told on standard error."""
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            try:
                self.save()
            except StateError as problem:
                click.echo(f"trackfox-mock: {problem}", err=True)

    def save(self) -> None:
        """Write the file, if anything changed.

        Raises:
            StateError: it cannot be written.
        """
        version = self._world.store.version
        if version != self._saved:
            write_state(self._path, self._world.administration.snapshot())
            self._saved = version
