"""A certificate authority of the mock's own, and the certificate that it serves. We never install either anywhere."""

from __future__ import annotations

import datetime as dt
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path

from trustme import CA

from trackfox_mock.errors import InterceptionError
from trackfox_mock.interception.tls import serving_context

CERTIFICATE, KEY, _SERVED = "ca.pem", "ca-key.pem", "served.pem"
_DAYS = 397
"""How long a served certificate is good for: browsers take none that is good for longer."""


class Authority:
    """A certificate authority whose files are in a folder.

    Args:
        folder: where `ca.pem` and `ca-key.pem` are, or will be, readable by nobody else.

    Raises:
        InterceptionError: the folder cannot be used, or what is in it is no certificate authority.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / CERTIFICATE
        try:
            self._authority = self._opened()
        except OSError as problem:
            raise InterceptionError(
                f"{folder} cannot hold the certificate authority: {problem.strerror}; choose another --ca-dir."
            ) from None
        except ValueError:
            raise InterceptionError(
                f"{folder} holds no certificate authority that can be read; delete {CERTIFICATE} and {KEY} there, "
                "and new ones are made."
            ) from None

    def _opened(self) -> CA:
        key = self.folder / KEY
        if self.certificate.exists() and key.exists():
            return CA.from_pem(self.certificate.read_bytes(), key.read_bytes())
        authority = CA(organization_name="trackfox-mock", organization_unit_name="only for tests, on this machine")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(key, authority.private_key_pem.bytes())
        self.certificate.write_bytes(authority.cert_pem.bytes())
        return authority

    def context(self, names: Iterable[str], folder: Path) -> ssl.SSLContext:
        """What a server needs that is all of these hosts.

        Args:
            names: hosts and addresses, as `trackfox.app`, `*.example.com` and `127.0.0.1`.
            folder: where the certificate is written, which the standard library wants in a file.
        """
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=_DAYS)
        leaf = self._authority.issue_cert(*names, organization_name="trackfox-mock", not_after=until)
        served = folder / _SERVED
        write_private(served, leaf.private_key_and_cert_chain_pem.bytes())
        return serving_context(str(served))


def write_private(path: Path, data: bytes) -> None:
    """Write a file that nobody else can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(data)


def trusting(certificate: Path) -> list[tuple[str, str]]:
    """For each platform, the line that would have it trust a certificate; nobody but the user runs it."""
    file = str(certificate)
    lines = [
        ("one command, most clients", f"SSL_CERT_FILE={file} COMMAND"),
        ("curl", f"curl --cacert {file} …"),
        ("Node", f"NODE_EXTRA_CA_CERTS={file} node …"),
        (
            "Debian, Ubuntu",
            f"sudo cp {file} /usr/local/share/ca-certificates/trackfox-mock.crt && sudo update-ca-certificates",
        ),
        ("Fedora, Red Hat", f"sudo trust anchor {file}"),
        ("macOS", f"sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {file}"),
        ("Windows", f"certutil -user -addstore Root {file}"),
        ("Java", f"keytool -importcert -cacerts -storepass changeit -noprompt -alias trackfox-mock -file {file}"),
        ("Firefox", "Settings, Certificates, View Certificates, Authorities, Import"),
    ]
    mine = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform)
    return sorted(lines, key=lambda line: line[0] != mine) if mine else lines
