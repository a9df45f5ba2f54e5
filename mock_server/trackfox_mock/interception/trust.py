"""The files by which the clients of one command trust the mock: what was trusted before, and our certificate."""

from __future__ import annotations

import os
import re
import ssl
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from trackfox_mock.interception.authority import write_private

_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
JAVA_PASSWORD = "changeit"  # noqa: S105 - no secret: Java wants one before it reads certificates
_PEM = b"-----BEGIN CERTIFICATE-----"
_CERTIFICATES = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class TrustFiles(Struct, frozen=True):
    """Paths: our certificate, all that is trusted as PEM, the same for Java, and for Node what it adds to its own."""

    certificate: Path
    bundle: Path
    java: Path
    node: Path


def trust_files(certificate: Path, folder: Path, environ: Mapping[str, str] = os.environ) -> TrustFiles:
    """Write them.

    Args:
        certificate: ours, as PEM.
        folder: where they are written.
        environ: the environment, which may name further bundles.
    """
    ours, trusted = certificate.read_bytes(), b"\n".join(_trusted(environ))
    files = TrustFiles(certificate, folder / "bundle.pem", folder / "truststore.p12", folder / "node.pem")
    files.bundle.write_bytes(trusted + b"\n" + ours)
    files.node.write_bytes(b"\n".join([*_texts(environ.get("NODE_EXTRA_CA_CERTS", "")), ours]))
    write_private(files.java, _truststore(trusted + b"\n" + ours))
    return files


def _trusted(environ: Mapping[str, str]) -> Iterator[bytes]:
    """What this machine trusts: the bundle that the environment names, or the system's, or what Python knows."""
    named = environ.get("SSL_CERT_FILE") or environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or ""
    default = ssl.get_default_verify_paths().cafile or ""
    for path in (named, default, *_BUNDLES):
        for text in _texts(path):
            yield text
            return
    for certificate in ssl.create_default_context().get_ca_certs(binary_form=True):
        yield ssl.DER_cert_to_PEM_cert(certificate).encode()


def _texts(path: str) -> list[bytes]:
    try:
        text = Path(path).read_bytes() if path else b""
    except OSError:
        return []
    return [text] if _PEM in text else []


def _truststore(bundle: bytes) -> bytes:
    """A bundle as Java reads it."""
    from cryptography import x509  # noqa: PLC0415 - together with a hundred certificates it takes a while
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12  # noqa: PLC0415 - the same

    entries: dict[bytes, pkcs12.PKCS12Certificate] = {}
    for number, pem in enumerate(_CERTIFICATES.findall(bundle)):
        # Some old roots have numbers that today's rules forbid; one that cannot be read is left out.
        with warnings.catch_warnings(), suppress(ValueError):
            warnings.simplefilter("ignore")
            entries.setdefault(
                pem, pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(pem), b"trusted-%d" % number)
            )
    return pkcs12.serialize_java_truststore(list(entries.values()), BestAvailableEncryption(JAVA_PASSWORD.encode()))
