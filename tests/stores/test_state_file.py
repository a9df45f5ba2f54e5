"""`serve --state FILE` through its doors: what was answered is there again, and a file that cannot be used is told."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import VALID, Serve, Served, request, run_command, until
from tests.test_short_way import answers, post
from trackfox_mock import StateError, World, parse_fault
from trackfox_mock.tenants.durable.archive import Archive
from trackfox_mock.tenants.durable.database import FORMAT
from trackfox_mock.tenants.durable.state_file import open_state
from trackfox_mock.tenants.store import Wanted

OWNER = "your_website_id"


def admin(served: Served, method: str, path: str, **json: Any) -> Any:
    """Ask the control API; the answer's JSON, which must be a good one."""
    answer = served.client.request(method, f"{served.url}/__admin/{path}", json=json or None)
    assert answer.status_code < 300, answer.text
    return answer.json()


def kill(served: Served) -> None:
    served.process.kill()
    served.process.wait(10)


def revenues(served: Served) -> list[int]:
    return [payment["revenue"] for payment in admin(served, "GET", f"payments?website_id={OWNER}")["payments"]][::-1]


def order(served: Served, query: str = "") -> str:
    """How the silence `order` is read."""
    readings = {one["silence"]: one["value"] for one in admin(served, "GET", f"readings{query}")["readings"]}
    return str(readings["order"])


def test_whatever_was_answered_is_there_after_a_kill(serve: Serve) -> None:
    with serve("--state", "state.db", "--keep-requests", "3") as served:
        made = admin(served, "POST", "websites", website_id="toys", api_token="tf_toys_0001")
        admin(served, "POST", f"websites/{OWNER}/sessions", session_id="ses_added", visitor_id="vis_added")
        admin(served, "DELETE", "websites/web_paper_kites")
        admin(served, "PUT", f"readings?website_id={OWNER}", order="body-first")
        admin(served, "POST", "faults", status=503, failRequestCount=3, website_id=OWNER)
        assert served.post(revenue=1).status_code == 503
        for revenue in (2, 3):
            assert served.post(revenue=revenue).status_code == 503
        assert served.post(revenue=4).status_code == 200
        assert served.post(revenue=0).status_code == 400
        session = made["sessions"][0]
        ids = {name: session[name] for name in ("session_id", "visitor_id")}
        assert served.post(token="tf_toys_0001", website_id="toys", **ids).status_code == 200
        kill(served)
    with serve("--state", "state.db", "--keep-requests", "3") as served:
        assert revenues(served) == [4]
        assert served.post(session_id="ses_added", visitor_id="vis_added", revenue=5).status_code == 200
        assert served.post(token="tf_toys_0001", website_id="toys", **ids).headers["x-mock-advice"] == "duplicate"
        websites = [website["website_id"] for website in admin(served, "GET", "websites")["websites"]]
        assert websites == [OWNER, "web_lumen_lamps", "toys"]
        assert order(served, f"?website_id={OWNER}") == "body-first"
        (fault,) = admin(served, "GET", "faults")["faults"]
        assert (fault["seen"], fault["hits"]) == (6, 3)
        requests = admin(served, "GET", "requests")["requests"]
        assert [request["id"] for request in requests] == [8, 7, 6, 5, 4]
        assert [request["outcome"] for request in requests[2:]] == ["attributed", "refused", "attributed"]
        assert requests[2]["completed"]
        assert requests[2]["response"]["status"] == 200


def test_a_request_that_a_fault_hit_is_kept_too(serve: Serve) -> None:
    with serve("--state", "state.db", "--keep-requests", "3", "--fault", "code=503,first=1") as served:
        assert served.post().status_code == 503
        until(lambda: admin(served, "GET", "requests/1")["completed"])
        kill(served)
    with serve("--state", "state.db", "--keep-requests", "3") as served:
        (request,) = admin(served, "GET", "requests")["requests"]
        assert (request["outcome"], request["response"]["status"]) == ("faulted", 503)


