"""A new key for our CAP messages: a request for those who certify, and their certificate put in its place.

The key that was made here lies in var/secrets; one that the operator sets (LASTMILE_CAP_KEY) is theirs to change.
The new key waits beside the old one until its certificate is there: until then everything is signed as before.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from lxml import etree
from signxml.exceptions import SignXMLException

from lastmile.alerting.cap import keys, signature
from lastmile.kernel import clock

SOON: Final = timedelta(days=60)
PROBE: Final = b"<alert/>"


class NotInstalled(Exception):
    """Why the certificate can't be used, in words for the operator."""


def waiting() -> Path:
    """Where the key lies that has no certificate yet."""
    return keys.made_here().with_name("cap_key_next.pem")


def request() -> str:
    """A request for a certificate, for a key that is made once and waits. Raises NotInstalled for another key there."""
    path = waiting()
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=keys.BITS)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(path, key.private_bytes(*form).decode())
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        found = None
    if not isinstance(found, rsa.RSAPrivateKey):
        raise NotInstalled(f"{path} holds no RSA key: take it away, and ask again.")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, settings.CAP_SENDER[:64] or "lastmile")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(found, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def install(certificates: str) -> x509.Certificate:
    """The certificate, and those above it, beside the key that waits or the one in use. Raises NotInstalled."""
    if settings.CAP_KEY:
        raise NotInstalled("The key is set by LASTMILE_CAP_KEY: put key and certificate there, and restart.")
    found = "\n".join(signature.CERTIFICATES.findall(certificates))
    try:
        leaf = x509.load_pem_x509_certificates(found.encode())[0]
    except (ValueError, IndexError):
        raise NotInstalled("There is no certificate in PEM form in this file.") from None
    if not leaf.not_valid_before_utc <= clock.now() <= leaf.not_valid_after_utc:
        raise NotInstalled(f"The certificate is valid from {leaf.not_valid_before_utc} to {leaf.not_valid_after_utc}.")
    for key in _keys():
        if fits(pem := f"{key.strip()}\n{found}\n"):
            _put(pem)
            return leaf
    raise NotInstalled("The certificate belongs neither to the key of `lastmile cap request` nor to the one in use.")


def fits(pem: str) -> bool:
    """Whether what is signed with the key is found right with its certificate."""
    try:
        signed = signature.sign(PROBE, pem)
    except (ValueError, TypeError, SignXMLException):
        return False
    return signature.verify(etree.fromstring(signed), (), None).state == signature.State.UNKNOWN


def expires_soon() -> timedelta | None:
    """How long our certificate is still valid; None where that is longer than two months. Raises ValueError."""
    leaf = x509.load_pem_x509_certificates(keys.certificate().encode())[0]
    left = leaf.not_valid_after_utc - clock.now()
    return left if left < SOON else None


def _keys() -> list[str]:
    paths = [path for path in (waiting(), keys.made_here()) if path.exists()]
    return [path.read_text().partition("-----BEGIN CERTIFICATE")[0] for path in paths]


def _put(pem: str) -> None:
    """The old one is kept beside it; running processes sign with it until they are restarted."""
    path = keys.made_here()
    if path.exists():
        _write(path.with_name("cap_key_before.pem"), path.read_text())
    _write(path, pem)
    waiting().unlink(missing_ok=True)
    keys._made.cache_clear()


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for nobody else to read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
