"""What was typed from a sheet, read token by token: `12-1 13-2` is door 12 with digit 1 and door 13 with digit 2."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from lastmile.alerting import door_codes, roster
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.paper.outcomes import FACTS, words

MOST = 1_000  # tokens at once
LENGTH = 20_000  # letters
DASHES = re.compile(r"\s*[-‐‑‒–—―−ー~_]+\s*")
BETWEEN = re.compile(r"[\s,、;。.]+")
PAIR = re.compile(r"([0-9]{1,5})-([0-9])")


@dataclass(frozen=True)
class Reading:
    """One token. `says` is empty where it can be entered; `mend` then too."""

    token: str
    number: int = 0
    digit: str = ""
    door: str = ""  # the community's own number for it
    who: str = ""  # masked
    now: str = ""  # what stands there so far, in words
    says: str = ""
    mend: str = ""

    @property
    def ok(self) -> bool:
        return not self.says

    @property
    def means(self) -> str:
        return words(self.digit) if self.digit in FACTS else ""


@dataclass(frozen=True)
class Sheet:
    """The doors of a place by number: the people to whom an outcome belongs, and what is shown of them."""

    doors: dict[int, roster.Door]
    last: int


def sheet(event: AlertEvent, place: str) -> Sheet:
    codes = door_codes.codes(event, place)
    doors: dict[int, roster.Door] = {}
    for door in roster.doors(event, place):
        if door.household is None:
            doors |= {codes.others.get(one.person, 0): roster.Door(None, [one]) for one in door.members}
        else:
            doors[codes.homes.get(door.household.pk, 0)] = door
    doors.pop(0, None)  # who answered without being listed has no number
    return Sheet(doors, codes.last)


def tokens(text: str) -> list[str]:
    """The text cut into tokens, full-width digits and every kind of dash and comma made plain."""
    plain = DASHES.sub("-", unicodedata.normalize("NFKC", text[:LENGTH]).replace("\0", " "))
    return [token for token in BETWEEN.split(plain) if token]


def read(found: Sheet, text: str) -> list[Reading]:
    """Every token with what it means or what is wrong with it; a door that is there twice counts once or not."""
    said = tokens(text)
    readings = [_one(found, token) for token in said[:MOST]]
    digits: dict[int, set[str]] = defaultdict(set)
    for reading in readings:
        if reading.ok:
            digits[reading.number].add(reading.digit)
    kept, seen = [], set()
    for reading in readings:
        if reading.ok and len(digits[reading.number]) > 1:
            kept.append(_twice(reading, sorted(digits[reading.number])))
        elif not reading.ok or reading.number not in seen:
            kept.append(reading)
        seen.add(reading.number)
    return kept + [_too_many(said[MOST:])] * (len(said) > MOST)


def _one(found: Sheet, token: str) -> Reading:
    pair = PAIR.fullmatch(token)
    if pair is None:
        return _no_pair(token[:40])
    number, digit = int(pair[1]), pair[2]
    door = found.doors.get(number)
    if door is None:
        mend = _("Its doors are 1 to %(last)d; look at the sheet again.") % {"last": found.last}
        if not found.last:
            mend = _("Nobody is listed at this place; look whether it is the right sheet.")
        return Reading(token, number, digit, says=_("There is no door %(n)d on this sheet.") % {"n": number}, mend=mend)
    reading = Reading(token, number, digit, _door(door), "、".join(member.name for member in door.members), _now(door))
    if digit not in FACTS:
        says = _("%(digit)s is none of the digits.") % {"digit": digit}
        return replace(reading, says=says, mend="   ".join(f"{key} {words(key)}" for key in FACTS))
    return reading


def _no_pair(token: str) -> Reading:
    if token.isdecimal():
        says = _("The digit after %(token)s is missing.") % {"token": token}
        return Reading(token, says=says, mend=_("Write door, dash and digit, as 12-1."))
    says = _("“%(token)s” can't be read.") % {"token": token}
    return Reading(token, says=says, mend=_("Write door, dash and digit, as 12-1."))


def _twice(reading: Reading, digits: Sequence[str]) -> Reading:
    says = _("Door %(n)d is here with different digits: %(digits)s.") % {
        "n": reading.number,
        "digits": ", ".join(digits),
    }
    return replace(reading, says=says, mend=_("Leave the one that holds."))


def _too_many(rest: Sequence[str]) -> Reading:
    says = _("These are more than %(most)d at once.") % {"most": MOST}
    return Reading(" ".join(rest[:3]) + " …", says=says, mend=_("Save the first ones; the others stay here."))


def _door(door: roster.Door) -> str:
    return door.household.number if door.household is not None else _("in charge here")


def _now(door: roster.Door) -> str:
    """The answers of the people of a door, each kind once."""
    facts = dict.fromkeys(str(member.fact.label) for member in door.members if member.fact)
    return "、".join(facts)
