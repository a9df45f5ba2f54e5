"""The test certificate that signs in PayPal's place; the only file that needs the package `cryptography`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from trackfox_mock.errors import WebhookError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_NAME = "messageverificationcerts.paypal.com.trackfox-mock.test"


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A self-signed certificate and its key, made for tests. No one must trust it anywhere else.

    Attributes:
        public: The certificate, in PEM: what the handler under test verifies with.
        private: Its RSA key, in PEM.
    """

    public: bytes
    private: bytes = field(repr=False)

    @classmethod
    def create(cls) -> SigningCertificate:
        """Make a new one; a 2048-bit key.

        Raises:
            WebhookError: The package `cryptography` is not installed.
        """
        _need_cryptography()
        from cryptography import x509  # noqa: PLC0415 - an extra: only PayPal needs it
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return cls(certificate.public_bytes(serialization.Encoding.PEM), private)

    @classmethod
    def kept_in(cls, path: Path) -> SigningCertificate:
        """The one kept in this file, the certificate first and its key behind it; made there if missing.

        Raises:
            WebhookError: The file holds something else, or `cryptography` is not installed.
        """
        if not path.exists():
            made = cls.create()
            path.touch(mode=0o600)
            path.write_bytes(made.public + made.private)
            return made
        public, mark, private = path.read_bytes().partition(b"-----BEGIN PRIVATE KEY-----")
        if not (mark and public.startswith(b"-----BEGIN CERTIFICATE-----")):
            raise WebhookError(
                f"{path} holds no test certificate: expected a PEM certificate and its key behind it. "
                "Name a file that does not exist yet, and one is made there."
            )
        return cls(public, mark + private)

    def sign(self, message: bytes) -> bytes:
        """The RSA-SHA256 signature (PKCS #1 v1.5) of the message."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra: only PayPal needs it
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - as above

        return self._key().sign(message, padding.PKCS1v15(), hashes.SHA256())

    def _key(self) -> RSAPrivateKey:
        _need_cryptography()
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - an extra: only PayPal needs it
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

        key = load_pem_private_key(self.private, password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise WebhookError("PayPal signs with RSA; this certificate's key is of another kind. Make a new one.")
        return key


@cache
def shared_certificate() -> SigningCertificate:
    """The certificate of this process, made when it is first asked for."""
    return SigningCertificate.create()


def _need_cryptography() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 - looked for, to say in a sentence that it is missing
    except ImportError:
        raise WebhookError(
            "PayPal signs its webhooks with a certificate, which needs the package cryptography: "
            "in a checkout of trackfox-mock, pip install '.[webhooks]'."
        ) from None
