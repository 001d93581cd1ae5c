"""What a keeper's phone shows and keeps: who is expected at the shelter, who is there, by door; names are opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from lastmile.alerting import door_codes
from lastmile.community.org.models import Place
from lastmile.community.people.models import Household, Person, Vulnerability
from lastmile.community.people.queries.called import Called, called
from lastmile.community.people.queries.look import AGAIN
from lastmile.kernel import audit, clock, walls
from lastmile.kernel.errors import NotFound
from lastmile.kernel.models import AuditEntry
from lastmile.kernel.permissions import Actor, Perm, require
from lastmile.modules.shelters import codes
from lastmile.modules.shelters.models import Opening, Stay
from lastmile.modules.shelters.queries.incident import in_force
from lastmile.modules.shelters.queries.room import require_open

S = Stay.State
SHOWN = (S.EXPECTED, S.IN, S.LEFT, S.ELSEWHERE, S.HOME)
# Told by age, or no help needed at the shelter.
UNSAID = {Vulnerability.ELDERLY, Vulnerability.CHILD, Vulnerability.ALONE, Vulnerability.NO_PHONE}


@walls.opened("a shelter takes people of other places")
def roll(actor: Actor, opening: Opening) -> dict[str, Any]:
    """Everybody of this shelter by door, as plain data; nobody once it is closed.

    Raises NotAllowed without SHELTER_KEEP where it stands.
    """
    rows = Stay.objects.none() if opening.closed_at else Stay.objects.filter(opening=opening, state__in=SHOWN)
    rows = rows.select_related("person", "household", "site")
    stays = list(rows.order_by("place", "household__walking_order", "household", "pk"))
    names = _names(actor, opening, [stay.person for stay in stays if stay.person])
    if any(stay.name for stay in stays):
        _note_strangers(actor, opening)
    grids = codes.places(opening).values("code", "name")
    return {
        "now": clock.now().isoformat(),
        "opening": opening.pk,
        "shelter": opening.shelter.name,
        "places": opening.places,
        "held": opening.held,
        "alert": opening.incident.alert.code,
        "headline": opening.incident.alert.headline,
        "over": in_force(opening.incident) is None,
        "closed": opening.closed_at is not None,
        "grids": [] if opening.closed_at else list(grids),
        "groups": _groups(opening, stays, names),
    }


def _note_strangers(actor: Actor, opening: Opening) -> None:
    """Once a day for each keeper, as with the looks at people on file: the page asks for the list all the time."""
    key, since = str(opening.pk), clock.now() - AGAIN
    read = AuditEntry.objects.filter(action="shelters.read_names", actor=actor.pk, object_id=key, at__gt=since)
    if not read.exists():
        audit.record("shelters.read_names", actor=actor, place=opening.shelter.place_id, obj=opening)


def _names(actor: Actor, opening: Opening, persons: Sequence[Person]) -> dict[int, Called]:
    reason = _("check-in at %(shelter)s") % {"shelter": opening.shelter.name}
    return called(actor, persons, reason, perm=Perm.SHELTER_KEEP, place=opening.shelter.place_id)


def _groups(opening: Opening, stays: Sequence[Stay], names: dict[int, Called]) -> list[dict[str, Any]]:
    """Families together, each site by itself, and last those in no list, each family by itself."""
    places = dict(Place.objects.filter(pk__in={stay.place for stay in stays}).values_list("code", "name"))
    coded = door_codes.of(opening.incident, {stay.household for stay in stays if stay.household})
    found: dict[str, dict[str, Any]] = {}
    for stay in stays:
        key = f"h{stay.household_id}" if stay.household_id else f"s{stay.pk}"
        group = found.setdefault(key, _head(key, stay, places.get(stay.place, ""), coded))
        group["people"].append(_line(stay, names))
    return sorted(found.values(), key=lambda group: group["kind"] == "stranger")


def _head(key: str, stay: Stay, place: str, coded: dict[int, door_codes.Code]) -> dict[str, Any]:
    home = stay.household
    kind = "household" if home else "site" if stay.site else "stranger"
    return {
        "key": key,
        "kind": kind,
        "door": home.number if home else "",
        **_coded(coded.get(home.pk) if home else None),
        "place": place,
        "people": [],
    }


def _coded(code: door_codes.Code | None) -> dict[str, str]:
    """As it is shown, and whole, as a tap says it."""
    return {"code": str(code or ""), "whole": code.whole if code else ""}


def _line(stay: Stay, names: dict[int, Called]) -> dict[str, Any]:
    who = names.get(stay.person_id or 0)
    return {
        "stay": stay.pk,
        "person": None,
        "name": who.name if who else stay.site.name if stay.site else stay.name.reveal() if stay.name else "",
        "age": who.age if who else None,
        "needs": needs(who) if who else [],
        "vulnerable": stay.vulnerable,
        "heads": stay.heads,
        "came": stay.came,
        "state": stay.state,
        "at": stay.at.isoformat(),
    }


def needs(who: Called) -> list[str]:
    return [str(kind.label) for kind in who.needs if kind not in UNSAID]


@walls.opened("a shelter takes people of other places")
def door(actor: Actor, opening: Opening, text: str, place: str = "") -> dict[str, Any]:
    """The household with this code, as a group of the roll, whether anybody ordered it or not.

    Raises Refusal for a code that no door of the warning has, NotFound for a household that is no longer here,
    Conflict once the shelter is closed.
    """
    require(actor, Perm.SHELTER_KEEP, opening.shelter.place_id)
    require_open(opening)
    found = codes.find(actor, opening, text, place)
    home = Household.objects.filter(pk=found, moved_out_on=None).select_related("place").first()
    if home is None:
        raise NotFound(_("This household is no longer on file."), _("Enter them as people in no list."))
    members = list(Person.objects.filter(household=home, left_on=None).order_by("pk"))
    names = _names(actor, opening, members)
    stays = {stay.person_id: stay for stay in Stay.objects.filter(incident=opening.incident, person__in=members)}
    audit.record("shelters.find_door", actor=actor, place=opening.shelter.place_id, obj=home)
    lines = [_member(person, stays.get(person.pk), names[person.pk], opening) for person in members]
    head = {"key": f"h{home.pk}", "kind": "household", "door": home.number, "place": home.place.name}
    return head | _coded(door_codes.of(opening.incident, [home])[home.pk]) | {"people": lines}


def _member(person: Person, stay: Stay | None, who: Called, opening: Opening) -> dict[str, Any]:
    if stay is not None:
        line = _line(stay, {person.pk: who})
        line["other"] = stay.opening_id not in (None, opening.pk)
        return line
    return {
        "stay": None,
        "person": person.pk,
        "name": who.name,
        "age": who.age,
        "needs": needs(who),
        "vulnerable": person.vulnerable,
        "heads": 1,
        "came": 0,
        "state": "",
        "at": None,
    }
