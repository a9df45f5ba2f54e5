"""A local mock of TrackFox's attribute-payment endpoint: the public door.

Everything a user of the package needs is here; modules below are free to change. Names are loaded when they are first
used, so that importing the package (as the pytest plugin does at every start of pytest) costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackfox_mock.commands.options import http_parts as http_parts
    from trackfox_mock.commands.ready import within as within
    from trackfox_mock.decision.advice import Advisory as Advisory
    from trackfox_mock.document.clauses import clause_words as clause_words
    from trackfox_mock.document.email_addresses import AddressKind as AddressKind
    from trackfox_mock.document.email_addresses import classify_address as classify_address
    from trackfox_mock.document.readings import Readings as Readings
    from trackfox_mock.document.readings import load_readings as load_readings
    from trackfox_mock.document.silences import SILENCES as SILENCES
    from trackfox_mock.document.silences import Silence as Silence
    from trackfox_mock.document.silences import silence_of as silence_of
    from trackfox_mock.document.spec import Api as Api
    from trackfox_mock.document.spec import load_spec as load_spec
    from trackfox_mock.errors import AdminTokenError as AdminTokenError
    from trackfox_mock.errors import FaultError as FaultError
    from trackfox_mock.errors import FixturesError as FixturesError
    from trackfox_mock.errors import HostNameError as HostNameError
    from trackfox_mock.errors import InputFileError as InputFileError
    from trackfox_mock.errors import InterceptionError as InterceptionError
    from trackfox_mock.errors import LostAnswerError as LostAnswerError
    from trackfox_mock.errors import PortInUseError as PortInUseError
    from trackfox_mock.errors import ReadingsError as ReadingsError
    from trackfox_mock.errors import ReadingValueError as ReadingValueError
    from trackfox_mock.errors import RealHostError as RealHostError
    from trackfox_mock.errors import RequestImportError as RequestImportError
    from trackfox_mock.errors import RuleError as RuleError
    from trackfox_mock.errors import SpecError as SpecError
    from trackfox_mock.errors import StateError as StateError
    from trackfox_mock.errors import TrackfoxMockError as TrackfoxMockError
    from trackfox_mock.errors import WebhookError as WebhookError
    from trackfox_mock.explain import Explanation as Explanation
    from trackfox_mock.faults.effects import FAULTS as FAULTS
    from trackfox_mock.faults.preferences import parse_fault as parse_fault
    from trackfox_mock.faults.schedule import Fault as Fault
    from trackfox_mock.files.output_file import demand_writable as demand_writable
    from trackfox_mock.http.access import Access as Access
    from trackfox_mock.http.application import create_app as create_app
    from trackfox_mock.http.server import running as running
    from trackfox_mock.journal.entries import Entry as Entry
    from trackfox_mock.journal.entries import Relayed as Relayed
    from trackfox_mock.model import Decision as Decision
    from trackfox_mock.model import PaymentEvent as PaymentEvent
    from trackfox_mock.model import Reply as Reply
    from trackfox_mock.model import Request as Request
    from trackfox_mock.model import Session as Session
    from trackfox_mock.model import Violation as Violation
    from trackfox_mock.model import Website as Website
    from trackfox_mock.redaction.masking import fingerprint as fingerprint
    from trackfox_mock.redaction.masking import mask_email as mask_email
    from trackfox_mock.redaction.masking import printable as printable
    from trackfox_mock.redaction.masking import printable_lines as printable_lines
    from trackfox_mock.redaction.masking import shell_word as shell_word
    from trackfox_mock.redaction.redactor import Redactor as Redactor
    from trackfox_mock.tenants.fixtures import load_fixtures as load_fixtures
    from trackfox_mock.testing import Exchange as Exchange
    from trackfox_mock.testing import Payment as Payment
    from trackfox_mock.testing import Trackfox as Trackfox
    from trackfox_mock.testing import TrackfoxApp as TrackfoxApp
    from trackfox_mock.testing import UnexpectedRequestWarning as UnexpectedRequestWarning
    from trackfox_mock.testing import trackfox_mock as trackfox_mock
    from trackfox_mock.webhooks import Webhook as Webhook
    from trackfox_mock.webhooks import webhook as webhook
    from trackfox_mock.world.inputs import Inputs as Inputs
    from trackfox_mock.world.log import Log as Log
    from trackfox_mock.world.log import text_line as text_line
    from trackfox_mock.world.world import World as World

_HOMES = {
    "http.access": ("Access",),
    "document.email_addresses": ("AddressKind", "classify_address"),
    "commands.options": ("http_parts",),
    "commands.ready": ("within",),
    "decision.advice": ("Advisory",),
    "http.application": ("create_app",),
    "document.clauses": ("clause_words",),
    "errors": (
        "AdminTokenError",
        "RequestImportError",
        "FaultError",
        "FixturesError",
        "HostNameError",
        "InputFileError",
        "InterceptionError",
        "LostAnswerError",
        "PortInUseError",
        "ReadingValueError",
        "ReadingsError",
        "RuleError",
        "RealHostError",
        "SpecError",
        "StateError",
        "TrackfoxMockError",
        "WebhookError",
    ),
    "explain": ("Explanation",),
    "faults.effects": ("FAULTS",),
    "faults.schedule": ("Fault",),
    "files.output_file": ("demand_writable",),
    "tenants.fixtures": ("load_fixtures",),
    "world.inputs": ("Inputs",),
    "redaction.masking": ("fingerprint", "mask_email", "printable", "printable_lines", "shell_word"),
    "redaction.redactor": ("Redactor",),
    "model": ("Decision", "PaymentEvent", "Reply", "Request", "Session", "Violation", "Website"),
    "faults.preferences": ("parse_fault",),
    "document.readings": ("Readings", "load_readings"),
    "document.silences": ("SILENCES", "Silence", "silence_of"),
    "http.server": ("running",),
    "journal.entries": ("Entry", "Relayed"),
    "world.log": ("Log", "text_line"),
    "document.spec": ("Api", "load_spec"),
    "testing": ("Exchange", "Payment", "Trackfox", "TrackfoxApp", "UnexpectedRequestWarning", "trackfox_mock"),
    "webhooks": ("Webhook", "webhook"),
    "world.world": ("World",),
}

_DOOR = {name: f"trackfox_mock.{module}" for module, names in _HOMES.items() for name in names}

__all__ = sorted(_DOOR)  # noqa: PLE0605 - computed, so that it cannot drift from the table


def __getattr__(name: str) -> object:
    if name not in _DOOR:
        raise AttributeError(f"module 'trackfox_mock' has no attribute {name!r}")
    value: object = getattr(import_module(_DOOR[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
