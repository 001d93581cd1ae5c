"""A new key for our CAP messages: a request for those who certify, and their certificate put in its place.

The key that was made here lies in var/secrets; one that the operator sets (LASTMILE_CAP_KEY) is theirs to change.
The new key waits beside the old one until its certificate is there: until then everything is signed as before. All
processes of this machine take the new one in with their next message.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext, gettext_noop
from lxml import etree
from signxml.exceptions import SignXMLException

from lastmile.alerting.cap import keys, signature
from lastmile.kernel import clock

SOON: Final = timedelta(days=60)
PROBE: Final = b"<alert/>"


class NotInstalled(Exception):
    """Why the certificate can't be used: a message id with its values, in English at the terminal."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values

    def said(self) -> str:
        """In the reader's language."""
        return gettext(self.text) % self.values if self.values else gettext(self.text)


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
        raise NotInstalled(gettext_noop("%(path)s holds no RSA key: take it away, and ask again."), path=str(path))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, settings.CAP_SENDER[:64] or "lastmile")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(found, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def install(certificates: str) -> x509.Certificate:
    """The certificate, and those above it, beside the key that waits or the one in use. Raises NotInstalled."""
    if settings.CAP_KEY:
        raise NotInstalled(
            gettext_noop("The key is set by LASTMILE_CAP_KEY: put key and certificate there, and restart.")
        )
    given = _parsed(certificates)
    for key in _keys():
        leaf = next((one for one in given if _public(one) == _public(key)), None)
        if leaf is not None:
            _put(_fitting(key, leaf, [one for one in given if one != leaf]))
            return leaf
    raise NotInstalled(
        gettext_noop("The certificate belongs neither to the key that waits for one nor to the one in use.")
    )


def _parsed(text: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates("\n".join(signature.CERTIFICATES.findall(text)).encode())
    except ValueError:
        raise NotInstalled(gettext_noop("There is no certificate in PEM form in this file.")) from None


def _fitting(key: PrivateKeyTypes, leaf: x509.Certificate, others: list[x509.Certificate]) -> str:
    """Key and certificates as one PEM, each certificate before the one that vouches for it."""
    if not leaf.not_valid_before_utc <= clock.now() <= leaf.not_valid_after_utc:
        first, last = (f"{at:%Y-%m-%d}" for at in (leaf.not_valid_before_utc, leaf.not_valid_after_utc))
        text = gettext_noop("The certificate is valid from %(first)s to %(last)s, and not today.")
        raise NotInstalled(text, first=first, last=last)
    chain, left = [leaf], list(others)
    while above := next((one for one in left if signature.issued(chain[-1], one)), None):
        chain.append(above)
        left.remove(above)
    if left:
        text = gettext_noop("“%(name)s” vouches for none of the other certificates: send those of one chain alone.")
        raise NotInstalled(text, name=left[0].subject.rfc4514_string())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = key.private_bytes(*form) + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    if not fits(pem.decode()):
        raise NotInstalled(gettext_noop("What is signed with this certificate is not found right: ask for another."))
    return pem.decode()


def _public(one: x509.Certificate | PrivateKeyTypes) -> bytes:
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        return one.public_key().public_bytes(*form)
    except (ValueError, UnsupportedAlgorithm):  # of a kind that nobody here knows
        return b""


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


def _keys() -> list[PrivateKeyTypes]:
    """The key that waits, then the one in use; without one that can't be read."""
    found = []
    for path in (waiting(), keys.made_here()):
        try:
            found.append(serialization.load_pem_private_key(path.read_bytes(), None))
        except (OSError, ValueError, TypeError):
            continue
    return found


def _put(pem: str) -> None:
    """The old pair is kept beside it."""
    path = keys.made_here()
    if path.exists():
        _write(path.with_name("cap_key_before.pem"), path.read_text())
    _write(path, pem)
    waiting().unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for nobody else to read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)
