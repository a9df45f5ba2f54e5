"""The ten mistakes of an integration: a wrong handler each, and what the kit says to it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from trackfox_mock import Trackfox, Webhook, running
from trackfox_mock.commands.webhook import command as webhook_command

Event = dict[str, Any]


class Shop:
    """A shop that is about to make a mistake: what it would send if it did not, and how it sends it."""

    def __init__(self, trackfox: Trackfox) -> None:
        self.trackfox = trackfox
        self.url = trackfox.url
        self.headers = {"Authorization": f"Bearer {trackfox.api_token}"}
        self.payment = {
            "website_id": trackfox.website_id,
            "session_id": trackfox.session.session_id,
            "visitor_id": trackfox.session.visitor_id,
            "revenue": 9900,
            "email": "customer@example.com",
        }

    def post(self, payment: Event, **headers: str) -> httpx2.Response:
        """Tell TrackFox of a payment."""
        return httpx2.post(self.url, headers=self.headers | headers, json=payment)

    def told(self) -> str:
        """What the kit says to the last request: how it was answered, why, how to mend it, and what it advises."""
        return str(self.trackfox.requests[-1])


@pytest.fixture
def shop(trackfox: Trackfox) -> Shop:
    return Shop(trackfox)


# 1. Dollars for cents


def test_1_dollars_with_cents_are_refused_and_the_cents_are_named(shop: Shop) -> None:
    price = {"price": 29.99}
    shop.post(shop.payment | {"revenue": price["price"]})
    assert "revenue is 29.99, which looks like dollars, not cents" in shop.told()
    assert "send 2999" in shop.told()
    shop.trackfox.assert_refused("revenue.positive-integer")


def test_1_whole_dollars_are_valid_and_get_an_advisory(shop: Shop) -> None:
    assert shop.post(shop.payment | {"revenue": 29}).status_code == 200
    assert "revenue is 29 cents" in shop.told()
    assert "if 29.00 is the price, send 2900" in shop.told()
    shop.trackfox.expect("small-amount")


# 2. A float's residue, or a wrong type


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (79.99 * 100, "7998.999999999999, a float's residue; expected a positive integer in cents: send 7999"),
        ("9900", 'revenue is "9900", a string; expected a positive integer in cents: send 9900, without quotes'),
        ("99.00", 'revenue is "99.00", a string that looks like dollars, not cents'),
        (True, "revenue is true; expected a positive integer in cents: send the amount, not whether it was paid"),
        (None, "revenue is null; expected a positive integer in cents"),
    ],
)
def test_2_a_providers_amount_passed_on_as_it_came(shop: Shop, amount: object, said: str) -> None:
    shop.post(shop.payment | {"revenue": amount})
    assert said in shop.told()
    shop.trackfox.assert_refused(status=400)


# 3. The same payment twice


def test_3_a_redelivery_is_counted_twice_and_the_second_call_gets_an_advisory(shop: Shop) -> None:
    for _ in range(2):  # the handler keeps no payment ids, and the provider delivers twice
        shop.post(shop.payment)
    assert "the same session, amount and e-mail came before, as pay_" in shop.told()
    assert "remember its own id, and call once" in shop.told()
    shop.trackfox.expect("duplicate")
    with pytest.raises(AssertionError, match="it is the caller who must not call twice for one payment"):
        shop.trackfox.assert_attributed_once()


def test_3_look_then_insert_loses_the_race_of_two_deliveries(shop: Shop) -> None:
    seen: set[str] = set()
    both_looked = threading.Barrier(2)

    def handle(event: Event) -> None:
        known = event["payment"] in seen
        both_looked.wait()  # PayPal is on record with 0.07 s between two deliveries
        if not known:
            seen.add(event["payment"])
            shop.post(shop.payment)

    deliveries = [threading.Thread(target=handle, args=({"payment": "capture-1"},)) for _ in range(2)]
    for delivery in deliveries:
        delivery.start()
    for delivery in deliveries:
        delivery.join()
    assert "the same session, amount and e-mail came before" in shop.told()
    shop.trackfox.expect("duplicate")
    with pytest.raises(AssertionError, match="There are 2 such payments, and one was expected"):
        shop.trackfox.assert_attributed_once()


# 4. Ids lost on the way


NO_METADATA: Event = {}


@pytest.mark.parametrize(
    ("visitor_id", "said"),
    [
        (NO_METADATA.get("visitor_id", ""), 'visitor_id is "", which is empty'),
        (
            f"{NO_METADATA.get('visitor_id')}",
            '"None", a variable that held nothing',
        ),
        ("undefined", '"undefined", a variable that held nothing'),
        ("[object Object]", '"[object Object]", a variable that held nothing'),
        ("tf_visitor_id", 'visitor_id is "tf_visitor_id", the documentation\'s placeholder'),
        ("{{visitor_id}}", 'visitor_id is "{{visitor_id}}", a template that was not filled in'),
    ],
)
def test_4_an_id_that_was_lost_on_the_way(shop: Shop, visitor_id: str, said: str) -> None:
    shop.post(shop.payment | {"visitor_id": visitor_id})
    assert said in shop.told()
    assert "carry it from the browser through the checkout's metadata" in shop.told()
    shop.trackfox.assert_refused("match.visitor")


# 5. A wrong id in the field


def test_5_visitor_and_session_are_swapped(shop: Shop) -> None:
    metadata = {"session_id": shop.payment["visitor_id"], "visitor_id": shop.payment["session_id"]}
    shop.post(shop.payment | metadata)
    assert "swap them" in shop.told()
    shop.trackfox.assert_refused("match.session")


@pytest.mark.parametrize(
    ("field", "path", "noun"),
    [("session_id", "id", "a Stripe checkout session"), ("session_id", "payment_intent", "a Stripe payment intent")],
)
def test_5_the_providers_id_is_taken_for_trackfoxs(shop: Shop, field: str, path: str, noun: str) -> None:
    session = shop.trackfox.webhook("stripe").json["data"]["object"]
    shop.post(shop.payment | {field: session[path]})
    assert f"the id of {noun}" in shop.told()
    shop.trackfox.assert_refused("match.session")


def test_5_both_ids_are_known_but_not_together(shop: Shop) -> None:
    another = shop.trackfox.new_session()
    shop.post(shop.payment | {"session_id": another.session_id})
    assert "expected a session and its own visitor" in shop.told()
    assert f'send visitor_id "{another.visitor_id}"' in shop.told()
    shop.trackfox.assert_refused("match.together")


def test_5_the_ids_are_another_websites(shop: Shop) -> None:
    other = shop.trackfox.other_website()
    ids = {"session_id": other.session.session_id, "visitor_id": other.session.visitor_id}
    shop.post(shop.payment | ids)
    assert f'is known in "{other.website_id}", not in "{shop.trackfox.website_id}"' in shop.told()
    shop.trackfox.assert_refused(status=404)


# 6. Authentication slips


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{token}", "put Bearer and a space before the token"),
        ("Bearer Bearer {token}", "Bearer stands there twice"),
        ('Bearer "{token}"', "came with quotes around it"),
        ("Bearer {token}\\n", "came with a line break around it"),
        ("Bearer sk_live_51H8xAbCdEf", "the token is a secret key of Stripe"),
        ("Bearer your_api_token", "placeholder"),
    ],
)
def test_6_a_token_that_is_written_wrong(shop: Shop, written: str, said: str) -> None:
    shop.post(shop.payment, Authorization=written.format(token=shop.trackfox.api_token))
    assert said in shop.told()
    assert shop.trackfox.api_token not in shop.told()
    shop.trackfox.assert_refused(status=401)


def test_6_the_token_of_another_website(shop: Shop) -> None:
    other = shop.trackfox.other_website()
    shop.post(shop.payment, Authorization=f"Bearer {other.api_token}")
    assert f'is the one of website "{other.website_id}"' in shop.told()
    shop.trackfox.assert_refused("auth.website")


def test_6_a_token_in_a_browser(shop: Shop) -> None:
    assert shop.post(shop.payment, Origin="https://shop.example").status_code == 200
    assert "call from a server, in a browser anybody can read the token" in shop.told()
    shop.trackfox.expect("browser")


# 7. The status ignored


def test_7_the_documents_own_sample_takes_a_refusal_for_a_success(shop: Shop) -> None:
    shop.trackfox.reading(error_body="message")
    response = shop.post(shop.payment | {"session_id": "ses_of_yesterday"})
    message = response.json()["message"]  # as the JavaScript sample does: it never looks at the status
    assert message != "Payment event attributed successfully."
    with pytest.raises(AssertionError, match="was answered 404: refused"):
        shop.trackfox.assert_attributed_once()
    assert [exchange.rule for exchange in shop.trackfox.unexpected] == ["match.session"]
    shop.trackfox.assert_refused("match.session")


def test_7_a_client_that_knows_one_shape_of_error_crashes_on_another(shop: Shop) -> None:
    shop.trackfox.reading(error_body="html")
    response = shop.post(shop.payment | {"session_id": "ses_of_yesterday"})
    with pytest.raises(json.JSONDecodeError):
        response.json()
    shop.trackfox.assert_refused("match.session")


# 8. Bad retries


def test_8_a_final_answer_asked_for_again_and_again(shop: Shop) -> None:
    for _ in range(3):
        if shop.post(shop.payment | {"session_id": "ses_nobody"}).status_code == 200:
            break
    assert [exchange.status for exchange in shop.trackfox.requests] == [404, 404, 404]
    assert {exchange.rule for exchange in shop.trackfox.unexpected} == {"match.session"}
    assert "the same request was refused before" in shop.told()
    shop.trackfox.assert_refused("match.session")
    shop.trackfox.expect("retried")


def test_8_a_500_that_came_after_the_payment_was_recorded_and_is_asked_for_again(shop: Shop) -> None:
    shop.trackfox.fail_next(500, phase="after-commit")
    while shop.post(shop.payment).status_code != 200:
        pass
    assert [exchange.status for exchange in shop.trackfox.requests] == [500, 200]
    assert "the same session, amount and e-mail came before" in shop.told()
    shop.trackfox.expect("duplicate")
    with pytest.raises(AssertionError, match="There are 2 such payments"):
        shop.trackfox.assert_attributed_once()


@contextmanager
def webhook_that_calls_trackfox_itself(shop: Shop) -> Iterator[str]:
    """A handler that has no outbox: the provider waits for TrackFox, and is answered what TrackFox answers."""

    def handle(_: Request) -> Response:
        answer = shop.post(shop.payment | {"session_id": "ses_nobody"})
        return PlainTextResponse("from TrackFox", status_code=answer.status_code)

    with running(Starlette(routes=[Route("/webhook", handle, methods=["POST"])])) as base_url:
        yield f"{base_url}/webhook"


def test_8_a_refusal_of_trackfoxs_is_handed_to_the_provider_who_sends_again(shop: Shop) -> None:
    with webhook_that_calls_trackfox_itself(shop) as url:
        told = CliRunner().invoke(webhook_command, ["paddle", "--to", url])
    assert told.exit_code == 1
    assert re.search(r': 404 in \d+ ms: "from TrackFox"', told.output)
    shop.trackfox.assert_refused("match.session")


def test_8_the_provider_is_kept_waiting_while_trackfox_is_slow(shop: Shop) -> None:
    shop.trackfox.delay(300)
    with webhook_that_calls_trackfox_itself(shop) as url:
        told = CliRunner().invoke(webhook_command, ["paddle", "--to", url, "--timeout", "0.1"])
    assert told.exit_code == 1
    assert "no answer within 0.1 s" in told.output
    shop.trackfox.expect("match.session")


# 9. Not a payment, or counted twice


def paid_by_careless_hands(shop: Shop, hook: Webhook) -> None:
    """Take every event of a session for a payment: neither `payment_status` nor the kind of event is looked at."""
    subject = hook.json["data"]["object"]
    amount = subject.get("amount_total", subject.get("amount"))
    shop.post(shop.payment | {"revenue": -amount if hook.event == "charge.refunded" else amount})


def test_9_a_free_checkout_is_no_payment(shop: Shop) -> None:
    paid_by_careless_hands(shop, shop.trackfox.webhook("stripe", variant="zero"))
    assert "revenue is 0" in shop.told()
    assert "do not call for what costs nothing" in shop.told()
    shop.trackfox.assert_refused("revenue.positive-integer")


def test_9_a_refund_is_no_negative_payment(shop: Shop) -> None:
    paid_by_careless_hands(shop, shop.trackfox.webhook("stripe", variant="refund"))
    assert "which looks like a refund" in shop.told()
    shop.trackfox.assert_refused("revenue.positive-integer")


def test_9_an_unpaid_session_is_attributed_and_the_test_fails(shop: Shop) -> None:
    paid_by_careless_hands(shop, shop.trackfox.webhook("stripe", variant="unpaid"))
    with pytest.raises(AssertionError, match="No payment was expected"):
        shop.trackfox.assert_nothing_attributed()


def test_9_two_events_about_one_payment_are_counted_twice(shop: Shop) -> None:
    paid_by_careless_hands(shop, shop.trackfox.webhook("stripe", variant="paid"))
    paid_by_careless_hands(shop, shop.trackfox.webhook("stripe", variant="twin"))
    assert "the same session, amount and e-mail came before" in shop.told()
    shop.trackfox.expect("duplicate")
    with pytest.raises(AssertionError, match="There are 2 such payments"):
        shop.trackfox.assert_attributed_once()


# 10. Field and encoding slips


@pytest.mark.parametrize(
    ("meant", "written"), [("website_id", "websiteId"), ("revenue", "amount"), ("email", "customer_email")]
)
def test_10_a_field_by_another_name(shop: Shop, meant: str, written: str) -> None:
    value = shop.payment.pop(meant)
    shop.post(shop.payment | {written: value})
    assert f"rename it to {meant}" in shop.told()
    shop.trackfox.assert_refused("field.required")


def test_10_a_form_instead_of_json(shop: Shop) -> None:
    httpx2.post(shop.url, headers=shop.headers, data=shop.payment)
    assert "the body is form-encoded" in shop.told()
    shop.trackfox.assert_refused("body.object")


def test_10_json_in_a_json_string(shop: Shop) -> None:
    httpx2.post(shop.url, headers=shop.headers, json=json.dumps(shop.payment))
    assert "the body is a JSON string that holds JSON" in shop.told()
    shop.trackfox.assert_refused("body.object")


def test_10_a_slash_too_many(shop: Shop) -> None:
    httpx2.post(f"{shop.url}/", headers=shop.headers, json=shop.payment)
    assert "with a slash at its end" in shop.told()
    shop.trackfox.assert_refused("endpoint")


def test_10_put_instead_of_post(shop: Shop) -> None:
    httpx2.put(shop.url, headers=shop.headers, json=shop.payment)
    assert "the method is PUT" in shop.told()
    shop.trackfox.assert_refused("other-method")
