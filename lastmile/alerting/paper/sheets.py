"""What stands on the sheets of one place: its doors in walking order, opened for whoever prints, each look noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from lastmile.alerting import door_codes, queries, roster
from lastmile.alerting.models import AlertEvent, Manifest
from lastmile.community.org.models import Place
from lastmile.community.people.models import Contact, Person
from lastmile.community.people.queries import homes, look
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor


class Kind(models.TextChoices):
    CALLS = "calls", gettext_lazy("call sheet")
    TRANSFER = "transfer", gettext_lazy("transfer list")
    SHELTER = "shelter", gettext_lazy("shelter sign-in sheet")


@dataclass(frozen=True)
class Line:
    """One door. `now`: what was known of it when it was printed."""

    number: int
    proof: str  # what stands behind the number in the code of the door
    door: str
    address: str
    names: list[str]
    phones: list[str]
    care: str
    vulnerable: bool
    now: str


@dataclass(frozen=True)
class Sheets:
    """The lines of one place and what stands at the head of each page."""

    place: Place
    above: str  # names of the places above it, inside the issuing one
    lines: list[Line]
    note: str  # what the township or village added


def places_of(event: AlertEvent, prefix: str) -> list[str]:
    """Grids and villages at or below the prefix where somebody is listed."""
    rows = Manifest.objects.filter(event=event, place__startswith=prefix)
    return sorted(set(rows.values_list("place", flat=True)))


def of(actor: Actor, event: AlertEvent, place: Place, *, left_only: bool, why: str = "") -> Sheets:
    """Raises NotAllowed without PERSON_REVEAL there. Every resident can see who printed, for which
    warning or, outside the duty chain, why."""
    codes = door_codes.codes(event, place.code)
    doors = [door for door in roster.doors(event, place.code) if not (left_only and door.answered)]
    reason = _("printed on paper: %(headline)s") % {"headline": why or event.frozen["texts"]["zh"]["headline"]}
    opened = homes.opened(actor, [door.household.pk for door in doors if door.household is not None], reason)
    numbered = {home: door_codes.code(event.warning, place.code, number) for home, number in codes.homes.items()}
    lines = [
        _home(numbered[door.household.pk], door, opened.get(door.household.pk, homes.Home()))
        for door in doors
        if door.household is not None and door.household.pk in numbered
    ]
    lines += _others(actor, codes, doors, reason)
    note = queries.live_notes(event.alert, [place.code, place.code[:12], place.code[:9]])
    ordered = sorted(lines, key=lambda line: line.number)
    return Sheets(place, _above(event, place), ordered, "\n".join(note.values()))


def _home(code: door_codes.Code, door: roster.Door, home: homes.Home) -> Line:
    return Line(
        number=code.number,
        proof=code.proof,
        door=door.household.number if door.household is not None else "",
        address=home.address,
        names=[name for name in home.names.split("、") if name],
        phones=[phone.removeprefix("+86") for phone in home.phones.split("、") if phone],
        care=home.care,
        vulnerable=any(member.vulnerable for member in door.members),
        now=_known(door.members),
    )


def _others(actor: Actor, codes: door_codes.Codes, doors: Iterable[roster.Door], reason: str) -> list[Line]:
    """People in charge who are listed here."""
    members = {one.person: one for door in doors if door.household is None for one in door.members}
    found = []
    for person in Person.objects.filter(pk__in=[key for key in members if key in codes.others]):
        shown = look(actor, person, reason)
        phones = [value for contact, value in shown.contacts if contact.kind == Contact.Kind.PHONE and contact.usable]
        found.append(
            Line(
                number=codes.others[person.pk],
                proof="",
                door=pgettext("paper", "in charge"),
                address="",
                names=[shown.name],
                phones=[phone.removeprefix("+86") for phone in phones],
                care="",
                vulnerable=False,
                now=_known([members[person.pk]]),
            )
        )
    return found


def _known(members: Iterable[roster.Member]) -> str:
    """The last answer of a door, with its time."""
    said = [(one.fact_at, str(one.fact.label)) for one in members if one.fact and one.fact_at]
    if not said:
        return ""
    at, label = max(said)
    return f"{short(at)} {label}"


def short(at: datetime) -> str:
    return at.astimezone(clock.BEIJING).strftime("%H:%M")


def _above(event: AlertEvent, place: Place) -> str:
    codes = [place.code[:length] for length in (6, 9, 12) if len(event.place) <= length < len(place.code)]
    return " ".join(Place.objects.filter(pk__in=codes).order_by("code").values_list("name", flat=True))
