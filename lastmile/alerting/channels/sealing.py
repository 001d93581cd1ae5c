"""Web push as the standards write it: what only one browser can open (RFC 8291), and who we are (VAPID, RFC 8292).

Over `cryptography` alone: the test vector of RFC 8291 comes out byte for byte, see the tests.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
RECORD = 4096  # bytes of the one record; push services take no more
MOST = RECORD - 21 - 65 - 17  # bytes of text that fit
VALID = 12 * 3600  # seconds that a token holds; 24 h at most by the standard


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """Raises ValueError."""
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass(frozen=True)
class Browser:
    """What a browser gave us: the key its messages are sealed to, and the secret that goes into it."""

    key: bytes
    secret: bytes

    @classmethod
    def read(cls, p256dh: str, auth: str) -> Browser:
        """Raises ValueError for what no browser has given."""
        key, secret = unb64(p256dh), unb64(auth)
        if len(key) != 65 or len(secret) != 16:
            raise ValueError("not the keys of a browser")
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, key)
        return cls(key, secret)


def seal(text: bytes, browser: Browser, *, salt: bytes = b"", own: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """The body of a push (aes128gcm), under a key and salt made for it alone. `salt` and `own` are for the test."""
    if len(text) > MOST:
        raise ValueError("too long for a push")
    salt, own = salt or os.urandom(16), own or ec.generate_private_key(CURVE)
    public = point(own.public_key())
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, browser.key))
    material = _hkdf(browser.secret, shared, b"WebPush: info\0" + browser.key + public, 32)
    cipher = AESGCM(_hkdf(salt, material, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _hkdf(salt, material, b"Content-Encoding: nonce\0", 12)
    return salt + RECORD.to_bytes(4) + bytes([len(public)]) + public + cipher.encrypt(nonce, text + b"\x02", None)


def _hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(material)


@lru_cache(maxsize=2)
def own_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Our key from 64 hex digits, as the settings have it. Raises ValueError."""
    return ec.derive_private_key(int(text, 16) % (ORDER - 1) + 1, CURVE)


def public_key(text: str) -> str:
    """What a browser subscribes with."""
    return b64(point(own_key(text).public_key()))


def authorization(text: str, origin: str, contact: str, now: float) -> str:
    """The header that tells a push service who sends, and whom to ask about it."""
    claims = {"aud": origin, "exp": int(now) + VALID, "sub": contact}
    head = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    r, s = decode_dss_signature(own_key(text).sign(head.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={head}.{b64(r.to_bytes(32) + s.to_bytes(32))}, k={public_key(text)}"


def _part(values: dict[str, object]) -> str:
    return b64(json.dumps(values, separators=(",", ":")).encode())
