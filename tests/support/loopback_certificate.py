"""A certificate for loopback that nobody vouches for but who is told to."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from pathlib import Path

_LOOPBACK = ipaddress.ip_address("127.0.0.1")


def self_signed(folder: Path) -> Path:
    """A new private key and its certificate in one PEM file of `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, str(_LOOPBACK))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(_LOOPBACK)])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "loopback.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path


def server_context(path: Path) -> ssl.SSLContext:
    """A server's TLS context with the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def trusting_context(path: Path) -> ssl.SSLContext:
    """A client's TLS context that verifies as usual, and trusts this one certificate too."""
    return ssl.create_default_context(cafile=str(path))
