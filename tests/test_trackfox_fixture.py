"""The `trackfox` fixture: what a test is given, what it can assert, and what a failing assertion says."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from trackfox_mock import FaultError, Payment, RuleError, Trackfox, TrackfoxApp, TrackfoxMockError, World, trackfox_mock
from trackfox_mock.testing import served


def pay(trackfox: Trackfox, **changed: Any) -> int:
    """Attribute a payment as the code under test would; gives the status."""
    body = {
        "session_id": trackfox.session.session_id,
        "visitor_id": trackfox.session.visitor_id,
        "website_id": trackfox.website_id,
        "revenue": 9900,
        "email": "ada@example.com",
    }
    headers = {"authorization": f"Bearer {changed.pop('token', trackfox.api_token)}"}
    return httpx2.post(trackfox.url, json=body | changed, headers=headers).status_code


def test_a_payment_is_attributed(trackfox: Trackfox) -> None:
    assert pay(trackfox) == 200
    payment = trackfox.assert_attributed(revenue=9900, email="ada@example.com", session=trackfox.session)
    assert payment.attribution == trackfox.session.attribution
    assert trackfox.payments == [payment]


def test_a_test_starts_with_nothing(trackfox: Trackfox) -> None:
    assert trackfox.payments == []
    assert trackfox.requests == []
    trackfox.assert_nothing_attributed()


def test_a_payment_equals_one_that_the_test_builds(trackfox: Trackfox) -> None:
    pay(trackfox)
    assert trackfox.payments == [Payment(9900, "ada@example.com", trackfox.session)]


def test_a_new_session_is_another_visitors(trackfox: Trackfox) -> None:
    session = trackfox.new_session(source="newsletter")
    assert session.visitor_id != trackfox.session.visitor_id
    pay(trackfox, session_id=session.session_id, visitor_id=session.visitor_id)
    assert trackfox.assert_attributed(session=session).attribution == {"source": "newsletter"}


def test_a_visitor_comes_a_second_time(trackfox: Trackfox) -> None:
    session = trackfox.new_session(trackfox.session.visitor_id, source="direct")
    pay(trackfox, session_id=session.session_id)
    trackfox.assert_attributed_once(session=session)


def test_the_token_of_another_website_is_refused(trackfox: Trackfox) -> None:
    other = trackfox.other_website()
    assert pay(trackfox, token=other.api_token) == 401
    trackfox.assert_refused("auth.website", status=401)
    other.assert_nothing_attributed()


def test_the_environment_says_where_and_who(trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch) -> None:
    trackfox.setenv(monkeypatch)
    assert {name: os.environ[name] for name in trackfox.env} == trackfox.env
    assert trackfox.env["TRACKFOX_BASE_URL"] + "/api/v1/attribute-payment" == trackfox.url


def test_a_request_tells_what_became_of_it(trackfox: Trackfox) -> None:
    pay(trackfox, session_id="ses_unknown")
    [request] = trackfox.requests
    trackfox.expect("match.session")
    assert (request.method, request.path, request.status) == ("POST", "/api/v1/attribute-payment", 404)
    assert (request.outcome, request.rule, request.payment) == ("refused", "match.session", None)
    assert request.json["session_id"] == "ses_unknown"
    assert request.headers["authorization"] == f"Bearer {trackfox.api_token}"


def test_a_request_that_belongs_to_nobody_is_seen_by_the_test_that_is_alone(trackfox: Trackfox) -> None:
    pay(trackfox, website_id="web_unknown", token="tf_unknown")
    assert [request.rule for request in trackfox.requests] == ["unknown-website"]
    trackfox.expect("unknown-website")


def test_a_payment_that_comes_later_is_waited_for(trackfox: Trackfox) -> None:
    outbox = threading.Timer(0.05, pay, [trackfox])
    outbox.start()
    assert trackfox.wait_for_payment(timeout=5).revenue == 9900
    outbox.join()


def test_each_wait_gives_the_next_payment(trackfox: Trackfox) -> None:
    pay(trackfox, revenue=100)
    pay(trackfox, revenue=200)
    assert [trackfox.wait_for_payment().revenue, trackfox.wait_for_payment().revenue] == [100, 200]


def test_waiting_in_vain_says_what_came_instead(trackfox: Trackfox) -> None:
    pay(trackfox, revenue=0)
    trackfox.expect("revenue.positive-integer")
    with pytest.raises(AssertionError, match=r"No payment came within 0\.01 seconds[\s\S]*revenue\.positive-integer"):
        trackfox.wait_for_payment(timeout=0.01)


def test_waiting_ends_though_the_test_has_stopped_the_clock(
    trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    with pytest.raises(AssertionError, match="No payment came"):
        trackfox.wait_for_payment(timeout=0.01)


@pytest.mark.slow
def test_tests_in_many_threads_share_a_server_and_see_only_their_own() -> None:
    def one_test(number: int) -> list[tuple[int, list[str]]]:
        guest = Trackfox(host)
        pay(guest, revenue=1000 + number)
        pay(guest, session_id="ses_unknown")
        seen = [(payment.revenue, [request.outcome for request in guest.requests]) for payment in guest.payments]
        guest.leave()
        return seen

    with served(World(websites=())) as host, ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(one_test, range(24)))
        assert list(host.world.journal) == []
        assert host.world.store.websites_total == 0
    assert seen == [[(1000 + number, ["attributed", "refused"])] for number in range(24)]


def test_waiting_inside_an_event_loop_says_how_to_wait_instead(trackfox: Trackfox) -> None:
    async def wait() -> None:
        trackfox.wait_for_payment(timeout=0.01)

    with pytest.raises(AssertionError, match=r"await asyncio\.to_thread\(trackfox\.wait_for_payment\)"):
        asyncio.run(wait())


def test_the_nearest_payment_is_compared_field_by_field(trackfox: Trackfox) -> None:
    pay(trackfox, revenue=990)
    with pytest.raises(AssertionError) as failure:
        trackfox.assert_attributed(revenue=9900, email="ada@example.com")
    said = str(failure.value)
    assert "A payment of 9900 cents for a…@example.com was not attributed." in said
    assert "revenue  990, expected 9900" in said
    assert "email    a…@example.com, as expected" in said
    assert "ada@" not in said


def test_two_addresses_that_are_masked_alike_are_told_apart(trackfox: Trackfox) -> None:
    pay(trackfox, email="ada@example.com")
    with pytest.raises(AssertionError, match="differ from character 2 on"):
        trackfox.assert_attributed(email="alan@example.com")


def test_a_payment_counted_twice_is_not_once(trackfox: Trackfox) -> None:
    pay(trackfox)
    pay(trackfox)
    trackfox.expect("duplicate")
    with pytest.raises(AssertionError, match="There are 2 such payments"):
        trackfox.assert_attributed_once(revenue=9900)


def test_a_payment_is_not_nothing(trackfox: Trackfox) -> None:
    pay(trackfox)
    with pytest.raises(AssertionError, match=r"No payment was expected\.[\s\S]*9900 cents"):
        trackfox.assert_nothing_attributed()


def test_an_accepted_request_is_not_refused(trackfox: Trackfox) -> None:
    pay(trackfox)
    with pytest.raises(AssertionError, match=r"No request was refused with 401 by auth\.missing"):
        trackfox.assert_refused("auth.missing", status=401)


def test_a_silence_can_be_read_otherwise(trackfox: Trackfox) -> None:
    trackfox.reading(extra_property="refused")
    assert pay(trackfox, currency="EUR") == 400
    trackfox.assert_refused("extra-property")


@pytest.mark.trackfox(readings={"extra-property": "refused"}, expect="extra-property")
def test_a_marker_reads_a_silence_otherwise(trackfox: Trackfox) -> None:
    assert pay(trackfox, currency="EUR") == 400


def test_a_reading_is_gone_with_the_test_that_chose_it(trackfox: Trackfox) -> None:
    trackfox.expect("extra-property")
    assert pay(trackfox, currency="EUR") == 200


def test_an_acknowledgement_is_lost_after_the_payment_was_recorded(trackfox: Trackfox) -> None:
    trackfox.fail_next(status=500, phase="after-commit")
    assert [pay(trackfox), pay(trackfox)] == [500, 200]
    assert len(trackfox.payments) == 2
    assert [request.fault for request in trackfox.requests] == ["STATUS", None]
    trackfox.expect("duplicate")


def test_a_request_fails_before_the_service_looks_at_it(trackfox: Trackfox) -> None:
    trackfox.fail_next(status=503, times=2)
    assert [pay(trackfox), pay(trackfox), pay(trackfox)] == [503, 503, 200]
    assert [request.outcome for request in trackfox.requests] == ["faulted", "faulted", "attributed"]


def test_a_connection_is_reset(trackfox: Trackfox) -> None:
    trackfox.fault("CONNECTION_RESET_BY_PEER", phase="after-commit")
    with pytest.raises(httpx2.TransportError):
        pay(trackfox)
    trackfox.assert_attributed_once()
    [request] = trackfox.requests
    assert request.status is None
    assert "got no answer: attributed" in str(request)


def test_an_answer_is_late(trackfox: Trackfox) -> None:
    trackfox.delay(milliseconds=60_000)
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(trackfox.url, headers={"authorization": f"Bearer {trackfox.api_token}"}, timeout=0.05)
    trackfox.expect("body.object")


def test_a_fault_hits_only_the_website_that_asked_for_it(trackfox: Trackfox) -> None:
    trackfox.fail_next()
    assert pay(trackfox.other_website()) == 200


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"name": "EXPLODE"}, "came the fault 'EXPLODE'; expected one of CONNECTION_RESET_BY_PEER, "),
        ({"name": "HANG", "times": 0}, "failRequestCount"),
        ({"name": "HANG", "phase": "later"}, "phase"),
    ],
)
def test_a_fault_that_is_not_possible_says_what_is(trackfox: Trackfox, fault: dict[str, Any], said: str) -> None:
    with pytest.raises(FaultError, match=said):
        trackfox.fault(**fault)


def test_a_request_explains_itself(trackfox: Trackfox) -> None:
    other = trackfox.other_website()
    pay(trackfox, token=other.api_token)
    trackfox.assert_refused("auth.website")
    [request] = trackfox.requests
    assert other.website_id in str(request)
    assert trackfox.url in request.explanation
    assert other.api_token not in request.explanation


def test_what_looks_wrong_is_told_though_it_was_accepted(trackfox: Trackfox) -> None:
    pay(trackfox, revenue=29)
    assert [advisory.id for advisory in trackfox.requests[0].advisories] == ["small-amount"]
    assert "send 2900" in str(trackfox.requests[0])
    assert trackfox.unexpected == trackfox.requests
    trackfox.expect("small-amount")
    assert trackfox.unexpected == []


def test_a_webhook_carries_the_ids_of_the_session(trackfox: Trackfox) -> None:
    session = trackfox.new_session()
    event = json.loads(trackfox.webhook("stripe", session=session, amount_cents=4200).body)["data"]["object"]
    assert event["amount_total"] == 4200
    assert event["metadata"] == {
        "session_id": session.session_id,
        "visitor_id": session.visitor_id,
        "website_id": trackfox.website_id,
    }


def test_the_mock_runs_in_process(trackfox_app: TrackfoxApp) -> None:
    async def pay_in_process() -> int:
        transport = httpx2.ASGITransport(app=trackfox_app)
        async with httpx2.AsyncClient(transport=transport) as client:
            body = {
                "session_id": trackfox_app.session.session_id,
                "visitor_id": trackfox_app.session.visitor_id,
                "website_id": trackfox_app.website_id,
                "revenue": 4200,
                "email": "ada@example.com",
            }
            headers = {"authorization": f"Bearer {trackfox_app.api_token}"}
            return (await client.post(trackfox_app.url, json=body, headers=headers)).status_code

    assert asyncio.run(pay_in_process()) == 200
    trackfox_app.assert_attributed_once(revenue=4200)


def test_a_mock_that_has_stopped_says_so() -> None:
    with trackfox_mock() as trackfox:
        pass
    with pytest.raises(TrackfoxMockError, match="The mock has stopped"):
        _ = trackfox.payments


def test_a_script_has_a_mock_of_its_own() -> None:
    with trackfox_mock(readings={"extra-property": "refused"}) as trackfox:
        assert pay(trackfox) == 200
        assert pay(trackfox, currency="EUR") == 400
        trackfox.assert_attributed_once()


def test_a_webhook_that_a_handler_refused_is_told_with_its_secret_and_the_cure(
    trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_WEBHOOK_SECRET", raising=False)
    trackfox.webhook("stripe")
    with pytest.raises(AssertionError, match=r"(?s)No request arrived.*start it with STRIPE_WEBHOOK_SECRET=whsec_"):
        trackfox.assert_attributed(revenue=9900)
    with pytest.raises(AssertionError, match="STRIPE_WEBHOOK_SECRET=whsec_trackfox_mock, or pass its own as secret"):
        trackfox.wait_for_payment(timeout=0)


def test_a_webhook_is_signed_with_the_environments_secret(trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEMONSQUEEZY_WEBHOOK_SECRET", "the shop's own")
    sent = trackfox.webhook("lemonsqueezy")
    signature = dict(sent.headers)["X-Signature"]
    assert signature == hmac.new(b"the shop's own", sent.body, "sha256").hexdigest()
    with pytest.raises(AssertionError, match="signed with the secret in LEMONSQUEEZY_WEBHOOK_SECRET"):
        trackfox.assert_attributed()


def test_a_rule_that_does_not_exist_is_told_with_the_nearest(trackfox: Trackfox) -> None:
    for asked in (trackfox.expect, trackfox.assert_refused):
        with pytest.raises(RuleError, match=r"there is no rule 'match.sesion'; did you mean match.session?"):
            asked("match.sesion")
