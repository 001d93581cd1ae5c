"""The number of a household at a shelter: nine digits that can be typed, scanned and checked, and hardly guessed.

Six digits or more name the household, the last three are a keyed check: one wrong number in a thousand passes, and who
tries numbers meets a thousand refusals for each door. Nothing is stored; it is the same in every warning.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings
from django.utils.translation import gettext as _

from lastmile.kernel.errors import Refusal

LARGEST = 2**31
SEPARATORS = re.compile(r"[\s\-·]+")


@lru_cache(maxsize=4)
def _key(link_key: str) -> bytes:
    return blake2b(key=bytes.fromhex(link_key), digest_size=32, person=b"shelter door").digest()


def _check(number: int) -> int:
    digest = blake2b(str(number).encode(), key=_key(settings.LINK_KEY), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 1000


def code(household: int) -> str:
    """As it is printed and typed, in groups of three: 000 123 456."""
    digits = f"{household:06d}{_check(household):03d}"
    head = len(digits) % 3
    return " ".join([*([digits[:head]] if head else []), *(digits[i : i + 3] for i in range(head, len(digits), 3))])


def plain(household: int) -> str:
    """Only digits, for addresses."""
    return code(household).replace(" ", "")


def read(text: str) -> int:
    """The household's key. Raises Refusal for anything that is not one of our numbers."""
    digits = SEPARATORS.sub("", text[:40])
    if not (digits.isascii() and digits.isdigit() and 9 <= len(digits) <= 13):
        raise _wrong()
    number = int(digits[:-3])
    if number >= LARGEST or plain(number) != digits:
        raise _wrong()
    return number


def _wrong() -> Refusal:
    return Refusal(
        _("This is not the number of a household."),
        _("It has nine digits and stands on their phone and on paper. Type it again, or search the list."),
    )
