"""`examples/team`: two nodes over one Redis behind a load balancer. Its nginx.conf is tried with a real nginx."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.conftest import ENDPOINT, TOKEN, VALID, Serve, needs
from tests.stacks.runner import free_port
from tests.stores.redis_server import RedisServer, needs_redis
from tests.stores.test_state_file import revenues

TEAM = Path(__file__).parents[2] / "examples" / "team"


def is_listened_at(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def balancing(nodes: Mapping[str, str], folder: Path) -> Iterator[str]:
    """The balancer of the example before these nodes, by their names there; where it listens."""
    port = free_port()
    text = (TEAM / "nginx.conf").read_text().replace("listen 4012", f"listen 127.0.0.1:{port}")
    for name, url in nodes.items():
        text = text.replace(f"{name}:4012", url.removeprefix("http://"))
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(text.replace("http {", f"http {{ access_log off; {paths}", 1))
    main = f"daemon off; pid {folder}/nginx.pid;"
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(configuration), "-g", main]
    with subprocess.Popen(command) as process:
        try:
            deadline = time.monotonic() + 60
            while not is_listened_at(port):
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def pay(url: str, revenue: int) -> int:
    with httpx2.Client(timeout=20) as client:
        headers = {"authorization": f"Bearer {TOKEN}"}
        return client.post(f"{url}{ENDPOINT}", json=VALID | {"revenue": revenue}, headers=headers).status_code


@needs_redis
@needs("nginx")
@pytest.mark.slow
def test_what_the_balancer_passes_to_either_node_is_at_both_and_one_may_end(
    serve: Serve, redis_server: RedisServer, tmp_path: Path
) -> None:
    options = ("--store", redis_server.url, "--store-prefix", "team:")
    with (
        serve(*options) as one,
        serve(*options) as other,
        balancing({"node-1": one.url, "node-2": other.url}, tmp_path) as url,
    ):
        assert [pay(url, revenue) for revenue in range(1, 5)] == [200] * 4
        assert revenues(one) == revenues(other) == [1, 2, 3, 4]
        one.process.kill()
        one.process.wait(10)
        assert [pay(url, revenue) for revenue in range(5, 9)] == [200] * 4
        assert revenues(other) == [*range(1, 9)]


def test_the_balancer_knows_the_nodes_of_the_compose_file_and_all_wait_for_the_store() -> None:
    services = yaml.safe_load((TEAM / "compose.yaml").read_text())["services"]
    nodes = re.findall(r"server ([\w-]+):4012;", (TEAM / "nginx.conf").read_text())
    assert nodes == [name for name, service in services.items() if "build" in service]
    for name in nodes:
        assert services[name]["depends_on"] == {"redis": {"condition": "service_healthy"}}
        assert {"--store", "redis://redis:6379/0", "--expose"} <= set(services[name]["command"])
    assert "noeviction" in services["redis"]["command"]
    dockerfile = Path(TEAM.parents[1], services["node-1"]["build"]["dockerfile"])
    assert "trackfox-mock[redis]" in dockerfile.read_text()
