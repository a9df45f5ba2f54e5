"""What `tenants/store.py` promises, of every store."""

from __future__ import annotations

import pytest

from tests.stores.conftest import ADA, ADA_AGAIN, BOB, EVE, KITES, LAMPS, MakeStore
from trackfox_mock import Session, Website
from trackfox_mock.tenants.store import REMEMBERED, Change, Store, Wanted

GOOD = b"Bearer tf_live_lamps_0001"
TOYS = Website("toys", "tf_live_toys_00001", "Toys", (Session("toys", "ses_t", "vis_t", None, {}),))


def pay(store: Store, session: Session = ADA, revenue: int = 100, email: str = "a@b.example", at: float = 1.0) -> int:
    payment, _ = store.record(session, revenue, email, at)
    store.commit()
    return payment.number


def test_the_events_of_a_visitor_come_in_order_of_their_time(store: Store) -> None:
    assert store.events("lamps", "ses_1", "vis_ada") == (ADA, ADA_AGAIN)
    assert store.events("lamps", "ses_1", "vis_bob") == (BOB,)
    assert store.events("kites", "ses_1", "vis_ada") == store.events("none", "ses_1", "vis_ada") == ()
    assert store.session("lamps", "ses_1") == (BOB, ADA, ADA_AGAIN)


@pytest.mark.parametrize(
    ("website_id", "authorization", "session_id", "visitor_id"),
    [
        ("kites", GOOD, "ses_2", "vis_eve"),
        ("lamps", b"bearer tf_live_lamps_0001", "ses_1", "vis_ada"),
        ("lamps", b"", "ses_1", "vis_ada"),
        ("lamps", GOOD, "ses_2", "vis_ada"),
        ("none", GOOD, "ses_1", "vis_ada"),
    ],
)
def test_only_the_websites_own_header_admits(
    store: Store, website_id: str, authorization: bytes, session_id: str, visitor_id: str
) -> None:
    assert store.admitted("lamps", GOOD, "ses_1", "vis_bob") == (BOB,)
    assert store.admitted(website_id, authorization, session_id, visitor_id) == ()


def test_an_odd_token_admits_nobody(make_store: MakeStore) -> None:
    odd = make_store([Website("lamps", "with space", "", (ADA,))])
    assert odd.admitted("lamps", b"Bearer with space", "ses_1", "vis_ada") == ()
    assert odd.admitted("lamps", b"", "ses_1", "vis_ada") == ()


def test_it_knows_which_ids_are_whose(store: Store) -> None:
    assert store.knows_session("lamps", "ses_1")
    assert store.knows_visitor("kites", "vis_eve")
    assert not store.knows_session("kites", "ses_1")
    assert not store.knows_visitor("none", "vis_eve")
    assert set(store.session_ids("lamps")) == {"ses_1"}
    assert set(store.visitor_ids("lamps")) == {"vis_ada", "vis_bob"}
    assert store.sessions_total("lamps") == 3
    assert store.token_owner("tf_live_kites_0001") == "kites"
    assert store.token_owner("tf_live_kites_000") is None
    assert list(store.known_tokens.find(b"x tf_live_kites_0001 y", ())) == [(2, 20)]
    assert store.knows_id("vis_bob")
    assert not store.knows_id("vis_nobody")


def test_a_payment_is_numbered_counted_and_found(store: Store) -> None:
    assert [pay(store), pay(store, EVE), pay(store, revenue=2**70, email="ü@b.example", at=5.0)] == [1, 2, 3]
    assert [payment.number for payment in store.payments()] == [1, 2, 3]
    (first, third) = store.payments("lamps")
    assert (first.session, first.revenue, first.email, first.recorded_at) == (ADA, 100, "a@b.example", 1.0)
    assert (third.revenue, third.email) == (2**70, "ü@b.example")
    assert store.payments_total() == 3
    assert store.payments_total("kites") == 1


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [4, 3, 2, 1]),
        (Wanted(website_id="lamps"), [4, 3, 1]),
        (Wanted(session_id="ses_2"), [2]),
        (Wanted(visitor_id="vis_bob"), [3]),
        (Wanted(email="a@b.example", revenue=100), [2, 1]),
        (Wanted(revenue=2**70), [4]),
        (Wanted(since=3.0), [4, 3]),
        (Wanted(website_id="kites", since=3.0), []),
    ],
)
def test_what_is_wanted_is_found_the_newest_first(store: Store, wanted: Wanted, numbers: list[int]) -> None:
    pay(store)
    pay(store, EVE, at=2.0)
    pay(store, BOB, 300, at=3.0)
    pay(store, ADA, 2**70, at=4.0)
    total, found = store.find(wanted, 100)
    assert (total, [payment.number for payment in found]) == (len(numbers), numbers)
    total, found = store.find(wanted, 1)
    assert (total, [payment.number for payment in found]) == (len(numbers), numbers[:1])
    assert store.find(wanted, 0) == (len(numbers), [])
    assert store.find(wanted, 10**30)[0] == len(numbers)


