"""The key that signs our CAP messages, and the certificates of those whose signatures we believe."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

BITS = 3072
VALID = timedelta(days=3650)
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # before any message a replay could sign


def own() -> str:
    """Private key and certificate as one PEM text: the operator's, else one made once and kept under var/."""
    if settings.CAP_KEY:
        return str(settings.CAP_KEY)
    path = made_here()
    return _made(path, settings.CAP_SENDER, path.stat().st_mtime_ns if path.exists() else 0)


def made_here() -> Path:
    """Where the key lies that is used where the operator sets none."""
    return Path(settings.VAR) / "secrets" / "cap_key.pem"


def certificate() -> str:
    """Our certificate alone, for those who verify."""
    begin = "-----BEGIN CERTIFICATE-----"
    return begin + own().partition(begin)[2].rstrip() + "\n"


def anchors(sender: str) -> list[x509.Certificate]:
    """Certificates believed for a sender: those in the trust folder itself, and in its sub-folder of that name."""
    if not settings.CAP_TRUST:
        return []
    folder = Path(settings.CAP_TRUST)
    own_folder = folder / "".join(char if char.isalnum() or char in "@.-_" else "_" for char in sender).lstrip(".")
    files = [*folder.glob("*.pem"), *(own_folder.glob("*.pem") if sender and own_folder != folder else ())]
    return [one for path in sorted(files) for one in _certificates(path.read_bytes())]


def _certificates(data: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        return []


@lru_cache(maxsize=2)
def _made(path: Path, name: str, _changed: int) -> str:
    """Several processes may start at once: the first file stays, all read it, and again when it was replaced."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
        draft.touch(mode=0o600)
        draft.write_text(self_signed(name))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def self_signed(name: str) -> str:
    """A fresh key with a certificate that vouches for itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64] or "lastmile")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(EPOCH)
        .not_valid_after(EPOCH + 3 * VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode() + made.public_bytes(serialization.Encoding.PEM).decode()
