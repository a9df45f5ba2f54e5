"""Fixture files: what they may hold, and what a wrong one is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trackfox_mock import FixturesError, World, load_fixtures

SHOP = """\
websites:
  - website_id: shop
    api_token: tf_shop
    sessions:
      - session_id: ses_1
        visitor_id: vis_1
        occurred_at: 2026-11-01T10:00:00+02:00
        attribution:
          source: google
          first_seen: 2026-10-30
"""
EVENT = """\
      - session_id: ses_1
        visitor_id: vis_1
        attribution: {}
"""

PLAIN = SHOP.partition("        attribution:")[0]
DOUBLED = "{" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}], " for n in range(1, 20)).replace("*a1,", "&a1 [],") + "}"
TWICE = f"{PLAIN}        attribution: {{a: &a [1], b: [*a, *a]}}\n"


def written(folder: Path, text: str, name: str = "shop.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_gives_websites_with_their_sessions(tmp_path: Path) -> None:
    (website,) = load_fixtures([written(tmp_path, SHOP)])
    (session,) = website.sessions
    assert (website.website_id, website.api_token, session.visitor_id) == ("shop", "tf_shop", "vis_1")
    assert session.occurred_at == 1793520000.0
    # Attribution is copied as JSON, so a date stays what was written.
    assert session.attribution == {"source": "google", "first_seen": "2026-10-30"}


def test_a_folder_and_a_json_file_do_too(tmp_path: Path) -> None:
    written(tmp_path, SHOP)
    written(tmp_path, '{"websites": [{"website_id": "other", "api_token": "tf_other"}]}', "z.json")
    written(tmp_path, "not a fixture", "README.md")
    assert [website.website_id for website in load_fixtures([tmp_path])] == ["shop", "other"]


def test_a_token_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, SHOP.replace("tf_shop", "${SHOP_TOKEN}"))
    monkeypatch.setenv("SHOP_TOKEN", "tf_secret")
    (website,) = load_fixtures([file])
    assert (website.api_token, website.token_variable) == ("tf_secret", "SHOP_TOKEN")
    monkeypatch.delenv("SHOP_TOKEN")
    with pytest.raises(FixturesError, match=r"shop\.yaml:3: websites\[0\]\.api_token: .*SHOP_TOKEN is not set; set it"):
        load_fixtures([file])


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (("visitor_id: vis_1", "visitor: vis_1"), r":6: websites\[0\]\.sessions\[0\]\.visitor: is not a field of the"),
        (("visitor_id: vis_1", ""), r":5: websites\[0\]\.sessions\[0\]\.visitor_id: came nothing; expected this field"),
        (
            ("session_id: ses_1", "session_id: 1"),
            r":5: .*session_id: came a number; expected a string \(put it in quotes",
        ),
        (("session_id: ses_1", "session_id: ''"), r":5: .*session_id: came an empty string; expected a text"),
        (("2026-11-01T10:00:00+02:00", "yesterday"), r":7: .*occurred_at: expected a time such as 2026"),
        (("- website_id: shop", "- id: shop"), r":2: websites\[0\]\.id: is not a field of the expected shape"),
        (("websites:", "sites:"), r":1: sites: is not a field"),
        (("api_token: tf_shop", "api_token: [tf_shop"), r"is not YAML: "),
        (
            ("api_token: tf_shop", "api_token: Bearer tf_shop"),
            r":3: .*api_token: .*expected the token alone, as tf_live_",
        ),
        (
            ("api_token: tf_shop", 'api_token: "tf_shop\\n"'),
            r":3: .*api_token: came a text with white space, quotes or",
        ),
        (
            ("api_token: tf_shop", "api_token: '\"tf_shop\"'"),
            r":3: .*api_token: .*leave Bearer, quotes and line breaks",
        ),
        (("api_token: tf_shop", "api_token: tf_shöp"), r":3: .*api_token: .*letters beyond ASCII"),
        (("api_token: tf_shop", "api_token: $SHOP"), r":3: .*api_token: came \$SHOP; expected \$\{NAME\}, with braces"),
        (
            ("    api_token: tf_shop", "    api_token: tf_shop\n    api_token: tf_other"),
            r":4: .*'api_token' stands twice",
        ),
        (
            ("      - session_id: ses_1", f"{EVENT.replace('vis_1', 'vis_2')}      - session_id: ses_1"),
            r":8: .*sessions\[1\]: came the session 'ses_1' for .* 'vis_1', and sessions\[0\] has it for 'vis_2'",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_and_field(tmp_path: Path, edit: tuple[str, str], told: str) -> None:
    file = written(tmp_path, SHOP.replace(*edit))
    with pytest.raises(FixturesError, match=rf"shop\.yaml.*{told}"):
        load_fixtures([file])


@pytest.mark.parametrize(
    ("attribution", "told"),
    [
        ("!!int ''", "a value is no int; write a plain one"),
        ("{a: !!bool maybe}", "a value is no bool; write a plain one"),
        ("{a: !!timestamp soon}", "a value is no timestamp; write a plain one"),
        ("{true: 1}", "the key 'true' is read as a bool; put it in quotes"),
        ("{b: [?]}", "the key '' is read as a null; put it in quotes"),
        ("{!!binary YQ==: 1}", "the key 'YQ==' is read as a binary; put it in quotes"),
        ("&a {b: *a}", "an alias stands in what it is an alias of; write the value out"),
        ("{a: &a [*a]}", "an alias stands in what it is an alias of; write the value out"),
        (DOUBLED, "its aliases stand for more than 1,000,000 values; write fewer"),
    ],
)
def test_what_yaml_cannot_mean_is_refused_with_its_line(tmp_path: Path, attribution: str, told: str) -> None:
    file = written(tmp_path, f"{PLAIN}        attribution: {attribution}\n")
    with pytest.raises(FixturesError, match=rf"shop\.yaml:8: is not YAML: {told}"):
        load_fixtures([file])


@pytest.mark.parametrize(
    "text", ["NO", "on", "trueish", "12:30", "12:30:45.5", "2024_11", "0815", "1_0.5", "2026-11-29", "1.2.3", "+49"]
)
def test_a_text_that_older_yaml_takes_for_something_else_is_a_text(tmp_path: Path, text: str) -> None:
    (website,) = load_fixtures([written(tmp_path, f"{PLAIN}        attribution: {{value: {text}, {text}: key}}\n")])
    assert website.sessions[0].attribution == {"value": text, text: "key"}


def test_a_mapping_may_be_merged_and_a_number_be_a_key(tmp_path: Path) -> None:
    attribution = "[&ad {source: google, medium: cpc}, {<<: *ad, source: bing, 1: first}]"
    (website,) = load_fixtures([written(tmp_path, f"{PLAIN}        attribution: {{ads: {attribution}}}\n")])
    _, merged = website.sessions[0].attribution["ads"]
    assert merged == {"source": "bing", "medium": "cpc", 1: "first"}


@pytest.mark.parametrize("text", ["true", "null", "0", "-17", "29.5", "1e3", "-2.5E-3"])
def test_what_json_takes_for_a_value_is_that_value(tmp_path: Path, text: str) -> None:
    (website,) = load_fixtures([written(tmp_path, f"{PLAIN}        attribution: {{value: {text}}}\n")])
    assert website.sessions[0].attribution == {"value": json.loads(text)}


def test_an_alias_that_is_used_twice_is_a_value_twice(tmp_path: Path) -> None:
    ((session,),) = (website.sessions for website in load_fixtures([written(tmp_path, TWICE)]))
    assert session.attribution == {"a": [1], "b": [[1], [1]]}


@pytest.mark.parametrize("filler", [0, 1 << 20])
def test_a_key_that_stands_twice_in_json_is_refused_with_its_line(tmp_path: Path, filler: int) -> None:
    name = f'"name": "{"x" * filler}"'
    rows = f'{{"websites": [\n{{"website_id": "w", {name}, "api_token": "tf_x",\n"api_token": "tf_y"}}]}}'
    with pytest.raises(
        FixturesError, match=r"shop\.json:3: the key 'api_token' stands twice in one object; remove one"
    ):
        load_fixtures([written(tmp_path, rows, "shop.json")])


def test_the_same_event_twice_is_refused_and_another_event_of_the_session_is_not(tmp_path: Path) -> None:
    twice = SHOP + SHOP[SHOP.index("      - session_id") :]
    with pytest.raises(FixturesError, match=r"shop\.yaml:11: .*sessions\[1\]: the same event stands in sessions\[0\]"):
        load_fixtures([written(tmp_path, twice)])
    (website,) = load_fixtures([written(tmp_path, SHOP + EVENT)])
    assert len(website.sessions) == 2


def test_a_website_in_two_files_is_refused_and_both_are_named(tmp_path: Path) -> None:
    first, second = written(tmp_path, SHOP, "a.yaml"), written(tmp_path, SHOP, "b.yaml")
    with pytest.raises(FixturesError, match=r"b\.yaml:2: websites\[0\]\.website_id: came 'shop', which .*a\.yaml has"):
        load_fixtures([first, second])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: folder / "absent.yaml", r"absent\.yaml: there is no such file"),
        (lambda folder: folder, r"the folder holds no \.yaml, \.yml or \.json file"),
        (lambda folder: written(folder, "{", "x.json"), r"x\.json:1: is not JSON"),
        (lambda folder: written(folder, '{"websites": [], "websites": []}', "x.json"), r"'websites' stands twice"),
        (lambda folder: written(folder, "[]", "x.json"), r"came a list; expected a mapping"),
        (lambda folder: written(folder, "", "x.yaml"), r"came nothing; expected a mapping"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, make: object, told: str) -> None:
    assert callable(make)
    with pytest.raises(FixturesError, match=told):
        load_fixtures([make(tmp_path)])


def test_the_built_in_fixtures_hold_the_placeholders_and_two_shops() -> None:
    store = World().store
    assert [website.website_id for website in store.websites()] == [
        "your_website_id",
        "web_lumen_lamps",
        "web_paper_kites",
    ]
    lamps, kites = set(store.visitor_ids("web_lumen_lamps")), set(store.visitor_ids("web_paper_kites"))
    assert lamps & kites == {"vis_9f2c41"}
    assert [
        session.session_id for session in store.sessions("web_lumen_lamps") if session.visitor_id == "vis_ada_77b0"
    ] == [
        "ses_lumen_ada_1",
        "ses_lumen_ada_2",
    ]
