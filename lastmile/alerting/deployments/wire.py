"""Signatures between two deployments: Ed25519 by a key of each side for each link; before there are keys, the code.

Every purpose has a prefix of its own, so that nothing signed for one can be shown for another.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils.translation import gettext as _

from lastmile.alerting.models import Deployment
from lastmile.kernel.errors import Refusal

SIGNATURE: Final = "X-Lastmile-Signature"
PAIR, PAIRED = b"lastmile pair\n", b"lastmile paired\n"
RECEIPT, REQUEST, ANSWER = b"lastmile receipt\n", b"lastmile receipts\n", b"lastmile acknowledged\n"
LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is taken for another when it is read out
UID, SECRET = 8, 24


def new_key() -> str:
    """A private key, in hex."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_of(private: str) -> str:
    return _private(private).public_key().public_bytes_raw().hex()


def _private(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))


def own_key(link: Deployment) -> str:
    """Our private key for this link, opened to sign."""
    return link.key.reveal() if link.key else ""


def next_key(link: Deployment) -> str:
    """The private key that follows; empty where none is announced."""
    return link.next_key.reveal() if link.next_key else ""


def code_of(link: Deployment) -> str:
    """The one-time code, opened to prove that we have it."""
    return link.code.reveal() if link.code else ""


def sign(private: str, purpose: bytes, body: bytes) -> str:
    return _private(private).sign(purpose + body).hex()


def signer(keys: Iterable[str], purpose: bytes, body: bytes, signature: str) -> str:
    """Which of these public keys has signed it; empty when none has."""
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), purpose + body)
        except (InvalidSignature, ValueError):
            continue
        return key
    return ""


def is_key(text: Any) -> bool:
    """Whether this is a public key as we write them."""
    return isinstance(text, str) and len(text) == 64 and all(char in "0123456789abcdef" for char in text)


def fingerprint(key: str) -> str:
    """Of a public key, to be compared by telephone."""
    if not key:
        return ""
    digest = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:24]
    return " ".join(digest[at : at + 4] for at in range(0, 24, 4))


def prove(code: str, purpose: bytes, body: bytes) -> str:
    """That whoever wrote this knows the code, without showing it."""
    return hmac.new(code.encode(), purpose + body, hashlib.sha256).hexdigest()


def proven(code: str, purpose: bytes, body: bytes, proof: str) -> bool:
    return bool(code) and hmac.compare_digest(prove(code, purpose, body).encode(), proof.encode("utf-8", "replace"))


def new_code() -> tuple[str, str]:
    """(uid, secret) of a new link."""
    whole = "".join(secrets.choice(LETTERS) for _char in range(UID + SECRET))
    return whole[:UID], whole[UID:]


def shown(uid: str, secret: str) -> str:
    """The code as it is read out and typed: groups of four."""
    whole = uid + secret
    return "-".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def typed(code: str) -> tuple[str, str]:
    """(uid, secret) from what somebody typed. Raises Refusal."""
    whole = "".join(char for char in code.lower() if not char.isspace() and char not in "-–—_.")
    if len(whole) != UID + SECRET or any(char not in LETTERS for char in whole):
        raise Refusal(
            _("This is no code of a deployment."),
            _("Enter the eight groups of four characters that the deployment above has shown."),
            fields={"code": _("not a code")},
        )
    return whole[:UID], whole[UID:]


def plain(value: Any) -> bytes:
    """JSON that is always written alike."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parsed(body: bytes) -> dict[str, Any]:
    """The object in the bytes; empty when it is none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def text(value: Any, longest: int) -> str:
    """What a stranger's field holds, as a text that the database takes."""
    return str(value or "").replace("\0", "")[:longest]
