"""Every store against a model that is nothing but lists: whatever is done in whatever order, both tell the same."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.stores.conftest import shared_store
from tests.stores.redis_server import RedisServer, needs_redis
from trackfox_mock import Session, Website
from trackfox_mock.tenants.durable.sqlite import SqliteStore
from trackfox_mock.tenants.memory import MemoryStore
from trackfox_mock.tenants.shared.store import SharedStore
from trackfox_mock.tenants.store import Store, Wanted

IDS = st.sampled_from(["a", "b", "c"])
SESSIONS = st.builds(
    Session,
    IDS,
    st.sampled_from(["s1", "s2"]),
    st.sampled_from(["v1", "v2"]),
    st.none() | st.sampled_from([1.0, 2.0]),
    st.sampled_from([{}, {"source": "ü"}]),
)


def website(website_id: str, number: int = 0) -> Website:
    own = Session(website_id, "s1", "v1", None, {})
    return Website(website_id, f"token-of-{website_id}-{number}", "", (own,))


FIXTURES = (website("a"), website("b"))


class Against(RuleBasedStateMachine):
    """A store, and beside it what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = self.open()
        self.websites = {one.website_id: one for one in FIXTURES}
        self.sessions = {one.website_id: [*one.sessions] for one in FIXTURES}
        self.payments: list[tuple[int, str, str, int, str]] = []
        self.totals = {one.website_id: 0 for one in FIXTURES}
        self.last = 0

    def open(self) -> Store:
        return MemoryStore(FIXTURES)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(owner=IDS, revenue=st.sampled_from([1, 2]), email=st.sampled_from(["x", "y"]), once=st.booleans())
    def pay(self, *, owner: str, revenue: int, email: str, once: bool) -> None:
        if owner not in self.websites:
            return
        (session, *_) = self.store.sessions(owner)
        likeness = (owner, session.session_id, revenue, email)
        twins = [row for row in self.payments if row[1:] == likeness]
        payment, twin = self.store.record(session, revenue, email, 1.0, once=once)
        self.store.commit()
        assert (twin is None) == (not twins)
        assert twin is None or twin.number == twins[-1][0]
        if not (once and twins):
            self.last += 1
            self.totals[owner] += 1
            self.payments.append((self.last, *likeness))
        assert payment.number == [row for row in self.payments if row[1:] == likeness][-1][0]

    @rule(owner=st.none() | IDS)
    def forget(self, owner: str | None) -> None:
        if owner is None or owner in self.websites:
            self.store.forget_payments(owner)
            self.drop(owner)

    def drop(self, owner: str | None) -> None:
        gone = [*self.websites] if owner is None else [owner]
        self.payments[:] = [row for row in self.payments if row[1] not in gone]
        self.totals.update(dict.fromkeys((one for one in gone if one in self.totals), 0))

    @rule(owner=IDS, number=st.integers(0, 2))
    def add(self, owner: str, number: int) -> None:
        made = website(owner, number)
        self.store.add(made)
        self.drop(owner)
        self.websites.pop(owner, None)
        self.websites[owner] = made
        self.sessions[owner] = [*made.sessions]
        self.totals[owner] = 0

    @rule(owner=IDS)
    def remove(self, owner: str) -> None:
        self.store.remove(owner)
        if owner in self.websites:
            self.drop(owner)
            del self.websites[owner], self.sessions[owner], self.totals[owner]

    @rule(session=SESSIONS)
    def add_session(self, session: Session) -> None:
        known = self.sessions.get(session.website_id, [])
        if any(one.session_id == session.session_id and one.visitor_id != session.visitor_id for one in known):
            return  # what `World.administration` refuses
        if session.website_id in self.websites:
            self.store.add_session(session)
            if session not in known:
                known.append(session)

    @rule(keep=st.booleans())
    def back(self, *, keep: bool) -> None:
        self.store.back_to_fixtures(keep_payments=keep)
        fixed = {one.website_id for one in FIXTURES}
        self.payments[:] = [row for row in self.payments if keep and row[1] in fixed]
        self.last = self.last if keep else 0
        self.totals = {one: self.totals.get(one, 0) if keep else 0 for one in fixed}
        self.websites = {one.website_id: one for one in FIXTURES}
        self.sessions = {one.website_id: [*one.sessions] for one in FIXTURES}

    @rule()
    def replace_by_itself(self) -> None:
        self.store.replace(self.store.change(), list(self.store.payments()))
        self.last = max((row[0] for row in self.payments), default=0)

    @rule()
    def reseed_the_same(self) -> None:
        self.store.reseed(FIXTURES)

    @invariant()
    def both_tell_the_same(self) -> None:
        assert {one.website_id: one.api_token for one in self.store.websites()} == {
            owner: one.api_token for owner, one in self.websites.items()
        }
        for owner, sessions in self.sessions.items():
            assert sorted(map(repr, self.store.sessions(owner))) == sorted(map(repr, sessions))
            assert self.store.payments_total(owner) == self.totals[owner]
        kept = [
            (one.number, one.session.website_id, one.session.session_id, one.revenue, one.email)
            for one in self.store.payments()
        ]
        assert kept == self.payments
        assert self.store.find(Wanted(), 2)[0] == len(self.payments)
        for owner, one in self.websites.items():
            assert self.store.token_owner(one.api_token) == owner


class AgainstSqlite(Against):
    """The same of a file, that may be opened again at any time, after an end of whatever kind."""

    def open(self) -> Store:
        return SqliteStore(FIXTURES, path=Path(self.folder.name) / "state.db")

    @rule()
    def end_and_start_again(self) -> None:
        self.store.close()
        self.store = self.open()


class AgainstRedis(Against):
    """The same of a store that two nodes share: whichever is asked, it tells the same."""

    server: RedisServer

    def open(self) -> Store:
        name = secrets.token_hex(8)
        self.other = shared_store(self.server, FIXTURES, name=name)
        return shared_store(self.server, FIXTURES, name=name)

    @rule()
    def ask_the_other_node(self) -> None:
        self.store, self.other = self.other, self.store
        assert isinstance(self.store, SharedStore)
        self.store.catch_up()

    @rule()
    def ask_a_new_node(self) -> None:
        assert isinstance(self.other, SharedStore)
        self.other.close()
        self.other = shared_store(self.server, FIXTURES, name=self.other.line.address.prefix[:-1])
        self.ask_the_other_node()

    def teardown(self) -> None:
        self.other.close()
        super().teardown()


@pytest.mark.slow
@needs_redis
def test_two_nodes_of_a_shared_store_and_the_model_tell_the_same(redis_server: RedisServer) -> None:
    AgainstRedis.server = redis_server
    test_a_store_and_the_model_tell_the_same(AgainstRedis)


@pytest.mark.parametrize("machine", [Against, AgainstSqlite])
def test_a_store_and_the_model_tell_the_same(machine: type[Against]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=50, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
