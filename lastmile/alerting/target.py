"""From an audience to people: how many, on which channel, and who is at risk but in no list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from lastmile.alerting import area as areas
from lastmile.alerting.area import Area
from lastmile.alerting.audience import Audience
from lastmile.alerting.channels import registry
from lastmile.alerting.models import Group
from lastmile.alerting.sql import statement
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.people.models import Contact
from lastmile.kernel import clock

__all__ = ["NO_CHANNEL", "Audience", "Estimate", "PlaceCount", "Uncovered", "estimate", "parameters", "uncovered"]

NO_CHANNEL = "none"  # the channel of those who have no usable contact
SHOWN = 200
FEW_GRIDS, FEW_HOMES = 500, 50_000  # up to here contacts are looked up one by one


class PlaceCount(NamedTuple):
    code: str
    name: str
    people: int


@dataclass(frozen=True)
class Estimate:
    """What sending now would reach. `by_channel` counts people, each once; `by_place` is the level worth reading."""

    households: int = 0
    residents: int = 0
    vulnerable: int = 0
    responsible: int = 0
    sites: int = 0
    by_channel: dict[str, int] = field(default_factory=dict)
    no_contact: int = 0
    by_place: list[PlaceCount] = field(default_factory=list)
    spread: list[tuple[str, str, int]] = field(default_factory=list)  # village, channel, people

    @property
    def people(self) -> int:
        return sum(self.by_channel.values()) + self.no_contact


@dataclass(frozen=True)
class Uncovered:
    """Who is at risk and in no list: counts, and the first 200 of each as (key, place code, name or number)."""

    sites: int = 0
    households: int = 0
    grids: int = 0
    first_sites: list[tuple[int, str, str]] = field(default_factory=list)  # no responsible person who can be reached
    first_households: list[tuple[int, str, str]] = field(default_factory=list)  # nobody in it has a usable contact
    first_grids: list[tuple[str, str, str]] = field(default_factory=list)  # no grid worker

    def __bool__(self) -> bool:
        return bool(self.sites or self.households or self.grids)


def parameters(area: Area, groups: Sequence[Group], channels: Sequence[str], frail: str = "") -> dict[str, Any]:
    """Everything targets.sql and reach.sql ask for. `frail`: on which of the channels the vulnerable are told first."""
    needs = {name: registry.channel(name).can.contact for name in channels}
    by_kind = {kind: next((name for name in channels if needs[name] == kind), "") for kind in Contact.Kind}
    kinds = [needs[name] for name in channels]
    phone, email = Contact.Kind.PHONE.value, Contact.Kind.EMAIL.value
    return {
        **area.parameters(),
        "residents": Group.RESIDENTS in groups,
        "responsible": Group.RESPONSIBLE in groups,
        "sites_too": Group.SITES in groups,
        "today": clock.today(),
        "one_by_one": _few(area),
        "frail_channel": frail if needs.get(frail) == Contact.Kind.PHONE else "",
        "phone_channel": by_kind[Contact.Kind.PHONE],
        "email_channel": by_kind[Contact.Kind.EMAIL],
        "phone_first": phone in kinds and (email not in kinds or kinds.index(phone) < kinds.index(email)),
    }


def _few(area: Area) -> bool:
    """Whether the area holds too few people for a look through all contacts to pay: about 150,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM org_place WHERE level = %s AND code LIKE ANY (%s)",
            [Level.GRID, area.parameters()["prefixes"]],
        )
        (grids,) = cursor.fetchone()
    return len(area.homes) <= FEW_HOMES and grids + len(area.inside) <= FEW_GRIDS


def estimate(audience: Audience, channels: Sequence[str] = (), within: str = "", frail: str = "") -> Estimate:
    """Count before sending. `within` is the issuing place: nobody outside it is told."""
    area = areas.find(audience, within)
    known = [name for name in (channels or settings.CHANNELS) if name in registry.in_service()]
    values = parameters(area, audience.groups, known, frail)
    with connection.cursor() as cursor:
        cursor.execute(statement("estimate"), values)
        rows: list[tuple[str, str, int, int, int, int]] = cursor.fetchall()
        cursor.execute(statement("estimate_doors"), values)
        households, sites = cursor.fetchone()
    by_channel, by_village = Counter[str](), Counter[str]()
    for village, channel, people, *_groups in rows:
        by_channel[channel] += people
        by_village[village] += people
    no_contact = by_channel.pop(NO_CHANNEL, 0)
    return Estimate(
        households=households,
        residents=sum(row[4] for row in rows),
        vulnerable=sum(row[5] for row in rows),
        responsible=sum(row[3] for row in rows),
        sites=sites,
        by_channel=dict(by_channel),
        no_contact=no_contact,
        by_place=_by_place(by_village),
        spread=[(row[0], row[1], row[2]) for row in rows if row[1] != NO_CHANNEL],
    )


def _by_place(by_village: Counter[str]) -> list[PlaceCount]:
    """Summed at the highest level that shows more than one place, at most townships' villages."""
    counts: Counter[str] = Counter()
    for length in sorted(set(CODE_LENGTH.values())):
        counts = Counter()
        for code, people in by_village.items():
            counts[code[:length]] += people
        if len(counts) > 1:
            break
    names = dict(Place.objects.filter(code__in=counts).values_list("code", "name"))
    return [PlaceCount(code, names.get(code, code), people) for code, people in sorted(counts.items())]


def uncovered(audience: Audience, within: str = "") -> Uncovered:
    """Special sites nobody answers for, households nobody can be reached in, grids without a worker."""
    area = areas.find(audience, within)
    values = parameters(area, (Group.SITES,), ()) | {"shown": SHOWN}
    found: dict[str, tuple[int, list[Any]]] = {}
    with connection.cursor() as cursor:
        for what in ("sites", "households", "grids"):
            cursor.execute(statement(f"uncovered_{what}"), values)
            rows = cursor.fetchall()
            found[what] = (rows[0][0] if rows else 0, [tuple(row[1:]) for row in rows])
    return Uncovered(
        sites=found["sites"][0],
        households=found["households"][0],
        grids=found["grids"][0],
        first_sites=found["sites"][1],
        first_households=found["households"][1],
        first_grids=found["grids"][1],
    )
