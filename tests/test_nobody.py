"""Ids of nobody have the shape of the known ones, so that a service that validates its ids is checked, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.services.examine import examine
from tests.services.service import Service
from trackfox_contract.cases.nobody import like
from trackfox_mock import Session, Website


@pytest.mark.parametrize(
    ("known", "shape"),
    [
        ({"7f9c24e8-3b12-4fef-91e0-5f1c0c1b2a3d"}, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}"),
        ({"123456789012", "998877665544"}, r"\d{12}"),
        ({"ses_01HZY3K9QWERTY"}, r"ses_[0-9A-Z]{14}"),
        ({"tf_live_aB3dE6gH9jK1", "tf_live_zZ3dE6gH9jK1"}, r"tf_live_[0-9A-Za-z]{12}"),
        ({"deadbeefdeadbeef"}, r"[0-9a-f]{16}"),
        ({"ses_otter_Mia_01"}, ""),
        ({"1", "2"}, ""),
        ({"ses_01HZY3K9QWERTY", "other_01HZY3K9QWERTY"}, ""),
        (set(), ""),
    ],
)
def test_an_id_of_nobody_looks_like_the_known_ones(known: set[str], shape: str) -> None:
    made = like(frozenset(known), "seed")
    assert re.fullmatch(shape, made)
    assert made not in known
    assert made == like(frozenset(known), "seed")


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class WantsUuids(Service):
    def is_id(self, value: Any) -> bool:
        return isinstance(value, str) and UUID.fullmatch(value) is not None


SITE, SESSION, VISITOR, OTHER = (
    "5d0a2f0e-6d2c-4b7e-8c55-0a8d4f1f7a10",
    "7f9c24e8-3b12-4fef-91e0-5f1c0c1b2a3d",
    "c0ffee00-1234-4abc-9def-0123456789ab",
    "0b5e6a52-57d4-4f0e-a1b7-3f0a2c9d8e7f",
)


@pytest.mark.parametrize("writes", [pytest.param(True, marks=pytest.mark.slow), False], ids=["writes", "safe"])
def test_the_ids_of_nobody_reach_the_match_of_a_service_that_wants_uuids(*, writes: bool) -> None:
    service = WantsUuids()
    service.shops = {SITE: {"token": "tf_uuid_token_1", "events": [(SESSION, VISITOR)]}}
    known = [Website(SITE, "tf_uuid_token_1", sessions=(Session(SITE, SESSION, VISITOR, None, {}),))]
    seen = examine(service, writes=writes, known=known)
    assert seen.statuses["404"] > 50
    assert seen.findings == []


class WantsTheShopsShape(Service):
    """Ids are a prefix and six digits, and anything else is refused before it is looked up."""

    shops: Mapping[str, Mapping[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.shops = {"web_100001": {"token": "tf_shaped_1", "events": [("ses_200002", "vis_300003")]}}

    def is_id(self, value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(r"(web|ses|vis)_[0-9]{6}", value) is not None


@pytest.mark.parametrize(
    ("writes", "probing"),
    [(True, False), *(pytest.param(False, probing, marks=pytest.mark.slow) for probing in (True, False))],
)
def test_ids_of_a_shape_that_a_service_wants_are_learnt_and_said(*, writes: bool, probing: bool) -> None:
    session = Session("web_100001", "ses_200002", "vis_300003", None, {})
    known = [Website("web_100001", "tf_shaped_1", sessions=(session,))]
    seen = examine(WantsTheShopsShape(), writes=writes, probing=probing, known=known)
    assert seen.findings == []
    assert seen.statuses["404"] > 50
    assert any("refuses ids of another shape than those of the fixtures, as none-" in one for one in seen.remarks)