def test_a_reset_holds_after_a_kill_and_what_comes_after_it_is_kept(serve: Serve) -> None:
    with serve("--state", "state.db") as served:
        served.post(revenue=111)
        admin(served, "PUT", "readings", order="body-first")
        admin(served, "DELETE", "websites/web_paper_kites")
        admin(served, "POST", "reset")
        served.post(revenue=222)
        kill(served)
    with serve("--state", "state.db") as served:
        assert revenues(served) == [222]
        assert len(admin(served, "GET", "websites")["websites"]) == 3
        assert order(served) == "stepwise"


def test_a_website_created_again_with_another_token_keeps_it(serve: Serve) -> None:
    with serve("--state", "state.db") as served:
        admin(served, "DELETE", "websites/web_paper_kites")
        admin(served, "POST", "websites", website_id="web_paper_kites", api_token="tf_another_token")
        kill(served)
    with serve("--state", "state.db", "--show-secrets") as served:
        assert admin(served, "GET", "websites/web_paper_kites")["api_token"] == "tf_another_token"


def test_an_empty_file_is_a_fresh_one_and_a_link_stays_a_link(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "state.db").touch(0o600)
    (tmp_path / "link.db").symlink_to(tmp_path / "real" / "state.db")
    (tmp_path / "dangling.db").symlink_to(tmp_path / "real" / "later.db")
    for name in ("link.db", "dangling.db"):
        for revenues_so_far in ([], [7]):
            with serve("--state", name) as served:
                assert revenues(served) == revenues_so_far
                served.post(revenue=7)
                kill(served)
        assert (tmp_path / name).is_symlink()


JSON = {
    "format": 1,
    "websites": [{"website_id": "toys", "api_token": "tf_toys_0001", "sessions": []}],
    "payments": {
        OWNER: [
            {
                "number": 7,
                "recorded_at": 1.5,
                "revenue": 900,
                "email": "a@b.example",
                "session": {"session_id": "tf_session_id", "visitor_id": "tf_visitor_id", "attribution": {"a": 1}},
            }
        ]
    },
}


def test_json_of_an_earlier_version_is_taken_over_once(serve: Serve, tmp_path: Path) -> None:
    before = orjson.dumps(JSON)
    (tmp_path / "state.json").write_bytes(before)
    with serve("--state", "state.json") as served:
        assert "state.json was JSON of an earlier version" in served.first_lines[0]
        assert revenues(served) == [900]
        assert served.post().status_code == 200
        kill(served)
    assert (tmp_path / "state.json.before").read_bytes() == before
    with serve("--state", "state.json") as served:
        assert "JSON" not in served.first_lines[0]
        assert [one["payment_id"] for one in admin(served, "GET", "payments")["payments"]] == [
            "pay_000008",
            "pay_000007",
        ]
        assert admin(served, "GET", "websites")["meta"]["total"] == 4


def _later_version(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute(f"pragma user_version = {FORMAT + 1}")
    connection.close()


def _of_something_else(file: Path) -> None:
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("create table customers (name text)")
    connection.commit()
    connection.close()


def _torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000].replace(b"payments", b"\xff" * 8))


