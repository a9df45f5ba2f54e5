"""The gate `head`: what some services refuse in a request's head before they look at anything else."""

from __future__ import annotations

from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, shown

_OF_A_BROWSER = (b"origin", b"referer", b"cookie")


def passed(inquiry: Inquiry) -> str:
    """What is not in the head."""
    return f"nothing in its head is refused ({', '.join(inquiry.service.head_refusals)})"


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Which field is refused, and how a backend's call does without."""
    silence = inquiry.decision.rule
    if silence == "accept":
        came = f"Accept is {shown(inquiry.field(b'accept'))}, which excludes JSON"
        return Diagnosis("head.accept", came, "application/json", "send Accept: application/json", silence=silence)
    if silence == "browser-fields":
        names = [name for name in inquiry.parsed.fields if name in _OF_A_BROWSER or name.startswith(b"sec-fetch-")]
        came = f"{', '.join(name.decode().title() for name in names)} came, as from a browser"
        mend = "call from your backend, with an HTTP client that sends none of it"
        return Diagnosis("head.browser-fields", came, "a call of a server's", mend, silence=silence)
    mend = "hand your HTTP client the whole body, not a stream, so that it can say how long it is"
    return Diagnosis("head.chunked", "the body came chunked", "a Content-Length", mend, silence=silence)
