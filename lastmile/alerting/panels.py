"""What the coverage pages show, put into words: tiles, bars, table rows, the data of map and curve."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting import claims, coverage, findings, reported, roster, site_answers
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import Place
from lastmile.community.org.queries import in_words
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor, Perm, may

GRID = 15  # digits of the lowest places
HELP_SHOWN, HELP_READ = 50, 100  # doors that ask for help: on top of a page, and those of which the first are chosen
POINTS = 240  # of a curve; more can't be told apart on a screen


class Tile(NamedTuple):
    """A big number. `colour` is a Tabler colour that only repeats what the words say."""

    name: str
    label: str
    number: int
    percent: float
    colour: str
    explains: str


def tiles(numbers: coverage.Numbers) -> list[Tile]:
    """The figures in the order in which a duty officer needs them: who is missing first."""
    words = [
        ("unreached", _("not reached"), "red", _("no sign that the warning arrived")),
        ("silent", _("no answer yet"), "orange", _("not reached, or reached and silent")),
        ("needs_help", _("need help"), "red", _("answered that they need help")),
        ("told", _("sent"), "secondary", _("handed to at least one channel; not yet delivered")),
        ("delivered", _("reached"), "azure", _("reported as delivered, opened or answered")),
        ("confirmed", _("confirmed"), "green", _("said that they know, or more")),
        ("moved", _("moved"), "green", _("say that they have moved to safety")),
        ("safe", _("safe"), "green", _("say that they are safe")),
        ("refused", _("stay"), "orange", _("refuse to leave; to be visited again")),
    ]
    values = numbers.as_dict()
    return [
        Tile(name, label, values[name], numbers.percent[name], colour, explains)
        for name, label, colour, explains in words
    ]


def door_tiles(doors: coverage.Doors) -> list[Tile]:
    """The same by household: a child without a phone is told by the parents."""
    words = [
        ("unreached", pgettext("households", "not reached"), "red", _("doors to knock on: nobody grown was reached")),
        ("told", pgettext("households", "sent"), "secondary", _("at least one grown member was told")),
        ("delivered", pgettext("households", "reached"), "azure", _("at least one grown member was reached")),
        ("confirmed", pgettext("households", "confirmed"), "green", _("at least one grown member confirmed")),
    ]
    values, percent = doors.as_dict(), doors.percent
    return [Tile(name, label, values[name], percent[name], colour, says) for name, label, colour, says in words]


def times_rows(times: coverage.Times) -> list[tuple[int, str, str]]:
    return [(share, duration(times.confirmed[share]), duration(times.delivered[share])) for share in coverage.SHARES]


def duration(seconds: float | None) -> str:
    """How long, in words: 45 seconds, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return _("%(s)d s") % {"s": whole}
    if whole < 3600:
        return _("%(m)d min %(s)d s") % {"m": whole // 60, "s": whole % 60}
    return _("%(h)d h %(m)d min") % {"h": whole // 3600, "m": whole % 3600 // 60}


def channel_label(name: str) -> str:
    """The word for a way of telling or answering; also of those that are no gateway."""
    own = {"link": _("personal link"), "staff": _("entered by staff"), "none": _("no usable contact")}
    own |= {"door": _("at the door"), "superior": _("entered by the superior"), "shelter": _("check-in at a shelter")}
    return own.get(name) or registry.labels().get(name, name)


def channel_rows(event: AlertEvent, prefix: str) -> list[tuple[str, coverage.ChannelCoverage]]:
    return [(channel_label(row.channel), row) for row in coverage.channels(event, prefix)]


def live(actor: Actor, event: AlertEvent, place: Place) -> dict[str, Any]:
    """Everything that changes on the page of one place."""
    if len(place.code) < GRID:
        found, below = coverage.with_children(event, place.code)
    else:
        found, below = coverage.of(event, place.code), []
    points, door_points = coverage.curves(event, place.code)
    reports = reported.of(event, place.code)
    everybody, all_doors = reported.together(found, reports)
    return {
        "event": event,
        "place": place,
        "coverage": found,
        "tiles": tiles(found.all),
        "vulnerable": tiles(found.vulnerable)[:3],
        "doors": door_tiles(found.doors),
        "times": times_rows(coverage.times(found.all.people, points)),
        "door_times": times_rows(coverage.times(found.doors.doors, door_points)),
        "children": [(row, link(event, row)) for row in below],
        "channels": channel_rows(event, place.code),
        "reported": reports,
        "together": everybody,
        "together_doors": all_doors,
        "calls": calls(actor, event, place),
        "sites": site_answers.totals(event, place.code) if may(actor, Perm.SITE_READ, place.code) else None,
        "watch": findings.current(event),
        "now": clock.now(),
        "data": data(event, found, below, points),
    }


class HelpRow(NamedTuple):
    """A door that asks for help: where it is in words, the address of its doors, who has it, and whether that is me."""

    call: roster.Call
    where: str
    url: str
    claim: claims.Claim | None
    mine: bool
    may: bool  # claim it or give it back


class Help(NamedTuple):
    """What stands on top of every page: the first doors that ask for help, and how many do; `many`: or more."""

    rows: list[HelpRow]
    doors: int
    many: bool = False


def calls(actor: Actor, event: AlertEvent, place: Place, most: int = HELP_SHOWN) -> Help:
    """First what nobody has, or what somebody has had for too long."""
    if not may(actor, Perm.HOUSEHOLD_READ, place.code):
        return Help([], 0)
    read = max(most, HELP_READ)
    found = roster.calls_for_help(event, place.code, read)
    had = claims.claims(event, [call.door for call in found]) if event.closed_at is None else {}
    shown = sorted(found, key=lambda call: _taken(had.get(call.door)))[:most]
    names = in_words({call.place for call in shown})
    rows = [_help_row(actor, event, call, names[call.place], had.get(call.door)) for call in shown]
    return Help(rows, len(found), len(found) == read)


def _taken(claim: claims.Claim | None) -> bool:
    return claim is not None and claim.by is not None and not claim.forgotten


def _help_row(actor: Actor, event: AlertEvent, call: roster.Call, where: str, claim: claims.Claim | None) -> HelpRow:
    url = reverse("answers:doors", args=[event.alert.code, call.place]) + "?cut=help"
    mine = claim is not None and claim.user == actor.pk
    return HelpRow(call, where, url, claim, mine, claim is not None and may(actor, Perm.ALERT_RECEIPT, call.place))


def link(event: AlertEvent, row: coverage.PlaceCoverage) -> str:
    """Where a row leads: the next level down, or the doors."""
    name = "answers:doors" if not row.below or len(row.code) >= GRID else "answers:coverage_place"
    return reverse(name, args=[event.alert.code, row.code])


def data(
    event: AlertEvent,
    found: coverage.Coverage,
    below: list[coverage.PlaceCoverage],
    points: list[tuple[int, int, int]],
) -> dict[str, Any]:
    """What the map and the curve draw."""
    thin = points[:: max(1, len(points) // POINTS)]
    if points and thin[-1] != points[-1]:
        thin.append(points[-1])
    return {
        "people": found.all.people,
        "curve": thin,
        "map": {
            row.code: {"step": row.step, "label": f"{row.all.share('confirmed'):.0f} %", "url": link(event, row)}
            for row in below
            if row.below
        },
        "legend": [
            {"step": 1, "label": "< 30 %"},
            {"step": 2, "label": "30 – 60 %"},
            {"step": 3, "label": "60 – 80 %"},
            {"step": 4, "label": "80 – 95 %"},
            {"step": 5, "label": "≥ 95 %"},
        ],
        "words": {"confirmed": _("confirmed"), "reached": _("reached"), "minutes": _("minutes since issue")},
    }
