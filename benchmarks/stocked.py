"""The mock, with `PAYMENTS` payments recorded before it answers: a server for the benchmarks to measure."""

from __future__ import annotations

import os

from benchmarks.decision import example_request
from trackfox_mock import World, create_app
from trackfox_mock.http.server import bind, run


def main() -> None:
    """Record the payments as `serve` would have, then serve on `PORT`."""
    world = World()
    for number in range(int(os.environ.get("PAYMENTS", "0"))):
        world.answer(example_request(number))
    run(create_app(world), [bind("127.0.0.1", int(os.environ["PORT"]))], lambda: None)


if __name__ == "__main__":
    main()
