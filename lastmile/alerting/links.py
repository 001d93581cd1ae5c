"""Personal links: who is meant by which warning, in 19 characters that can't be guessed, forged or read.

A token is base64url of 14 bytes: 7 of MAC, 7 of masked payload (event 3 bytes, person 4 bytes). The MAC is a keyed
BLAKE2b of the payload; the payload is masked by a second keyed BLAKE2b of the MAC (the shape of SIV), so that
neighbouring people get unlike links and no key appears. 56 bits of MAC: a forger who tries 1,000 links a second needs
a million years. Nothing is stored; the key is settings.LINK_KEY.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.conf import settings

LENGTH = 19
PATH = "/r/"
HALF = 7  # bytes of MAC, and of payload
EVENTS, PEOPLE = 2**24, 2**32


class BadToken(Exception):
    """Not a link that this house has made."""


@lru_cache(maxsize=4)
def _hashers(key: str) -> tuple[Any, Any]:
    """The two keyed states, ready to be copied: (of the MAC, of the mask)."""
    states = [blake2b(key=bytes.fromhex(key), digest_size=HALF, person=use) for use in (b"link mac", b"link mask")]
    for state in states:
        state.update(b"1")  # format version; and the key's block is worked off here, not once for each copy
    return states[0], states[1]


def token(event: int, person: int) -> str:
    return tokens(event, [person])[0]


def tokens(event: int, persons: Sequence[int]) -> list[str]:
    """One token for each person, in order. Raises ValueError for a key that does not fit.

    Hashing is one by one; masking, interleaving and base64 are done for all at once, which makes it twice as fast.
    """
    if not 0 <= event < EVENTS or (persons and (min(persons) < 0 or max(persons) >= PEOPLE)):
        raise ValueError("the key of an event or person does not fit a link")
    mac_state, mask_state = (state.copy() for state in _hashers(settings.LINK_KEY))
    head = event.to_bytes(3, "big")
    mac_state.update(head)
    tails = [person.to_bytes(4, "big") for person in persons]
    macs = _digests(mac_state, tails)
    masks = b"".join(_digests(mask_state, macs))
    payloads = b"".join([head + tail for tail in tails])
    masked = (int.from_bytes(payloads, "big") ^ int.from_bytes(masks, "big")).to_bytes(len(masks), "big")
    mac_bytes = b"".join(macs)
    raw = bytearray(15 * len(persons))  # the 15th byte stays zero, so that each token is 20 letters, the last an A
    for at in range(HALF):
        raw[at::15] = mac_bytes[at::HALF]
        raw[HALF + at :: 15] = masked[at::HALF]
    text = base64.urlsafe_b64encode(raw).decode()
    return [text[at : at + LENGTH] for at in range(0, len(text), LENGTH + 1)]


def _digests(state: Any, texts: Sequence[bytes]) -> list[bytes]:
    """The digest of each text, continuing from `state`."""
    copy, found = state.copy, []
    for text in texts:
        one = copy()
        one.update(text)
        found.append(one.digest())
    return found


def read(token: str) -> tuple[int, int]:
    """(event, person) of a token. Raises BadToken; takes equally long for every wrong MAC."""
    if len(token) != LENGTH or not token.isascii():
        raise BadToken
    try:
        raw = base64.b64decode(token + "A", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken from error
    mac, masked, spare = raw[:HALF], raw[HALF : 2 * HALF], raw[2 * HALF]
    mac_state, mask_state = (state.copy() for state in _hashers(settings.LINK_KEY))
    mask_state.update(mac)
    payload = int.from_bytes(masked, "big") ^ int.from_bytes(mask_state.digest(), "big")
    mac_state.update(payload.to_bytes(HALF, "big"))
    if not hmac.compare_digest(mac_state.digest(), mac) or spare:
        raise BadToken
    return payload >> 32, payload & (PEOPLE - 1)
