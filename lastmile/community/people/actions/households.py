"""Doors: add, edit, move out and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.people.actions.counts import recount
from lastmile.community.people.models import Household, Person
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

VILLAGE = CODE_LENGTH[Level.VILLAGE]
EDITABLE = {"number", "address", "longitude", "latitude", "walking_order", "place"}


@transaction.atomic
def add_household(
    place: Place,
    *,
    number: str,
    address: str,
    longitude: float | None = None,
    latitude: float | None = None,
    walking_order: int | None = None,
    by: Actor,
) -> Household:
    """A new door in a grid or village. Raises Refusal above the village, Conflict when the number is taken there."""
    _refuse_above_village(place)
    _refuse_taken(place.code[:VILLAGE], number)
    household = Household.objects.create(
        place=place,
        village=place.code[:VILLAGE],
        number=number,
        address=address,
        longitude=longitude,
        latitude=latitude,
        walking_order=walking_order,
        updated_at=clock.now(),
    )
    audit.record("people.add_household", actor=by, place=place.code, obj=household)
    return household


@transaction.atomic
def edit_household(household: Household, *, by: Actor, **changes: Any) -> Household:
    """Change what is named of EDITABLE; members move with the door into another grid."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise ValueError(f"not fields of a household: {sorted(unknown)}")
    place = changes.get("place", household.place)
    _refuse_above_village(place)
    number = changes.get("number", household.number)
    if (place.code[:VILLAGE], number) != (household.village, household.number):
        _refuse_taken(place.code[:VILLAGE], number)
    for name, value in changes.items():
        setattr(household, name, value)
    household.village = place.code[:VILLAGE]
    household.updated_at = clock.now()
    household.save()
    if "place" in changes:
        Person.objects.filter(household=household).update(place=place)
    audit.record("people.edit_household", actor=by, place=place.code, obj=household, changed=sorted(changes))
    return household


@transaction.atomic
def move_out(household: Household, *, by: Actor) -> None:
    """The whole household leaves: it and its members get no warnings any more. `move_in` undoes it."""
    today = clock.today()
    Person.objects.filter(household=household, left_on=None).update(left_on=today, updated_at=clock.now())
    _set_moved(household, today)
    audit.record("people.move_out", actor=by, place=household.place_id, obj=household)


@transaction.atomic
def move_in(household: Household, *, by: Actor) -> None:
    """Undo `move_out`: the household is back, with the members who left on the same day."""
    left = household.moved_out_on
    if left is not None:
        Person.objects.filter(household=household, left_on=left).update(left_on=None, updated_at=clock.now())
    _set_moved(household, None)
    audit.record("people.move_in", actor=by, place=household.place_id, obj=household)


def _set_moved(household: Household, day: Any) -> None:
    household.moved_out_on = day
    household.updated_at = clock.now()
    household.save(update_fields=["moved_out_on", "updated_at"])
    recount(household)


def _refuse_above_village(place: Place) -> None:
    if place.level < Level.VILLAGE:
        raise Refusal(
            _("A household belongs to a grid or a village, not to %(place)s.") % {"place": place.name},
            _("Open the village or grid and add it there."),
        )


def _refuse_taken(village: str, number: str) -> None:
    if Household.objects.filter(village=village, number=number).exists():
        raise Conflict(
            _("Door number %(number)s exists in this village already.") % {"number": number},
            _("Search for it and edit it, or give this household another number."),
            fields={"number": _("This number is taken.")},
        )
