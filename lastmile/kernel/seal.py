"""Sign what leaves the database as proof: archives of the audit trail, certificates of destruction.

Ed25519 (RFC 8032): whoever has the public key can check a signature without us. The key is made from
`LASTMILE_SEAL_KEY`; public keys of earlier ones stand in `LASTMILE_SEAL_TRUSTED`, so that old certificates still hold.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.SEAL_KEY))


def public() -> str:
    """Our public key, in hex."""
    return _key().public_key().public_bytes_raw().hex()


def trusted() -> list[str]:
    return [public(), *(key.strip() for key in settings.SEAL_TRUSTED.split(",") if key.strip())]


def text(facts: dict[str, Any]) -> str:
    """What is signed: the facts with the key that signs them, always written alike."""
    return json.dumps(facts | {"key": public()}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sign(what: str) -> bytes:
    return _key().sign(what.encode())


def holds(what: str, signature: bytes) -> bool:
    """Whether one of the trusted keys has signed this text."""
    for key in trusted():
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, what.encode())
        except (InvalidSignature, ValueError):
            continue
        return True
    return False
