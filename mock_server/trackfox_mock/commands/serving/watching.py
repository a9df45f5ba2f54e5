"""`serve --watch`: the document, fixtures and readings are read again when they are edited."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trackfox_mock.errors import TrackfoxMockError
from trackfox_mock.world.inputs import Inputs
from trackfox_mock.world.output import Output
from trackfox_mock.world.world import World


async def watch(inputs: Inputs, world: World, say: Output, complain: Output) -> None:
    """Read the inputs again at every edit, until it is cancelled.

    Args:
        inputs: the files that are watched.
        world: what they are read into; an edit that is wrong changes nothing there.
        say: told what was read again.
        complain: told what is wrong with an edit.
    """
    from watchfiles import awatch  # noqa: PLC0415 - only who asks for it pays for it

    files = inputs.files
    async for changes in awatch(*_folders(files), recursive=False):
        if not any(_concerns(Path(changed), files) for _, changed in changes):
            continue
        try:
            inputs.reload(world)
        except TrackfoxMockError as problem:
            complain(f"trackfox-mock: {problem}\nNothing was changed; the edit before this one is still served.")
        else:
            say(f"read again: {', '.join(map(str, files))}")


def _folders(files: Sequence[Path]) -> set[Path]:
    """Editors replace files instead of writing them, so it is their folders that are watched."""
    return {file if file.is_dir() else file.resolve().parent for file in files}


def _concerns(changed: Path, files: Sequence[Path]) -> bool:
    return any(changed.resolve() == file.resolve() or changed.parent.resolve() == file.resolve() for file in files)