def test_the_fields_of_an_edited_document_are_kept_with_a_payment(store: Store) -> None:
    store.record(ADA, 100, "ada@example.com", 1.0, further={"currency": "EUR", "lines": [1, None, "ü"]})
    store.record(ADA, 200, "ada@example.com", 2.0)
    store.commit()
    assert [payment.further for payment in store.payments()] == [{"currency": "EUR", "lines": [1, None, "ü"]}, None]


def test_the_same_payment_is_known_again(store: Store) -> None:
    first, before = store.record(ADA, 100, "a@b.example", 1.0)
    assert before is None
    assert store.record(ADA, 100, "a@b.example", 2.0)[1] == first
    same, twin = store.record(ADA, 100, "a@b.example", 3.0, once=True)
    assert same == twin
    assert same.number == 2
    store.commit()
    assert store.payments_total() == 2
    assert store.twin(ADA, 100, "a@b.example") == same
    assert store.twin(BOB, 100, "a@b.example") == same  # it is the session's id that counts
    assert store.twin(ADA, 101, "a@b.example") is None
    assert store.record(ADA, 101, "a@b.example", 4.0, once=True)[1] is None


def test_only_the_newest_payments_are_known_again(store: Store) -> None:
    for number in range(REMEMBERED + 1):
        store.record(ADA, number + 1, "a@b.example", 1.0)
    store.commit()
    assert store.twin(ADA, 1, "a@b.example") is None
    assert store.twin(ADA, 2, "a@b.example") is not None
    assert store.payments_total("lamps") == REMEMBERED + 1


def test_a_limit_drops_the_oldest_payments_of_a_website_and_counts_them(make_store: MakeStore) -> None:
    limited = make_store(limit=3)
    for number in range(10):
        pay(limited, revenue=number + 1)
        if number < 2:
            pay(limited, EVE)
    for number in range(10):
        limited.record(ADA, number + 11, "a@b.example", 1.0)
    limited.commit()
    assert [payment.revenue for payment in limited.payments("lamps")] == [18, 19, 20]
    assert limited.find(Wanted(website_id="lamps"), 1)[0] == 3
    assert limited.payments_total("lamps") == 20
    assert len(list(limited.payments("kites"))) == 2


def test_forgotten_payments_are_gone_and_their_numbers_are_not_given_again(store: Store) -> None:
    pay(store)
    pay(store, EVE)
    store.forget_payments("lamps")
    assert [payment.number for payment in store.payments()] == [2]
    assert store.payments_total("lamps") == 0
    assert store.twin(ADA, 100, "a@b.example") is None
    store.forget_payments()
    assert store.payments_total() == 0
    assert pay(store) == 3


def test_a_website_comes_with_its_sessions_and_goes_with_all_that_is_its(store: Store) -> None:
    store.add(TOYS)
    pay(store, TOYS.sessions[0])
    assert [website.website_id for website in store.websites()] == ["lamps", "kites", "toys"]
    assert store.websites_total == 3
    assert store.token_owner(TOYS.api_token) == "toys"
    store.remove("toys")
    store.remove("toys")
    assert store.website("toys") is None
    assert store.token_owner(TOYS.api_token) is None
    assert store.payments_total() == 0
    store.add(TOYS)
    assert store.payments_total("toys") == 0
    assert pay(store, TOYS.sessions[0]) == 2


def test_adding_a_website_again_replaces_it(store: Store) -> None:
    pay(store)
    store.add(Website("lamps", "tf_live_lamps_0002", "New", (BOB,)))
    assert store.website("lamps") == Website("lamps", "tf_live_lamps_0002", "New")
    assert store.token_owner("tf_live_lamps_0001") is None
    assert list(store.sessions("lamps")) == [BOB]
    assert store.payments_total("lamps") == 0


