"""The pytest plugin as a project sees it that has installed the package: options, markers, reports, other plugins."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest
import yaml  # noqa: F401 - a run inside this process unloads what it loaded, and libyaml cannot be loaded twice

pytest_plugins = ["pytester"]

QUICKLY = ("-p", "no:schemathesis", "-p", "no:hypothesispytest")
"""Leaves out two plugins that take most of a second to start, in every process of a run."""

STOREFRONT = '''
import json
import urllib.error
import urllib.request


def attribute(trackfox, **changed):
    """The code under test: gives the status, and the answer's body."""
    body = {
        "session_id": trackfox.session.session_id,
        "visitor_id": trackfox.session.visitor_id,
        "website_id": trackfox.website_id,
        "revenue": 9900,
        "email": "ada@example.com",
    }
    headers = {"authorization": f"Bearer {trackfox.api_token}", "content-type": "application/json"}
    request = urllib.request.Request(trackfox.url, json.dumps(body | changed).encode(), headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()
'''


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a module `storefront` that calls the endpoint."""
    pytester.makepyfile(storefront=STOREFRONT)
    return pytester


def test_the_fixture_is_there_without_any_set_up(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from storefront import attribute

        def test_a_payment_is_attributed(trackfox):
            attribute(trackfox, revenue=4200)
            trackfox.assert_attributed_once(revenue=4200)
    """)
    project.runpytest("-W", "error").assert_outcomes(passed=1)


LIST_MODULES = """
import sys
import pytest

class Recorder:
    def pytest_sessionfinish(self):
        print("LOADED", *sorted(sys.modules))

pytest.main(["-p", "no:cacheprovider", "--collect-only", "-q"], plugins=[Recorder()])
"""


def test_collecting_imports_nothing_but_the_plugin_itself(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_something(trackfox): pass")
    printed = subprocess.run(
        [sys.executable, "-c", LIST_MODULES],
        capture_output=True,
        text=True,
        check=True,
        cwd=pytester.path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "trackfox_mock.pytest_plugin"},
    ).stdout
    [loaded] = [line.split()[1:] for line in printed.splitlines() if line.startswith("LOADED")]
    ours = [name for name in loaded if name.partition(".")[0] == "trackfox_mock"]
    assert ours == ["trackfox_mock", "trackfox_mock.pytest_plugin"]
    heavy = {
        "starlette",
        "uvicorn",
        "orjson",
        "msgspec",
        "yaml",
        "jsonschema_rs",
        "hypothesis",
        "schemathesis",
        "click",
    }
    assert heavy.isdisjoint(loaded)


def test_the_plugin_can_be_left_out(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(trackfox): pass")
    result = project.runpytest("-p", "no:trackfox_mock")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*fixture 'trackfox' not found*")


def test_the_marker_is_registered(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest

        @pytest.mark.trackfox(unexpected="ignore")
        def test_it(trackfox): pass
    """)
    project.runpytest("--strict-markers").assert_outcomes(passed=1)


def test_every_test_has_a_website_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from storefront import attribute

        seen = []

        @pytest.mark.parametrize("number", range(5))
        def test_one_of_many(trackfox, number):
            assert trackfox.payments == trackfox.requests == []
            assert trackfox.website_id not in seen
            seen.append(trackfox.website_id)
            attribute(trackfox)
            trackfox.assert_attributed_once()

        def test_they_share_a_server_that_remembers_none_of_them(trackfox, _trackfox_server):
            world = _trackfox_server.world
            assert [website.website_id for website in world.store.websites()] == [trackfox.website_id]
            assert list(world.journal) == []
    """)
    project.runpytest().assert_outcomes(passed=6)


def test_each_worker_of_xdist_has_a_server(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from storefront import attribute

        @pytest.mark.parametrize("number", range(8))
        def test_one_of_many(trackfox, number):
            attribute(trackfox)
            trackfox.assert_attributed_once()

        def test_it_fails(trackfox):
            attribute(trackfox, email="ada")
            trackfox.assert_attributed()
    """)
    result = project.runpytest_subprocess("-n", "2", "-W", "error", *QUICKLY)
    result.assert_outcomes(passed=8, failed=1)
    result.stdout.fnmatch_lines(["*- TrackFox mock -*", "1 request arrived:"])


def test_async_tests_use_it_too(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import asyncio
        import httpx2
        import pytest
        from storefront import attribute

        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        async def test_over_a_socket(trackfox):
            outbox = asyncio.create_task(asyncio.to_thread(attribute, trackfox))
            payment = await asyncio.to_thread(trackfox.wait_for_payment)
            assert payment.revenue == 9900
            await outbox

        async def test_in_process(trackfox_app):
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=trackfox_app)) as client:
                assert (await client.post(trackfox_app.url)).status_code == 401
            trackfox_app.assert_refused("auth.missing")
    """)
    project.runpytest("-W", "error").assert_outcomes(passed=2)


def test_unittest_has_a_context_manager(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import unittest
        from trackfox_mock import trackfox_mock
        from storefront import attribute

        class Checkout(unittest.TestCase):
            def setUp(self):
                self.trackfox = self.enterContext(trackfox_mock())

            def test_a_payment_is_attributed(self):
                attribute(self.trackfox)
                self.trackfox.assert_attributed_once()
    """)
    project.runpytest("-W", "error").assert_outcomes(passed=1)
    printed = project.run(sys.executable, "-W", "error", "-m", "unittest", "-v")
    printed.stderr.fnmatch_lines("OK")


def test_unittest_classes_can_use_the_fixture(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import unittest
        import pytest
        from storefront import attribute

        class Checkout(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _mock(self, trackfox):
                self.trackfox = trackfox

            def test_a_payment_is_attributed(self):
                attribute(self.trackfox)
                self.trackfox.assert_attributed_once()
    """)
    project.runpytest("-W", "error").assert_outcomes(passed=1)


REFUSED = """
    from storefront import attribute

    def test_nobody_looks_at_the_status(trackfox):
        attribute(trackfox, session_id="ses_unknown")
"""


def test_a_refusal_that_nobody_expected_is_a_warning(project: pytest.Pytester) -> None:
    project.makepyfile(REFUSED)
    result = project.runpytest("-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*UnexpectedRequestWarning: A request was refused*", "*404*refused (match.session)*"])


def test_a_refusal_that_nobody_expected_may_be_an_error(project: pytest.Pytester) -> None:
    project.makepyfile(REFUSED)
    project.makeini("[pytest]\ntrackfox_unexpected = error")
    result = project.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*trackfox.expect("match.session").', '*has no session "ses_unknown"*'])


def test_a_refusal_that_nobody_expected_may_be_ignored(project: pytest.Pytester) -> None:
    project.makepyfile(REFUSED)
    project.makeini("[pytest]\ntrackfox_unexpected = ignore")
    project.runpytest().assert_outcomes(passed=1)


def test_a_project_that_makes_warnings_errors_gets_a_sentence_and_no_traceback(project: pytest.Pytester) -> None:
    project.makepyfile(REFUSED)
    result = project.runpytest("-W", "error")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines("A request was refused or looks wrong*")
    assert "pytest_plugin.py" not in result.stdout.str()


@pytest.mark.parametrize(
    "marker",
    ['expect="match.session"', 'expect=["match.session", "auth.missing"]', 'unexpected="ignore"'],
)
def test_a_marker_says_that_a_refusal_is_expected(project: pytest.Pytester, marker: str) -> None:
    project.makepyfile(f"""
        import pytest
        from storefront import attribute

        @pytest.mark.trackfox({marker})
        def test_it(trackfox):
            attribute(trackfox, session_id="ses_unknown")
    """)
    project.makeini("[pytest]\ntrackfox_unexpected = error")
    project.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("trackfox.expect('404')", {"passed": 1}),
        ("trackfox.allow('match.session', 'auth.missing')", {"passed": 1}),
        ("trackfox.expect('401')", {"passed": 1, "errors": 1}),
        ("trackfox.expect('match.session', 'auth.missing')", {"passed": 1, "errors": 1}),
    ],
)
def test_what_a_test_expects_covers_its_refusal_and_is_to_come(
    project: pytest.Pytester, said: str, outcome: dict[str, int]
) -> None:
    project.makepyfile(f"""
        from storefront import attribute

        def test_it(trackfox):
            {said}
            attribute(trackfox, session_id="ses_unknown")
    """)
    project.makeini("[pytest]\ntrackfox_unexpected = error")
    result = project.runpytest()
    result.assert_outcomes(**outcome)
    if "auth.missing" in said and "errors" in outcome:
        result.stdout.fnmatch_lines(["*The test expected auth.missing, and that never came.", "*1 request arrived:"])


@pytest.mark.parametrize(("rule", "errors"), [("match.session", 0), ("404", 0), ("auth.missing", 1)])
def test_a_request_may_say_itself_what_it_expects(project: pytest.Pytester, rule: str, errors: int) -> None:
    project.makepyfile(f"""
        import urllib.request
        from storefront import attribute

        def test_it(trackfox):
            trackfox.url += "?__expect={rule}"
            attribute(trackfox, session_id="ses_unknown")
    """)
    project.makeini("[pytest]\ntrackfox_unexpected = error")
    project.runpytest().assert_outcomes(passed=1, errors=errors)


def test_the_control_api_may_say_so_too(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import json, urllib.request
        from storefront import attribute

        def test_it(trackfox):
            expectation = json.dumps({"website_id": trackfox.website_id, "rule": "match.session"}).encode()
            urllib.request.urlopen(f"{trackfox.base_url}/__admin/expectations", expectation).close()
            attribute(trackfox, session_id="ses_unknown")
    """)
    project.makeini("[pytest]\ntrackfox_unexpected = error")
    project.runpytest().assert_outcomes(passed=1)


def test_a_marker_that_expects_another_rule_does_not_help(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from storefront import attribute

        @pytest.mark.trackfox(expect="auth.missing", unexpected="error")
        def test_it(trackfox):
            attribute(trackfox, session_id="ses_unknown")
    """)
    project.runpytest().assert_outcomes(passed=1, errors=1)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ('unexpected="loud"', "*unexpected of the marker trackfox is 'loud'; expected one of: error, warn, ignore.*"),
        ('excpect="x"', "*The marker trackfox takes unexpected, expect, readings, real_calls; came 'excpect'.*"),
        ('readings={"oder": "x"}', "*'oder' is not a silence; did you mean order?*"),
    ],
)
def test_a_marker_that_is_wrong_says_what_was_expected(project: pytest.Pytester, marker: str, said: str) -> None:
    project.makepyfile(f"""
        import pytest

        @pytest.mark.trackfox({marker})
        def test_it(trackfox): pass
    """)
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(said)


def test_an_ini_option_that_is_wrong_says_what_was_expected(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\ntrackfox_unexpected = loud")
    result = project.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*trackfox_unexpected is 'loud'; expected one of: error, warn, ignore.")


FAILING = """
    from storefront import attribute

    def test_it_fails(trackfox):
        attribute(trackfox, email="ada")
        assert False, "the shop is closed"
"""


def test_the_report_of_a_failure_shows_what_arrived(project: pytest.Pytester) -> None:
    project.makepyfile(FAILING)
    result = project.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- TrackFox mock -*", "1 request arrived:", "*answered 400: refused (email.valid)"])


def test_junit_has_what_arrived_too(project: pytest.Pytester) -> None:
    project.makepyfile(FAILING)
    project.runpytest("--junit-xml=report.xml")
    written = ET.parse(project.path / "report.xml")  # noqa: S314 - pytest wrote it
    [told] = [each.attrib["value"] for each in written.iter("property") if each.attrib["name"] == "trackfox"]
    assert "refused (email.valid)" in told


def test_no_token_and_no_address_is_in_a_report(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from storefront import attribute

        def test_it_fails(trackfox):
            attribute(trackfox)
            attribute(trackfox, visitor_id="vis_unknown")
            trackfox.assert_attributed_once(revenue=1, email="grace@example.com")
    """)
    result = project.runpytest("--tb=short")
    assert "tf_mock_" not in result.stdout.str()
    printed = [line for line in result.outlines if "trackfox.assert_attributed_once(" not in line]
    assert "grace@example.com" not in "\n".join(printed)
    assert "ada@example.com" not in "\n".join(printed)


def test_two_payments_are_compared_field_by_field(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from trackfox_mock import Payment
        from storefront import attribute

        def test_payments(trackfox):
            attribute(trackfox, revenue=99)
            assert trackfox.payments == [Payment(9900, "ada@example.com", trackfox.session)]

        def test_a_payment(trackfox):
            attribute(trackfox, revenue=99)
            assert trackfox.payments[0] == Payment(9900, "ada@example.com", trackfox.session)

        def test_one_more(trackfox):
            attribute(trackfox)
            attribute(trackfox, revenue=100)
            assert trackfox.payments == [Payment(9900, "ada@example.com", trackfox.session)]
    """)
    result = project.runpytest()
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*the payments differ", "*revenue *99, expected 9900", "*email *as expected"])
    result.stdout.fnmatch_lines(["E *revenue *99, expected 9900", "E *[[]1[]] <Payment * 100 cents, *> is one more"])


CALLERS = {
    "urllib": "urllib.request.urlopen(REAL, b'{}')",
    "requests": "requests.post(REAL, json={})",
    "httpx2": "httpx2.post(REAL, json={})",
    "httpx imported later": "__import__('httpx').post(REAL, json={})",
    "aiohttp": "asyncio.run(by_aiohttp())",
    "a dot at the end": "requests.post(REAL.replace('.app', '.app.'), json={})",
    "a socket": "socket.socket().connect(('TrackFox.app', 443))",
    "a look-up": "socket.gethostbyname('trackfox.app')",
}
REAL_CALL = """
    import asyncio, socket, urllib.request
    import aiohttp, httpx2, pytest, requests

    REAL = "https://trackfox.app/api/v1/attribute-payment"

    async def by_aiohttp():
        async with aiohttp.ClientSession() as session, session.post(REAL, json={}):
            pass
"""


def test_every_call_of_the_real_service_is_blocked_with_both_cures(pytester: pytest.Pytester) -> None:
    calls = "".join(f"def test_{number}(trackfox):\n    {call}\n" for number, call in enumerate(CALLERS.values()))
    pytester.makepyfile(dedent(REAL_CALL) + calls)
    result = pytester.runpytest_subprocess(*QUICKLY)
    result.assert_outcomes(failed=len(CALLERS))
    both = "*RealHostError: https://trackfox.app is the real service*trackfox.setenv(monkeypatch)*trackfox.intercept()*"
    cures = (both, "*No request arrived.*setenv*intercept*")
    result.stdout.fnmatch_lines([line for number in range(len(CALLERS)) for line in (f"*_ test_{number} _*", *cures)])


def test_a_blocked_call_is_told_though_the_code_went_on_as_if_nothing_had_been(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"""{REAL_CALL}
    def test_it(trackfox):
        try:
            httpx2.post(REAL, json={{}})
        except Exception:
            pass  # as a job that must not fail does
        trackfox.assert_nothing_attributed()
    """)
    result = pytester.runpytest_subprocess(*QUICKLY, "-o", "trackfox_unexpected=error")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*The test called the real service, https://trackfox.app, and was blocked. *setenv*"])


@pytest.mark.parametrize("allowed", ["marker", "ini", "no fixture"])
def test_a_call_of_the_real_service_can_be_allowed(pytester: pytest.Pytester, allowed: str) -> None:
    marker = '@pytest.mark.trackfox(real_calls="allow")' if allowed == "marker" else ""
    fixture = "" if allowed == "no fixture" else "trackfox"
    if allowed == "ini":
        pytester.makeini("[pytest]\ntrackfox_real_calls = allow")
    pytester.makepyfile(f"""{REAL_CALL}
    import socket

    @pytest.fixture(autouse=True)
    def nowhere(monkeypatch):
        def lookup(*_):
            raise OSError("it would have been called")
        monkeypatch.setattr(socket, "getaddrinfo", lookup)

    {marker}
    def test_it({fixture}):
        with pytest.raises(OSError, match="it would have been called"):
            urllib.request.urlopen(REAL, b"{{}}")
    """)
    pytester.runpytest_subprocess(*QUICKLY).assert_outcomes(passed=1)


def test_while_calls_are_blocked_an_interception_still_catches_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"""{REAL_CALL}
    def test_it(trackfox):
        with trackfox.intercept():
            assert requests.post(REAL, json={{}}).status_code == 401
        trackfox.expect("auth.missing")
    """)
    pytester.runpytest_subprocess(*QUICKLY).assert_outcomes(passed=1)


def test_a_wrong_word_about_real_calls_says_what_was_expected(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\ntrackfox_real_calls = maybe")
    result = pytester.runpytest_subprocess(*QUICKLY)
    result.stderr.fnmatch_lines(["*the ini option trackfox_real_calls is 'maybe'; expected one of: block, allow.*"])
