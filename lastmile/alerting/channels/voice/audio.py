"""Addresses of audio: the text itself, sealed into the address, so that nothing is stored and nothing can be guessed.

    url = audio.url("https://warn.example.cn", "暴雨红色预警…")    # /gateway/voice/audio/<token>.wav
    audio.text(token)                                             # the text, until it expires
AES-SIV: the same text has the same address within an hour, so that a gateway may keep what it has fetched; whoever
changes a letter of it, or comes a day later, gets nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import zlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.speech import Announcement
from lastmile.kernel import clock

PATH = "/gateway/voice/audio/"
KEPT = 24 * 3600  # seconds that an address holds, and up to an hour more
HOUR = 3600
TONE = 1.0  # seconds; the telephone has rung already
LABEL = [b"voice audio 1"]


class BadAddress(Exception):
    """Not an address that this house has made, or one that has expired."""


@lru_cache(maxsize=4)
def _cipher(key: str) -> AESSIV:
    return AESSIV(hashlib.blake2b(key=bytes.fromhex(key), digest_size=64, person=b"voice audio").digest())


def url(base: str, text: str) -> str:
    ends = (int(clock.now().timestamp()) // HOUR + 1) * HOUR + KEPT
    sealed = _cipher(settings.LINK_KEY).encrypt(struct.pack(">I", ends) + zlib.compress(text.encode(), 9), LABEL)
    return f"{base}{PATH}{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}.wav"


def text(token: str) -> str:
    """What is to be said. Raises BadAddress."""
    try:
        sealed = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        opened = _cipher(settings.LINK_KEY).decrypt(sealed, LABEL)
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise BadAddress from error
    if struct.unpack(">I", opened[:4])[0] < clock.now().timestamp():
        raise BadAddress
    return zlib.decompress(opened[4:]).decode()


def spoken(said: str) -> Announcement:
    """What the telephone plays, once: the gateway repeats it. Raises speech.NoVoice."""
    return speech.announcement(said, attention=TONE, rate=speech.TELEPHONE)
