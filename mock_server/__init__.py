"""A local mock of TrackFox's attribute-payment endpoint: the public door.

Everything a user of the package needs is here; modules below are free to change. Names are loaded when they are first
used, so that importing the package (as the pytest plugin does at every start of pytest) costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_server.access import Access as Access
    from mock_server.addresses import AddressKind as AddressKind
    from mock_server.addresses import classify_address as classify_address
    from mock_server.advice import Advisory as Advisory
    from mock_server.app import create_app as create_app
    from mock_server.clauses import clause_words as clause_words
    from mock_server.errors import CaptureError as CaptureError
    from mock_server.errors import FaultError as FaultError
    from mock_server.errors import FixturesError as FixturesError
    from mock_server.errors import InputFileError as InputFileError
    from mock_server.errors import LostAnswerError as LostAnswerError
    from mock_server.errors import PortInUseError as PortInUseError
    from mock_server.errors import ReadingsError as ReadingsError
    from mock_server.errors import ReadingValueError as ReadingValueError
    from mock_server.errors import SpecError as SpecError
    from mock_server.errors import StateError as StateError
    from mock_server.errors import TrackfoxMockError as TrackfoxMockError
    from mock_server.errors import WebhookError as WebhookError
    from mock_server.explain import Explanation as Explanation
    from mock_server.faults import FAULTS as FAULTS
    from mock_server.faults import Fault as Fault
    from mock_server.fixtures import load_fixtures as load_fixtures
    from mock_server.inputs import Inputs as Inputs
    from mock_server.mask import fingerprint as fingerprint
    from mock_server.mask import mask_email as mask_email
    from mock_server.model import Decision as Decision
    from mock_server.model import PaymentEvent as PaymentEvent
    from mock_server.model import Reply as Reply
    from mock_server.model import Request as Request
    from mock_server.model import Session as Session
    from mock_server.model import Violation as Violation
    from mock_server.model import Website as Website
    from mock_server.preferences import parse_fault as parse_fault
    from mock_server.readings import SILENCES as SILENCES
    from mock_server.readings import Readings as Readings
    from mock_server.readings import Silence as Silence
    from mock_server.readings import load_readings as load_readings
    from mock_server.server import running as running
    from mock_server.spec import Api as Api
    from mock_server.spec import load_spec as load_spec
    from mock_server.testing import Exchange as Exchange
    from mock_server.testing import Payment as Payment
    from mock_server.testing import Trackfox as Trackfox
    from mock_server.testing import TrackfoxApp as TrackfoxApp
    from mock_server.testing import UnexpectedRequestWarning as UnexpectedRequestWarning
    from mock_server.testing import trackfox_mock as trackfox_mock
    from mock_server.webhooks import Webhook as Webhook
    from mock_server.webhooks import webhook as webhook
    from mock_server.world import World as World

_HOMES = {
    "access": ("Access",),
    "addresses": ("AddressKind", "classify_address"),
    "advice": ("Advisory",),
    "app": ("create_app",),
    "clauses": ("clause_words",),
    "errors": (
        "CaptureError",
        "FaultError",
        "FixturesError",
        "InputFileError",
        "LostAnswerError",
        "PortInUseError",
        "ReadingValueError",
        "ReadingsError",
        "SpecError",
        "StateError",
        "TrackfoxMockError",
        "WebhookError",
    ),
    "explain": ("Explanation",),
    "faults": ("FAULTS", "Fault"),
    "fixtures": ("load_fixtures",),
    "inputs": ("Inputs",),
    "mask": ("fingerprint", "mask_email"),
    "model": ("Decision", "PaymentEvent", "Reply", "Request", "Session", "Violation", "Website"),
    "preferences": ("parse_fault",),
    "readings": ("SILENCES", "Readings", "Silence", "load_readings"),
    "server": ("running",),
    "spec": ("Api", "load_spec"),
    "testing": ("Exchange", "Payment", "Trackfox", "TrackfoxApp", "UnexpectedRequestWarning", "trackfox_mock"),
    "webhooks": ("Webhook", "webhook"),
    "world": ("World",),
}

_DOOR = {name: f"mock_server.{module}" for module, names in _HOMES.items() for name in names}

__all__ = sorted(_DOOR)  # noqa: PLE0605 - computed, so that it cannot drift from the table


def __getattr__(name: str) -> object:
    if name not in _DOOR:
        raise AttributeError(f"module 'mock_server' has no attribute {name!r}")
    value: object = getattr(import_module(_DOOR[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