def test_a_session_can_be_added(store: Store) -> None:
    later = Session("lamps", "ses_9", "vis_nine", 5.0, {"a": 1})
    store.add_session(later)
    assert store.events("lamps", "ses_9", "vis_nine") == (later,)
    assert store.knows_visitor("lamps", "vis_nine")
    with pytest.raises(KeyError):
        store.add_session(Session("none", "ses_9", "vis_nine", None, {}))


def test_a_change_says_what_differs_from_the_fixtures(store: Store) -> None:
    assert store.change() == Change()
    later = Session("kites", "ses_9", "vis_nine", 5.0, {"a": 1})
    store.add_session(later)
    store.add(TOYS)
    store.remove("lamps")
    assert store.change() == Change((TOYS,), (later,), ("lamps",))
    again = Website("lamps", "tf_other_token", "", ())
    store.add(again)
    assert store.change() == Change((TOYS, again), (later,), ("lamps",))


def test_it_goes_back_to_its_fixtures(store: Store) -> None:
    store.add(TOYS)
    pay(store)
    pay(store, TOYS.sessions[0])
    store.remove("kites")
    store.back_to_fixtures(keep_payments=True)
    assert store.change() == Change()
    assert [payment.number for payment in store.payments()] == [1]
    assert pay(store) == 3
    store.back_to_fixtures(keep_payments=False)
    assert store.payments_total() == 0
    assert pay(store) == 1


def test_other_fixtures_leave_payments_and_changes_as_they_are(store: Store) -> None:
    store.add(TOYS)
    pay(store)
    pay(store, TOYS.sessions[0])
    store.remove("kites")
    store.reseed([KITES])
    assert [website.website_id for website in store.websites()] == ["toys"]
    assert [payment.number for payment in store.payments()] == [2]
    assert store.find(Wanted(), 10)[0] == store.payments_total() == 1
    store.reseed([LAMPS, TOYS])
    assert [payment.number for payment in store.payments()] == [1, 2]
    assert store.fixtures == (LAMPS, TOYS)


def test_all_of_it_can_be_replaced(make_store: MakeStore) -> None:
    store, other = make_store(), make_store()
    other.add(TOYS)
    other.remove("kites")
    pay(other)
    pay(other, TOYS.sessions[0])
    pay(store, EVE, 900)
    store.replace(other.change(), other.payments())
    assert store.change() == other.change()
    assert list(store.payments()) == list(other.payments())
    assert store.twin(ADA, 100, "a@b.example") is not None
    assert pay(store) == 3


def test_data_is_kept_under_its_name(store: Store) -> None:
    assert store.kept("readings") == b""
    store.keep("readings", b"{}")
    store.commit()
    assert store.kept("readings") == b"{}"
    store.keep("readings", b"")
    assert store.kept("readings") == b""


def test_data_under_names_that_begin_alike_is_found_together(store: Store) -> None:
    for name in ("flt_1", "flt_2", "readings"):
        store.keep(name, name.encode())
    store.commit()
    store.keep("flt_1", b"")
    store.keep("flt_3", b"new")
    found = {"flt_2": b"flt_2", "flt_3": b"new"}
    assert store.kept_under("flt_") == found
    store.commit()
    assert store.kept_under("flt_") == found


def test_half_a_character_is_kept_as_something(store: Store) -> None:
    payment, _ = store.record(ADA, 100, "a@b.example", 1.0, further={"note\ud800": ["\ud800"]})
    store.commit()
    assert store.payments_total() == payment.number == 1


def test_requests_are_kept_up_to_a_number(store: Store) -> None:
    store.keep_requests([(1, b"one"), (2, b"two")], 3)
    store.commit()
    store.keep_requests([(3, b"three"), (2, b"new"), (4, b"four")], 3)
    store.commit()
    assert store.kept_requests() == [b"new", b"three", b"four"]
    store.forget_requests([3, 77])
    assert store.kept_requests() == [b"new", b"four"]
    store.forget_requests()
    assert store.kept_requests() == []


def test_all_is_well(store: Store) -> None:
    assert store.trouble() == ""


@pytest.mark.parametrize("ask", ["payments", "payments_total", "forget_payments", "sessions", "session_ids"])
def test_a_website_that_is_not_there_is_an_error(store: Store, ask: str) -> None:
    with pytest.raises(KeyError):
        list(getattr(store, ask)("none"))
