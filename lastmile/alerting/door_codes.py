"""The short code of a door in a warning and its updates: what a household and everybody who serves it call that door.

    door_codes.numbers(event, place)   # {household: 12}
    door_codes.of(event, homes)        # {household: Code}, printed as 12-845

The first call for a place numbers its doors in walking order and keeps that; doors listed later get the next numbers.
Where the list is at hand the number is enough. Behind it stand three digits of a keyed hash of warning, place and
number: who has no list, as at a shelter, can't walk through the numbers, and a slip of the finger is no other family.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import roster
from lastmile.alerting.models import AlertEvent, DoorCodes
from lastmile.community.people.models import Household, Person, walk
from lastmile.kernel.errors import Conflict, Refusal

PROOF = 3  # digits of the hash
PROOFS = [f"{number:0{PROOF}d}" for number in range(10**PROOF)]
BLOCK = 32  # doors of one hash
_GAPS = re.compile(r"[\s\-‐‑‒–—―−ー·_]+")
_WRITTEN = re.compile(r"(?:(\d{9,15})-)?(?:(\d{1,5})-(\d{3})|(\d{1,5})(\d{3}))")


@dataclass(frozen=True)
class Codes:
    """`homes` and `others` (people listed at the place who live behind none of its doors) by key: their numbers."""

    homes: dict[int, int]
    others: dict[int, int]

    @property
    def last(self) -> int:
        return len(self.homes) + len(self.others)


@dataclass(frozen=True)
class Code:
    """`place` is the one in which `number` counts; `proof` shows that it was read and not guessed."""

    place: str
    number: int
    proof: str

    def __str__(self) -> str:
        return f"{self.number}-{self.proof}"

    @property
    def whole(self) -> str:
        """With its place, for addresses."""
        return f"{self.place}-{self}"


class Unknown(Refusal):
    """No door of the warning has this code: it was mistyped, or guessed."""


def numbers(event: AlertEvent, place: str) -> dict[int, int]:
    """The number of every listed household of exactly this place."""
    return codes(event, place).homes


def codes(event: AlertEvent, place: str) -> Codes:
    """The frozen numbers, with what is listed by now and was not before added at the end."""
    listed = _listed(event, place)
    row = DoorCodes.objects.filter(warning=event.warning, place=place).first()
    if row is None or not set(listed) <= set(row.entries):
        row = _grow(event.warning, place, listed)
    numbered = {entry: number for number, entry in enumerate(row.entries, 1)}
    return Codes(
        homes={entry: number for entry, number in numbered.items() if entry > 0},
        others={-entry: number for entry, number in numbered.items() if entry < 0},
    )


def of(event: AlertEvent, homes: Iterable[Household]) -> dict[int, Code]:
    """The codes of these households, listed or not: one query where all have been numbered before."""
    wanted: dict[str, list[Household]] = defaultdict(list)
    for home in homes:
        wanted[home.place_id].append(home)
    rows = {row.place: row for row in DoorCodes.objects.filter(warning=event.warning, place__in=wanted)}
    found: dict[int, Code] = {}
    for place, here in wanted.items():
        row, keys = rows.get(place), {home.pk for home in here}
        if row is None or not keys <= set(row.entries):
            unlisted = [home.pk for home in sorted(here, key=lambda home: home.walk)]
            row = _grow(event.warning, place, [*_listed(event, place), *unlisted])
        for number, entry in enumerate(row.entries, 1):
            if entry in keys:
                found[entry] = code(event.warning, place, number)
    return found


def code(warning: int, place: str, number: int) -> Code:
    block, at = divmod(number - 1, BLOCK)
    return Code(place, number, _proofs(settings.LINK_KEY, warning, place, block)[at])


def written(warning: int, place: str, entries: Sequence[int]) -> dict[int, str]:
    """The codes of all numbered doors of a place as they are printed, by household, for messages by the thousand."""
    key = settings.LINK_KEY
    proofs = chain.from_iterable(_proofs(key, warning, place, block) for block in range(-(-len(entries) // BLOCK)))
    return {entry: f"{number}-{proof}" for number, (entry, proof) in enumerate(zip(entries, proofs, strict=False), 1)}


@lru_cache(maxsize=4096)
def _proofs(link_key: str, warning: int, place: str, block: int) -> tuple[str, ...]:
    """Those of BLOCK doors by one hash: a hash for each door made sending half as fast."""
    digest = blake2b(f"{warning}:{place}:{block}".encode(), key=_key(link_key), digest_size=2 * BLOCK).digest()
    return tuple(PROOFS[number % 10**PROOF] for number in struct.unpack(f">{BLOCK}H", digest))


@lru_cache(maxsize=4)
def _key(link_key: str) -> bytes:
    return blake2b(key=bytes.fromhex(link_key), digest_size=32, person=b"door code").digest()


def read(event: AlertEvent, text: str, places: Sequence[str]) -> int:
    """The household with this code, whole or at one of the `places`.

    Raises Refusal for what is no code, Unknown where no door has it, Conflict where doors of two places do.
    """
    written = parts(text)
    place, number, proof = written[1], int(written[2] or written[4]), written[3] or written[5]
    rows = DoorCodes.objects.filter(warning=event.warning, place__in=[place] if place else places)
    found = [
        row.entries[number - 1]
        for row in rows
        if 0 < number <= len(row.entries) and code(event.warning, row.place, number).proof == proof
    ]
    found = [entry for entry in found if entry > 0]
    if not found:
        raise Unknown(*_unknown())
    if len(found) > 1:
        raise Conflict(_("Two doors of different places have this code."), _("Choose the grid, then find it again."))
    return int(found[0])


def parts(text: str) -> re.Match[str]:
    """What was typed or scanned, taken apart. Raises Refusal for what is no code."""
    found = _WRITTEN.fullmatch(_GAPS.sub("-", unicodedata.normalize("NFKC", text[:40]).strip()))
    if found is None:
        raise Refusal(*_unknown())
    return found


def _unknown() -> tuple[str, str]:
    return (
        _("No door of this warning has this code."),
        _("It stands on their phone and on paper, as 12-345. Choose the grid, type it again, or search the list."),
    )


@transaction.atomic
def _grow(warning: int, place: str, listed: Iterable[int]) -> DoorCodes:
    """Two who print the same place at once wait for each other here."""
    DoorCodes.objects.bulk_create([DoorCodes(warning=warning, place=place, entries=[])], ignore_conflicts=True)
    row = DoorCodes.objects.select_for_update().get(warning=warning, place=place)
    known = set(row.entries)
    row.entries = [*row.entries, *(entry for entry in dict.fromkeys(listed) if entry not in known)]
    row.save(update_fields=["entries"])
    return row


def _listed(event: AlertEvent, place: str) -> list[int]:
    """The doors in walking order, then the others."""
    persons = Person.objects.filter(pk__in=roster.listed(event, place)).order_by("pk")
    homes: dict[int, tuple[bool, int, int]] = {}
    others = []
    for key, lives, home, order in persons.values_list("pk", "place", "household", "household__walking_order"):
        if home is not None and lives == place:
            homes[home] = walk(order, home)
        else:
            others.append(-key)
    return [*sorted(homes, key=lambda home: homes[home]), *others]