def _with(what: str) -> Callable[[Path], None]:
    payment = JSON["payments"][OWNER][0]  # type: ignore[index]
    edit: dict[str, Any] = {
        "a number twice": {"payments": {OWNER: [payment, payment]}},
        "a high number": {"payments": {OWNER: [payment | {"number": 10**70}]}},
        "a token twice": {"websites": [{"website_id": one, "api_token": "tf_same_token"} for one in "ab"]},
    }

    def spoil(file: Path) -> None:
        file.write_text(json.dumps(JSON | edit[what]))

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_later_version, "is of a later version of trackfox-mock: its format is"),
        (_of_something_else, "is a SQLite database of something else"),
        (_torn, "is broken"),
        (lambda file: file.write_bytes(b"\x80 no JSON"), "neither a database nor JSON"),
        (lambda file: file.write_text("null"), "it is not a snapshot"),
        (lambda file: file.write_text("[" * 100_000), "elete it to start afresh"),
        (_with("a number twice"), "the payment number 7 stands 2 times in it"),
        (_with("a high number"), "Expected `int` <= 9007199254740991 - at `$.payments[...][0].number`"),
        (_with("a token twice"), "the token stands 2 times in it"),
    ],
    ids=["later", "something else", "torn", "no JSON", "null", "deep", "number twice", "high number", "token twice"],
)
def test_a_file_that_cannot_be_used_is_one_sentence_and_left_alone(
    tmp_path: Path, spoil: Callable[[Path], object], told: str
) -> None:
    file = tmp_path / "state.db"
    shutil.copy(_fresh(tmp_path), file)
    spoil(file)
    before = file.read_bytes()
    done = run_command("serve", "--port", "0", "--state", "state.db", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == before


def _fresh(folder: Path) -> Path:
    source, file = folder / "source.json", folder / "fresh.db"
    source.write_bytes(orjson.dumps(JSON))
    assert run_command("state", "import", str(file), str(source)).returncode == 0
    return file


def test_a_file_that_is_in_use_is_told_to_the_second_server_and_the_first_goes_on(serve: Serve, tmp_path: Path) -> None:
    with serve("--state", "state.db") as served:
        done = run_command("serve", "--port", "0", "--state", "state.db", cwd=tmp_path)
        assert done.returncode == 3
        assert "is in use by another server" in done.stderr
        assert run_command("state", "show", "state.db", cwd=tmp_path).returncode == 3
        assert served.post(revenue=5).status_code == 200
        assert revenues(served) == [5]


def test_a_read_only_file_is_told(tmp_path: Path) -> None:
    file = _fresh(tmp_path)
    file.chmod(0o400)
    command = [sys.executable, "-m", "trackfox_mock", "serve", "--port", "0", "--state", str(file)]
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write to every file; install util-linux, which has setpriv")
        capability = "-dac_override"
        command = ["setpriv", f"--inh-caps={capability}", f"--bounding-set={capability}", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 3
    assert "read-only" in done.stderr or "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_refuses_what_it_cannot_keep_and_it_goes_on_when_there_is_room(
    serve: Serve, tmp_path: Path
) -> None:
    with serve("--state", "state.db", "--keep-requests", "1000") as served:
        assert served.post(revenue=1).status_code == 200
        size = sum(file.stat().st_size for file in tmp_path.glob("state.db*"))
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        statuses = [served.post(revenue=number).status_code for number in range(2, 40)]
        assert set(statuses) <= {200, 507}
        assert statuses[-1] == 507
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        refused = served.post(revenue=77)
        assert refused.headers["x-mock-outcome"] == "refused; rule=storage"
        assert refused.json()["type"] == "/__admin/problems/storage"
        assert served.post(revenue=0).status_code == 400  # for which nothing has to be kept
        ready = served.client.get(f"{served.url}/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "not ready")
        answer = served.client.post(f"{served.url}/__admin/websites", json={"website_id": "toys"})
        assert (answer.status_code, answer.json()["type"]) == (507, "/__admin/problems/storage")
        answer = served.client.put(f"{served.url}/__admin/readings", json={"order": "body-first"})
        assert answer.status_code == 507
        assert len(revenues(served)) == 1 + statuses.count(200)
        resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert served.client.get(f"{served.url}/readyz").status_code == 200
        assert served.post(revenue=99).status_code == 200
        assert order(served) == "stepwise"
        seen = revenues(served)
        kill(served)
    assert seen[-1] == 99
    with serve("--state", "state.db") as served:
        assert revenues(served) == seen
        assert admin(served, "GET", "websites")["meta"]["total"] == 3


def test_a_website_at_the_end_of_time_is_refused_and_does_not_end_the_keeping(serve: Serve) -> None:
    with serve("--state", "state.db") as served:
        session = {"session_id": "s", "visitor_id": "v", "occurred_at": "9999-12-31T23:59:59-14:00"}
        answer = served.client.post(f"{served.url}/__admin/websites", json={"sessions": [session]})
        assert answer.status_code == 400
        assert "occurred_at" in answer.json()["detail"]
        assert served.client.get(f"{served.url}/__admin/state").status_code == 200
        served.post(revenue=5)
        kill(served)
    with serve("--state", "state.db") as served:
        assert revenues(served) == [5]


def test_what_is_in_a_file_is_shown_exported_masked_and_imported(tmp_path: Path) -> None:
    file = _fresh(tmp_path)
    shown = orjson.loads(run_command("state", "show", str(file), "--json").stdout)
    assert shown["websites"] == {OWNER: {"payments": 1, "cents": 900}}
    assert "1 payment, 0 requests" in run_command("state", "show", str(file)).stdout
    masked = run_command("state", "export", str(file)).stdout
    assert "a@b.example" not in masked
    assert "tf_toys_0001" not in masked
    table = run_command("state", "export", str(file), "--format", "csv").stdout.splitlines()
    assert table[0].startswith("payment_id,recorded_at,website_id,")
    assert table[1].startswith(
        f"pay_000007,1970-01-01T00:00:01.500Z,{OWNER},tf_session_id,tf_visitor_id,900,a…@b.example"
    )
    for text, code in ((masked, 3), (run_command("state", "export", str(file), "--show-secrets").stdout, 0)):
        (tmp_path / "export.json").write_text(text)
        assert (
            run_command("state", "import", str(tmp_path / "copy.db"), str(tmp_path / "export.json")).returncode == code
        )
    copied = run_command("state", "export", str(tmp_path / "copy.db"), "--show-secrets").stdout
    assert copied == text
    again = run_command("state", "import", str(file), str(tmp_path / "export.json"))
    assert again.returncode == 3
    assert "nothing is imported over it" in again.stderr


PAGE = 4096


def _sound(folder: Path) -> Path:
    """A file with a payment, a website, a request and a fault in it."""
    file = folder / "sound.db"
    store = open_state(file, World().fixtures, tell=print)
    world = World(store=store, requests_kept=10)
    world.administration.add_website({"website_id": "cave", "api_token": "open-sesame-0815", "sessions": []})
    world.faults.add(parse_fault("code=503,skip=9"), 0.0)
    world.finish(world.answer(request()), 0.0)
    world.settle()
    store.close()
    return file


def _use(file: Path) -> None:
    with closing(Archive(file)) as archive:
        assert [archive.total(owner) for owner in archive.owners] == [1]
        assert (archive.cents(OWNER), archive.requests_total, len(archive.change.websites)) == (9900, 1, 1)
        assert len(list(archive.payments())) == 1
    with closing(open_state(file, World().fixtures, tell=print)) as store:
        assert len(list(World(store=store, requests_kept=10).journal)) == 1
        assert store.find(Wanted(), 10)[0] == store.payments_total() == 1


@pytest.mark.parametrize("damage", [b"", b"\xff" * PAGE], ids=["cleared", "overwritten"])
def test_a_file_with_a_damaged_page_is_one_sentence_whatever_is_asked_of_it(tmp_path: Path, damage: bytes) -> None:
    file = _sound(tmp_path)
    _use(file)
    content = file.read_bytes()
    told: list[str] = []
    for start in range(PAGE, len(content), PAGE):
        file.write_bytes(content[:start] + damage.ljust(PAGE, b"\0") + content[start + PAGE :])
        try:
            _use(file)  # there are indexes that nobody asks
        except StateError as problem:
            told.append(str(problem))
    assert len(told) >= 6
    assert all("is broken: parts of it are damaged; put back a copy" in sentence for sentence in told)


@pytest.mark.parametrize(
    "statement",
    [
        "update requests set entry = '{'",
        "update kept set value = '[1]' where name like 'flt%'",
        "update sessions set attribution = 'x'",
        "update payments set revenue = 'much'",
        "update websites set name = cast(x'ff' as text)",
        "pragma ignore_check_constraints = on; pragma writable_schema = on; update sqlite_schema set sql = "
        "replace(sql, 'api_token text not null', 'api_token text') where name = 'websites'; "
        "pragma writable_schema = reset; update websites set api_token = null",
    ],
)
def test_a_row_that_is_not_as_it_was_written_is_one_sentence(tmp_path: Path, statement: str) -> None:
    file = _sound(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("insert into sessions values (1, 'cave', 's', 'v', null, '{}')")
        connection.executescript(statement)
        connection.commit()
    with pytest.raises(StateError, match=r"is broken|cannot be used"):
        _use(file)


@pytest.mark.parametrize("arguments", [["show", "none.db"], ["export", "source.json"], ["import", "a.db", "none.json"]])
def test_a_file_that_is_none_is_told(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "source.json").write_bytes(orjson.dumps(JSON))
    done = run_command("state", *arguments, cwd=tmp_path)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    "body", [b'{"\\ud800": 1}', b'{"session_id": "\\ud800", "revenue": 1}', b"\xff\x00", b"[" * 2000]
)
def test_whatever_is_sent_is_kept_in_the_journal(serve: Serve, body: bytes) -> None:
    options = ("--state", "state.db", "--keep-requests", "10", "--reading", "extra-property=refused")
    with serve(*options) as served:
        answer = answers(served.url, post(body=body) + post(), 2)
        assert [one.status for one in answer] == [400, 200]
        kill(served)
    with serve(*options) as served:
        requests = admin(served, "GET", "requests")["requests"]
        assert [request["response"]["status"] for request in requests] == [200, 400]


def test_requests_cannot_be_kept_without_a_file() -> None:
    done = run_command("serve", "--port", "0", "--keep-requests", "5")
    assert done.returncode == 2
    assert "--state" in done.stderr


def test_a_hundred_at_once_are_all_there(serve: Serve) -> None:
    bodies = [orjson.dumps(VALID | {"revenue": number}) for number in range(1, 101)]
    with serve("--state", "state.db", "--state-sync", "full", "--payments-limit", "60") as served:
        found = answers(served.url, b"".join(post(body=body) for body in bodies), len(bodies))
        assert {answer.status for answer in found} == {200}
        kill(served)
    with serve("--state", "state.db") as served:
        assert revenues(served) == list(range(41, 101))
        assert admin(served, "GET", f"websites/{OWNER}")["payments_total"] == 100


def test_a_request_under_one_of_many_faults_has_that_one_written_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_state(tmp_path / "state.db", World().fixtures, tell=print)) as store:
        world = World(store=store)
        for number in range(500):
            world.faults.add(parse_fault(f"code=503,website=web_{number}"), 0.0)
        hit = world.faults.add(parse_fault("code=503,skip=9"), 0.0)
        world.settle()
        kept: list[str] = []
        monkeypatch.setattr(store, "keep", lambda name, _: kept.append(name))
        world.finish(world.answer(request()), 0.0)
        world.settle()
        assert kept == [hit.fault_id]


def test_kept_faults_whose_numbers_are_taken_from_the_start_are_kept_under_others(tmp_path: Path) -> None:
    found: list[list[tuple[int | None, int]]] = []
    for from_the_start in (0, 2, 2, 0):
        with closing(open_state(tmp_path / "state.db", World().fixtures, tell=print)) as store:
            world = World(store=store, faults=[parse_fault("code=500,skip=99")] * from_the_start)
            if not found:
                for status in (501, 502, 503):
                    world.administration.add_fault(parse_fault(f"code={status},skip=99"))
            world.finish(world.answer(request()), 0.0)
            world.settle()
            mine = [one for one in world.faults if not one.is_first]
            found.append([(one.fault.status, one.seen) for one in mine])
            numbers = [one.fault_id for one in world.faults]
            assert len(numbers) == len(set(numbers)) == from_the_start + 3
    assert found == [[(501, n), (502, n), (503, n)] for n in (1, 2, 3, 4)]
