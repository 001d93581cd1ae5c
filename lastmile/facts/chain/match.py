"""Whose answer a line is: grids, places and doors by their names and numbers, people by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Household
from lastmile.community.people.queries import names
from lastmile.facts.chain.marks import plain
from lastmile.facts.chain.read import Line, read
from lastmile.facts.dictionary import Field
from lastmile.facts.queries.rows import Row
from lastmile.kernel.permissions import Actor, Perm, may

LONGEST_NAME = 40
SHORT_ENDS = ("居民委员会", "村民委员会", "居委会", "村委会", "社区", "街道", "办事处", "行政村", "村", "镇", "乡")
HAN_DIGITS = "零一二三四五六七八九"


@dataclass
class Matched:
    """A line and the rows it may belong to; the first is proposed."""

    line: Line
    rows: list[Row] = field(default_factory=list)
    what: str = ""  # how it was recognised

    @property
    def is_sure(self) -> bool:
        return self.line.is_answer and len(self.rows) == 1 and not self.line.doubts

    @property
    def slug(self) -> str:
        return self.rows[0].slug if len(self.rows) == 1 else ""


class Known:
    """Every name of a place and what is under it, for looking up what a line begins with."""

    def __init__(self, place: Place, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._names: dict[str, dict[str, str]] = defaultdict(dict)  # name → place code → what it is
        parts = list(Place.objects.current().under(place.code).order_by("code"))
        for part in parts:
            for name in spellings(part):
                self._names[name][part.code] = part.name
        for code, number in self._doors(place):
            self._names[plain(number)][code] = _("door %(number)s") % {"number": number}

    def _doors(self, place: Place) -> Iterable[tuple[str, str]]:
        if place.level < Level.VILLAGE:
            return ()
        rows = Household.objects.filter(place__code__startswith=place.code, moved_out_on=None)
        return rows.values_list("place_id", "number")

    def named(self, text: str) -> tuple[str, str] | None:
        """The longest known name at the beginning of a line, and what follows it."""
        for length in range(min(LONGEST_NAME, len(text)), 0, -1):
            if text[:length] in self._names and not _goes_on(text, length):
                return text[:length], text[length:]
        return None

    def places(self, name: str) -> dict[str, str]:
        return self._names.get(name, {})

    def row(self, code: str) -> Row | None:
        """The row that a place belongs to: the row of the place itself, or of the place above it."""
        return next((row for row in self.rows if code.startswith(row.place)), None)


def _goes_on(text: str, length: int) -> bool:
    """Whether the name would be cut in the middle of a number or word: "1-2" in "1-23"."""
    if length == len(text):
        return False
    last, after = text[length - 1], text[length]
    if last.isdigit():
        return after.isdigit() or (after == "-" and text[length + 1 : length + 2].isdigit())
    return last.isascii() and last.isalpha() and after.isascii() and after.isalpha()


def spellings(place: Place) -> set[str]:
    """How people write a place in a chat: 王宗店村委会, 王宗店村, 王宗店; 第1网格, 1网格, 一网格, 001."""
    name = plain(place.name)
    found = {name}
    if place.level == Level.GRID:
        number = int(place.code[-3:])
        found |= {f"第{number}网格", f"{number}网格", f"{number}号网格", f"网格{number}", place.code}
        if 0 < number <= 10:
            digit = "十" if number == 10 else HAN_DIGITS[number]
            found |= {f"第{digit}网格", f"{digit}网格"}
        return found
    for end in SHORT_ENDS:
        if name.endswith(end) and len(name) - len(end) >= 2:
            short = name.removesuffix(end)
            found |= {short, f"{short}村", f"{short}社区"} if place.level == Level.VILLAGE else {short}
    return found | {re.sub(r"村村", "村", one) for one in found}


def match(actor: Actor, place: Place, text: str, fields: Sequence[Field], rows: Sequence[Row]) -> list[Matched]:
    """Every line with the rows it may answer for. Reads only, but notes in the trail that names were compared."""
    known = Known(place, rows)
    found = [Matched(line) for line in read(text, fields, known.named)]
    strangers = {one.line.who for one in found if one.line.is_answer and not known.places(one.line.who)}
    people = names.bearers(actor, place.code, strangers) if may(actor, Perm.PERSON_REVEAL, place.code) else {}
    for one in found:
        if one.line.is_answer:
            _find(one, known, people)
    _repeated(found)
    return found


def _find(one: Matched, known: Known, people: dict[str, list[names.Bearer]]) -> None:
    who = one.line.who
    places = known.places(who)
    bearers = people.get(who, [])
    codes = list(places) or [bearer.place for bearer in bearers]
    rows = {row.slug: row for code in codes if (row := known.row(code)) is not None}
    one.rows = list(rows.values())
    if places:
        one.what = next(iter(places.values()))
    elif bearers:
        one.what = bearers[0].post or _("door %(number)s") % {"number": bearers[0].door}
    if not one.rows and len(known.rows) == 1 and not bearers:
        one.rows = list(known.rows)
        one.line.doubts.append(_("nobody of this name is known here; counted for %(row)s") % {"row": one.rows[0].label})
    elif not one.rows:
        one.line.doubts.append(_("nobody of this name is known here"))
    elif len(one.rows) > 1:
        one.line.doubts.append(_("this may be one of several"))


def _repeated(found: Sequence[Matched]) -> None:
    """Whoever answered twice has corrected themselves: the later line counts, and the earlier one says so."""
    last: dict[str, Matched] = {}
    for one in found:
        if one.line.is_answer and any(one.line.values):
            earlier = last.get(one.line.who)
            if earlier is not None:
                earlier.line.left_out = _("answered again in line %(n)s") % {"n": one.line.number}
            last[one.line.who] = one
