"""Enter shelters, change them, take them out of service."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor
from lastmile.modules.shelters.models import Opening, Shelter


def save(shelter: Shelter, *, by: Actor, **facts: Any) -> Shelter:
    """Enter a shelter or change it; an opening in force gets the new number of places.

    Raises Conflict when its place has one of that name, Refusal when its area lies elsewhere.
    """
    for name, value in facts.items():
        setattr(shelter, name, value)
    _require_area(shelter)
    new = shelter.pk is None
    try:
        with transaction.atomic():
            shelter.save()
            if not new:
                Opening.objects.filter(shelter=shelter, closed_at=None).update(places=shelter.capacity)
            what = "shelters.add" if new else "shelters.edit"
            audit.record(what, actor=by, place=shelter.place_id, obj=shelter, capacity=shelter.capacity)
    except IntegrityError as error:
        raise Conflict(
            _("There is already a shelter of this name here."), _("Use another name, or edit the one that is there.")
        ) from error
    return shelter


def _require_area(shelter: Shelter) -> None:
    """A shelter serves people of its own county, wherever in it they live."""
    if len(shelter.area_id) < 6 or shelter.area_id[:6] != shelter.place_id[:6]:
        raise Refusal(
            _("A shelter serves people of the county it stands in."),
            _("Choose the village, township or county whose people come here."),
            fields={"area": _("Not in the same county.")},
        )


@transaction.atomic
def close(shelter: Shelter, *, by: Actor) -> None:
    """Take it out of service. Raises Conflict while people are taken in there."""
    Shelter.objects.select_for_update().get(pk=shelter.pk)
    if Opening.objects.filter(shelter=shelter, closed_at=None).exists():
        raise Conflict(
            _("This shelter is open for a warning."), _("Close it on the page of the warning first; people are there.")
        )
    if Shelter.objects.filter(pk=shelter.pk, closed_on=None).update(closed_on=clock.today()):
        audit.record("shelters.close", actor=by, place=shelter.place_id, obj=shelter)
    shelter.refresh_from_db()


def area_of(place: Place) -> str:
    """Whose people come unless somebody says otherwise: those of its village."""
    return place.code[:12]
