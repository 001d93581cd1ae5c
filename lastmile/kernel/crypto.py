"""Encryption of personal fields at rest, and a keyed index to find them again.

Ciphertext: 1 byte key number · 12 bytes nonce · the UTF-8 text under the cipher of that key (16 bytes tag at the end),
with the field's label as associated data, so a value can't be moved to another column. Blind index: HMAC-SHA-256 of the
normalised text under a second key, cut to 16 bytes. Keys: `LASTMILE_FIELD_KEYS`, "1:hex64,2:sm4:hex32" (the highest
number encrypts, every number decrypts; without a name it is AES-256-GCM), or the file named by
`LASTMILE_FIELD_KEYS_FILE`. While the index key is changed, the one before it stands in `LASTMILE_INDEX_KEY_OLD`: what
is looked for is then looked for under both.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from lastmile.kernel import ciphers
from lastmile.kernel.ciphers import NONCE, TAG

Key = tuple[str, bytes]  # its cipher, and the key


class Keyring:
    """Field keys by number, the index key, and the index key before it while entries under that one are left."""

    def __init__(self, keys: dict[int, Key], index_key: bytes, old_index_key: bytes = b"") -> None:
        if not keys:
            raise ImproperlyConfigured("LASTMILE_FIELD_KEYS needs at least one key, as '1:<64 hex digits>'")
        if not 1 <= min(keys) <= max(keys) <= 255:
            raise ImproperlyConfigured("a key number in LASTMILE_FIELD_KEYS lies between 1 and 255")
        self._ciphers = {number: ciphers.make(*key) for number, key in keys.items()}
        self._names = {number: name for number, (name, _key) in keys.items()}
        self.current = max(keys)
        self._index_key = index_key
        self._index_keys = [key for key in (index_key, old_index_key) if key]

    @classmethod
    def parse(cls, text: str, index_key_hex: str, old_index_key_hex: str = "") -> Keyring:
        keys = {}
        for part in text.replace("\n", ",").split(","):
            if part.strip():
                number, _, value = part.strip().partition(":")
                keys[int(number)] = ciphers.read(value)
        return cls(keys, bytes.fromhex(index_key_hex), bytes.fromhex(old_index_key_hex))

    def encrypt(self, text: str, label: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return bytes([self.current]) + nonce + self._ciphers[self.current].encrypt(nonce, text.encode(), label)

    def decrypt(self, data: bytes, label: bytes) -> str:
        """The text. Raises ValueError if the key is unknown or the data was altered."""
        if len(data) < 1 + NONCE + TAG:
            raise ValueError("an encrypted field is cut off")
        cipher = self._ciphers.get(data[0])
        if cipher is None:
            raise ValueError(f"field key number {data[0]} is not in LASTMILE_FIELD_KEYS")
        try:
            return cipher.decrypt(data[1 : 1 + NONCE], data[1 + NONCE :], label).decode()
        except InvalidTag as error:
            raise ValueError("an encrypted field was altered, or belongs to another column") from error

    def decrypt_many(self, values: Sequence[bytes], label: bytes) -> list[str]:
        """The texts, in order: the loop of `decrypt` without its calls. Raises ValueError if one can't be opened."""
        ciphers, start = self._ciphers, 1 + NONCE
        try:
            return [ciphers[value[0]].decrypt(value[1:start], value[start:], label).decode() for value in values]
        except (KeyError, IndexError, InvalidTag) as error:
            raise ValueError("an encrypted field was altered, or its key is not in LASTMILE_FIELD_KEYS") from error

    def is_stale(self, data: bytes) -> bool:
        """Whether the value was written under a key older than the current one."""
        return data[0] != self.current

    def blind(self, text: str) -> bytes:
        """16 bytes that are equal for equal texts and say nothing else."""
        return _blind(self._index_key, text)

    def blinds(self, text: str) -> list[bytes]:
        """What to look for: the index of the text, and the one it had under the key before while that is known."""
        return [_blind(key, text) for key in self._index_keys]

    @property
    def numbers(self) -> list[int]:
        return sorted(self._ciphers)

    @property
    def cipher(self) -> str:
        """The cipher of the current key as `keys rotate --cipher` has it."""
        return self._names[self.current]

    @property
    def ciphers(self) -> dict[int, str]:
        """The full name of each key's cipher."""
        return {number: ciphers.NAMES[self._names[number]] for number in self.numbers}

    @property
    def has_old_index(self) -> bool:
        return len(self._index_keys) > 1


def _blind(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()[:16]


@lru_cache(maxsize=4)
def _keyring(keys: str, index_key: str, old_index_key: str) -> Keyring:
    return Keyring.parse(keys, index_key, old_index_key)


def keyring() -> Keyring:
    return _keyring(settings.FIELD_KEYS, settings.INDEX_KEY, settings.INDEX_KEY_OLD)
