"""What the mock says to the ten mistakes, for docs/explain.md and README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from click.testing import CliRunner

from docs.generate.place import filled
from tests.conftest import KITES_TOKEN, LAMPS, LAMPS_TOKEN, request
from trackfox_mock import Request, World
from trackfox_mock.commands.arrivals import Arrivals
from trackfox_mock.commands.exec import findings_of
from trackfox_mock.commands.explain import command

_REQUEST = re.compile(r"^```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXPLAINED = re.compile(r"(is explained as\n\n```\n).*?(^```$)", re.DOTALL | re.MULTILINE)


@dataclass
class Sent:
    """One way to make a mistake: what is sent, against a valid payment for Lumen Lamps.

    `fields` are the body's that differ; `renamed` are fields under another name; `times` how often it is sent; `under`
    says that it is sent by a command under `trackfox-mock exec` that ends with 0.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    authorization: str = f"Bearer {LAMPS_TOKEN}"
    method: str = "POST"
    path: str = "/api/v1/attribute-payment"
    raw: bytes = b""
    origin: str = ""
    times: int = 1
    under: bool = False

    def request(self) -> Request:
        """What is sent."""
        body = {self.renamed.get(name, name): value for name, value in (LAMPS | self.fields).items()}
        content: object = self.raw or body
        made = request(content, authorization=self.authorization, method=self.method, path=self.path)
        extra = [(b"origin", self.origin.encode())] if self.origin else []
        return Request(made.method, made.path, [*made.headers, *extra], made.body, b"", made.body_size)

    def shown(self) -> str:
        """What is sent, as far as it differs from what is right."""
        names = {**dict.fromkeys(self.fields), **dict.fromkeys(self.renamed)}
        parts = [
            f"{json.dumps(self.renamed.get(name, name))}: {json.dumps((LAMPS | self.fields)[name])}" for name in names
        ]
        if self.authorization != f"Bearer {LAMPS_TOKEN}":
            ours, theirs = "the token of Lumen Lamps", "the token of Paper Kites"
            parts.append(f"Authorization: {self.authorization.replace(LAMPS_TOKEN, ours).replace(KITES_TOKEN, theirs)}")
        parts += [f"Origin: {self.origin}"] if self.origin else []
        parts += [self.raw.decode()[:40]] if self.raw else []
        parts += [f"{self.method} {self.path}"] if (self.method, self.path) != ("POST", Sent.path) else []
        text = "<br>".join(f"`{part}`" for part in parts) or "a valid payment"
        return f"{text}{', twice' if self.times > 1 else ''}{', by a command that ends with 0' if self.under else ''}"


@dataclass
class Mistake:
    """One of the ten, with some of the ways to make it."""

    title: str
    ways: Sequence[Sent]


MISTAKES = [
    Mistake("Dollars for cents", [Sent({"revenue": 29.99}), Sent({"revenue": 29})]),
    Mistake(
        "A float's residue, or another type",
        [
            Sent({"revenue": 7998.999999999999}),
            Sent({"revenue": "9900"}),
            Sent({"revenue": "99.00"}),
            Sent({"revenue": True}),
            Sent({"revenue": None}),
        ],
    ),
    Mistake("The same payment twice", [Sent(times=2)]),
    Mistake(
        "Ids lost on the way",
        [
            Sent({"session_id": ""}),
            Sent({"session_id": "undefined"}),
            Sent({"visitor_id": "[object Object]"}),
            Sent({"session_id": "tf_session_id"}),
            Sent({"visitor_id": "{{visitor_id}}"}),
        ],
    ),
    Mistake(
        "A wrong id in the field",
        [
            Sent({"session_id": "vis_ada_77b0", "visitor_id": "ses_lumen_ada_1"}),
            Sent({"session_id": "cs_test_a1B2c3"}),
            Sent({"visitor_id": "cus_Nff2x"}),
            Sent({"visitor_id": "vis_grace_0d15"}),
            Sent({"session_id": "ses_kites_linus"}),
            Sent({"session_id": "SES_LUMEN_ADA_1"}),
        ],
    ),
    Mistake(
        "Slips of authentication",
        [
            Sent(authorization=LAMPS_TOKEN),
            Sent(authorization=f"Bearer Bearer {LAMPS_TOKEN}"),
            Sent(authorization=f'Bearer "{LAMPS_TOKEN}"'),
            Sent(authorization=f"Bearer {LAMPS_TOKEN}\\n"),
            Sent(authorization=f"Bearer {KITES_TOKEN}"),
            Sent(authorization="Bearer sk_live_…"),
            Sent(authorization="Bearer your_api_token"),
            Sent(origin="https://shop.example"),
        ],
    ),
    Mistake("The status ignored", [Sent({"revenue": 0.5}, under=True)]),
    Mistake("A final refusal retried", [Sent({"revenue": -1}, times=2)]),
    Mistake("Not a payment", [Sent({"revenue": 0}), Sent({"revenue": -9900})]),
    Mistake(
        "Slips of names and encoding",
        [
            Sent(renamed={"website_id": "websiteId"}),
            Sent({"revenue": 29.99}, renamed={"revenue": "amount"}),
            Sent(renamed={"email": "customer_email"}),
            Sent(raw=b"session_id=ses_lumen_ada_1&revenue=9900"),
            Sent(raw=json.dumps(json.dumps(LAMPS)).encode()),
            Sent(path="/api/v1/attribute-payment/"),
            Sent(path="/v1/attribute-payment"),
            Sent(method="PUT"),
        ],
    ),
]


def said(way: Sent) -> tuple[int, str]:
    """Make a mistake; the status it is answered with, and the sentence that the mock says of it."""
    world = World()
    arrivals = Arrivals(world, with_rows=False)
    entries = [world.answer(way.request()) for _ in range(way.times)]
    for entry in entries:
        world.finish(entry, 0.0)
    status = entries[-1].decision.reply.status
    if way.under:
        return status, f"{next(findings_of(arrivals, 0))}."
    explanation = world.explain(entries[-1])
    if explanation.advice:
        return status, f"{explanation.advice[0].sentence}."
    return status, explanation.sentence


def table(most_ways: int | None = None) -> str:
    """The mistakes as a Markdown table, with so many ways to make each."""
    rows = ["| mistake | what is sent | answer | what the mock says |", "|---|---|---|---|"]
    for number, mistake in enumerate(MISTAKES, 1):
        for place, way in enumerate(mistake.ways[:most_ways]):
            title = f"{number}. {mistake.title}" if place == 0 else ""
            status, sentence = said(way)
            rows.append(f"| {title} | {way.shown()} | {status} | {_cell(sentence)} |")
    return "\n".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def explanation(page: str) -> str:
    """What `trackfox-mock explain` prints for the request that the page shows."""
    return CliRunner().invoke(command, ["-"], input=_REQUEST.findall(page)[0]).output


def with_short_table(page: str) -> str:
    """README.md with the ten mistakes of today, each made in one way."""
    return filled(page, "mistakes", table(1))


def with_table(page: str) -> str:
    """The page with the table and the explanation of today."""
    page = filled(page, "mistakes", table())
    return _EXPLAINED.sub(lambda found: f"{found[1]}{explanation(page)}{found[2]}", page)
