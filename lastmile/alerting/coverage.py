"""Who was reached and who was not, for every place: read from the tallies that `fold` keeps.

A page costs the same for a thousand people and for a million: it sums a few thousand rows of one event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import connection

from lastmile.alerting.fold import fold, recount
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.models.tally import BUCKET
from lastmile.alerting.sql import fetch
from lastmile.community.org.models import CODE_LENGTH, Place

__all__ = [
    "Coverage",
    "Doors",
    "Numbers",
    "PlaceCoverage",
    "channels",
    "children",
    "curve",
    "curves",
    "fold",
    "of",
    "recount",
    "unreached",
]

LENGTHS = sorted(CODE_LENGTH.values())
TOWNSHIP = 9  # digits; the curve is kept by township, nearer places are read from the answers themselves
SHARES = (50, 90, 99)  # percent whose time is shown


@dataclass(frozen=True)
class Numbers:
    """People of an area. `delivered` includes those who opened or answered; `confirmed` those with a better answer."""

    people: int = 0
    told: int = 0
    delivered: int = 0
    failed: int = 0
    opened: int = 0
    confirmed: int = 0
    safe: int = 0
    moved: int = 0
    needs_help: int = 0
    refused: int = 0
    absent: int = 0
    unreachable: int = 0

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(*(getattr(self, name) + getattr(other, name) for name in NAMES))

    @property
    def unreached(self) -> int:
        """No sign at all that it arrived."""
        return max(0, self.people - self.delivered)

    @property
    def silent(self) -> int:
        """Not confirmed: never reached, or reached and without an answer."""
        return max(0, self.people - self.confirmed)

    def share(self, name: str) -> float:
        """Percent of the people; 0 where there are none."""
        return 100 * float(getattr(self, name)) / self.people if self.people else 0.0

    @property
    def percent(self) -> dict[str, float]:
        return {name: round(self.share(name), 1) for name in (*NAMES, "unreached", "silent")}

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in (*NAMES, "unreached", "silent")}


@dataclass(frozen=True)
class Doors:
    """Households of an area: all, and those of which at least one grown member was told, is reached, has confirmed."""

    doors: int = 0
    told: int = 0
    delivered: int = 0
    confirmed: int = 0

    def __add__(self, other: Doors) -> Doors:
        return Doors(*(getattr(self, name) + getattr(other, name) for name in DOORS))

    @property
    def unreached(self) -> int:
        """Doors to knock on: no grown member shows any sign."""
        return max(0, self.doors - self.delivered)

    @property
    def silent(self) -> int:
        return max(0, self.doors - self.confirmed)

    @property
    def percent(self) -> dict[str, float]:
        return {name: round(100 * n / self.doors, 1) if self.doors else 0.0 for name, n in self.as_dict().items()}

    def as_dict(self) -> dict[str, int]:
        names = ("doors", "told", "delivered", "confirmed", "unreached", "silent")
        return {name: getattr(self, name) for name in names}


NAMES = tuple(one.name for one in fields(Numbers))
DOORS = tuple(one.name for one in fields(Doors))


@dataclass(frozen=True)
class Times:
    """Seconds from issue until 50, 90 and 99 percent were confirmed (or delivered to); None while not yet."""

    confirmed: dict[int, float | None] = field(default_factory=dict)
    delivered: dict[int, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Coverage:
    event: int
    prefix: str
    all: Numbers
    vulnerable: Numbers
    doors: Doors
    pending: int  # receipts not counted yet: how far behind the figures are


@dataclass(frozen=True)
class PlaceCoverage:
    """One child place. `below` is false for the row of those who are listed at the parent itself, mostly staff."""

    code: str
    name: str
    all: Numbers
    vulnerable: Numbers
    doors: Doors
    below: bool = True

    @property
    def step(self) -> int:
        """1 (worst) to 5 (best) for the map, by share confirmed; 0 where nobody is to be told."""
        if not self.all.people:
            return 0
        return 1 + sum(self.all.share("confirmed") >= limit for limit in (30, 60, 80, 95))


@dataclass(frozen=True)
class ChannelCoverage:
    channel: str
    people: int
    told: int
    waiting: int
    rejected: int
    unknown: int
    no_contact: int
    skipped: int
    fallback: int  # of the people: told here because another channel failed
    delivered: int
    failed: int
    answered: int


def split(rows: Sequence[tuple[Any, ...]]) -> tuple[Numbers, Numbers, Doors]:
    """(all, vulnerable, households) from rows of (vulnerable, *numbers, *doors)."""
    found = {bool(row[0]): [int(value) for value in row[1:]] for row in rows}
    none = [0] * (len(NAMES) + len(DOORS))
    vulnerable = found.get(True, none)
    both = [a + b for a, b in zip(found.get(False, none), vulnerable, strict=True)]
    people = len(NAMES)
    return Numbers(*both[:people]), Numbers(*vulnerable[:people]), Doors(*both[people:])


def of(event: AlertEvent, prefix: str) -> Coverage:
    rows = fetch("coverage_places", event=event.pk, prefix=prefix, length=0)
    return Coverage(event.pk, prefix, *split([row[1:] for row in rows]), _pending())


def with_children(event: AlertEvent, prefix: str) -> tuple[Coverage, list[PlaceCoverage]]:
    """`of` and `children` by one look at the tallies: what a live page asks for every two seconds."""
    below = children(event, prefix)
    everybody, vulnerable, doors = Numbers(), Numbers(), Doors()
    for row in below:
        everybody, vulnerable, doors = everybody + row.all, vulnerable + row.vulnerable, doors + row.doors
    return Coverage(event.pk, prefix, everybody, vulnerable, doors, _pending()), below


def _pending() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT FROM alerting_pendingreceipt LIMIT 100000) AS waiting")
        return int(cursor.fetchone()[0])


def child_length(prefix: str) -> int:
    """Digits of the codes one level below."""
    return next((length for length in LENGTHS if length > len(prefix)), LENGTHS[-1])


def children(event: AlertEvent, prefix: str, length: int = 0) -> list[PlaceCoverage]:
    """The places one level below (or with codes of `length` digits), worst first, without those not concerned."""
    rows = fetch("coverage_places", event=event.pk, prefix=prefix, length=length or child_length(prefix))
    grouped: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row[1:])
    names = dict(Place.objects.filter(pk__in=grouped).values_list("pk", "name"))
    found = []
    for code in sorted(grouped):
        everybody, vulnerable, doors = split(grouped[code])
        if everybody.people:
            found.append(PlaceCoverage(code, names.get(code, code), everybody, vulnerable, doors, below=code != prefix))
    return sorted(found, key=lambda place: (place.all.share("confirmed"), -place.all.silent))


def channels(event: AlertEvent, prefix: str) -> list[ChannelCoverage]:
    """What came of each channel, those with most people first."""
    return [
        ChannelCoverage(row[0], *map(int, row[1:])) for row in fetch("coverage_channels", event=event.pk, prefix=prefix)
    ]


Points = list[tuple[int, int, int]]


def curve(event: AlertEvent, prefix: str) -> Points:
    """(seconds since issue, delivered so far, confirmed so far) at the end of every step in which somebody was."""
    return curves(event, prefix)[0]


def curves(event: AlertEvent, prefix: str) -> tuple[Points, Points]:
    """The curve of the people, and that of the households."""
    name = "coverage_curve" if len(prefix) <= TOWNSHIP else "coverage_curve_near"
    rows = fetch(name, event=event.pk, prefix=prefix, bucket=BUCKET, sent=event.sent_at)
    sums = [0, 0, 0, 0]
    people, doors = [], []
    for step, *moved in rows:
        sums = [so_far + int(more) for so_far, more in zip(sums, moved, strict=True)]
        people.append(((step + 1) * BUCKET, sums[0], sums[1]))
        doors.append(((step + 1) * BUCKET, sums[2], sums[3]))
    return people, doors


def times(people: int, points: Sequence[tuple[int, int, int]]) -> Times:
    """t50, t90 and t99 on a curve, exact to the step and interpolated inside it."""
    return Times(
        confirmed={share: _when(people * share / 100, [(p[0], p[2]) for p in points]) for share in SHARES},
        delivered={share: _when(people * share / 100, [(p[0], p[1]) for p in points]) for share in SHARES},
    )


def _when(wanted: float, points: Sequence[tuple[int, int]]) -> float | None:
    before = 0
    for until, count in points:
        if count >= wanted > 0:
            return until - BUCKET + BUCKET * (wanted - before) / max(1, count - before)
        before = count
    return None


def unreached(
    event: AlertEvent, prefix: str, *, silent: bool = False, doors: bool = False, limit: int | None = None
) -> list[int]:
    """Keys of the people to whom nothing has got through; with `silent`, of all who have not confirmed; with `doors`,
    without those who live with somebody grown who was reached."""
    rows = fetch("coverage_unreached", event=event.pk, prefix=prefix, silent=silent, doors=doors, limit=limit)
    return [person for (person,) in rows]
