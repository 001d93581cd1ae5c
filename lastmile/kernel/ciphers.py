"""The ciphers of personal fields: AES-256-GCM, and SM4-GCM (GB/T 32907, RFC 8998) for whoever is asked for it.

A cipher belongs to a key and is written before it: "2:sm4:<32 hex digits>"; a key without a name is of AES. Both give
nonce, text and a tag of 16 bytes, so a sealed value looks alike under either. Why: docs/adr/0043-sm4.md.
"""

from __future__ import annotations

import secrets
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher as OpenSSL
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from django.core.exceptions import ImproperlyConfigured

NONCE: Final = 12
TAG: Final = 16
SIZES: Final = {"aes": 32, "sm4": 16}  # bytes of a key
NAMES: Final = {"aes": "AES-256-GCM", "sm4": "SM4-GCM"}


class NoCipherError(ImproperlyConfigured):
    """A key asks for a cipher that the OpenSSL of this machine does not have."""


class Cipher(Protocol):
    """Raises InvalidTag from `decrypt` when data or label are not those that were encrypted."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Sm4Gcm:
    """SM4-GCM with the calls of the library's AESGCM, which has no such class for SM4."""

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)
        try:
            self.encrypt(bytes(NONCE), b"", None)
        except UnsupportedAlgorithm as error:
            raise NoCipherError("a key in LASTMILE_FIELD_KEYS is of SM4, which this machine's OpenSSL lacks") from error

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        worker = OpenSSL(self._key, modes.GCM(nonce)).encryptor()
        worker.authenticate_additional_data(associated_data or b"")
        return worker.update(data) + worker.finalize() + worker.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        if len(data) < TAG:
            raise InvalidTag
        worker = OpenSSL(self._key, modes.GCM(nonce, data[-TAG:])).decryptor()
        worker.authenticate_additional_data(associated_data or b"")
        return worker.update(data[:-TAG]) + worker.finalize()


def read(text: str) -> tuple[str, bytes]:
    """The cipher and the key of "<hex>" or "<cipher>:<hex>". Raises ValueError, ImproperlyConfigured."""
    name, _, value = text.strip().rpartition(":")
    name, key = name.strip().lower() or "aes", bytes.fromhex(value)
    if name not in SIZES:
        raise ImproperlyConfigured(f"a key in LASTMILE_FIELD_KEYS is of “{name}”; known are: {', '.join(SIZES)}")
    if len(key) != SIZES[name]:
        raise ImproperlyConfigured(
            f"a key of {NAMES[name]} in LASTMILE_FIELD_KEYS has {SIZES[name]} bytes: {2 * SIZES[name]} hex digits"
        )
    return name, key


def make(name: str, key: bytes) -> Cipher:
    return Sm4Gcm(key) if name == "sm4" else AESGCM(key)


def fresh(name: str) -> str:
    """A new key as it is written behind its number."""
    key = secrets.token_hex(SIZES[name])
    return key if name == "aes" else f"{name}:{key}"
