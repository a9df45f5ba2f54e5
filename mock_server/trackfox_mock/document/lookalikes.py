"""Recognises what was sent in the place of an id or a token: `undefined`, a template, a placeholder, a provider's id.

The shapes of the payment providers are those of their public documentation; nothing here is a rule of the service.
"""

from __future__ import annotations

import re

LOST = frozenset({"undefined", "null", "None", "NaN", "nil", "[object Object]", "[object Promise]"})
"""What programming languages print for a variable that holds nothing, or an object."""

_LOST = frozenset(text.lower() for text in LOST)

_LONGEST_TEMPLATE = 200  # one brace after the other, each looks for its end
_TEMPLATE = re.compile(
    r"\{\{.*?\}\}|\$\{[^}]*\}|\$[A-Za-z_]\w*|\{[A-Za-z_]\w*\}|<[^<>]+>|%[A-Za-z_]+%|%\(\w+\)s|<%.*?%>", re.DOTALL
)

_PLACEHOLDER = re.compile(
    r"\b(?:your|my)[_ -]|[_ -]here\b|^x{3,}$|[x*]{6,}|change[_-]?me|placeholder|^(?:string|todo|tbd)$", re.IGNORECASE
)

_IDS = {
    "cs_": "a Stripe checkout session",
    "cus_": "a Stripe customer",
    "pi_": "a Stripe payment intent",
    "ch_": "a Stripe charge",
    "in_": "a Stripe invoice",
    "pm_": "a Stripe payment method",
    "evt_": "a webhook event",
    "sub_": "a subscription of Stripe or Paddle",
    "price_": "a Stripe price",
    "prod_": "a Stripe product",
    "txn_": "a Paddle transaction",
    "ctm_": "a Paddle customer",
    "pri_": "a Paddle price",
    "PAYID-": "a PayPal payment",
}

_KEYS = {
    "sk_": "a secret key of Stripe",
    "rk_": "a restricted key of Stripe",
    "pk_": "a publishable key of Stripe",
    "whsec_": "a webhook secret of Stripe",
    "pdl_": "a key of Paddle",
    "eyJ": "a JSON web token, as Lemon Squeezy's keys are",
}


def is_lost(text: str) -> bool:
    """Whether a text is what a variable that holds nothing is printed as, such as `undefined`."""
    return text.strip().lower() in _LOST


def template_in(text: str) -> str | None:
    """The first variable in a text that no template engine or shell has filled in, such as `{{visitor_id}}`."""
    found = _TEMPLATE.search(text[:_LONGEST_TEMPLATE])
    return found[0] if found else None


def is_placeholder(text: str) -> bool:
    """Whether a text is a placeholder of some documentation, such as `your_website_id`."""
    return _PLACEHOLDER.search(text) is not None


def provider_id(text: str) -> str | None:
    """What a payment provider's id identifies, by its prefix, such as `a Stripe charge`; None if it is no such id."""
    return next((noun for prefix, noun in _IDS.items() if text.startswith(prefix)), None)


def provider_key(text: str) -> str | None:
    """What kind of key of a payment provider it is, by its prefix; None if it is none."""
    return next((noun for prefix, noun in _KEYS.items() if text.startswith(prefix)), None)


def mistaken_id(text: str) -> tuple[str, str] | None:
    """What was sent in the place of an id, as a stable name and words for a sentence; None if it may be an id."""
    if not text.strip():
        return "id.empty", "which is empty"
    if is_lost(text):
        return "id.lost", "a variable that held nothing"
    if template_in(text):
        return "id.template", "a template that was not filled in"
    if is_placeholder(text):
        return "id.placeholder", "a placeholder"
    provider = provider_id(text)
    return None if provider is None else ("id.provider", f"the id of {provider}")


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LONGEST_NAME = 100


def words_of(name: str) -> list[str]:
    """The words of a field's name: `customerEmail` and `customer_email` are the same two."""
    return [word.lower() for word in _WORD.findall(name[:_LONGEST_NAME])]


def is_misspelling(documented: str, name: str) -> bool:
    """Whether a field's name is another spelling of a documented one."""
    from difflib import SequenceMatcher  # noqa: PLC0415 - ordinary bodies need none of it

    same = "".join(words_of(documented)) == "".join(words_of(name))
    return same or SequenceMatcher(None, documented, name[:_LONGEST_NAME].lower()).ratio() > 0.8
