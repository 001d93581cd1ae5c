"""Enter a plan area, change it, take it out of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.alerting.audience import Audience
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import assigning, destinations, extent
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

PLAIN = ("name", "hazard", "destination", "post", "basis")


def area_of(place: Place, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen or drawn, checked: all of it inside the place. Raises Refusal."""
    found = Audience.parse({name: raw.get(name) or [] for name in ("places", "polygons", "circles")})
    outside = [code for code in found.places if not code.startswith(place.code)]
    if outside:
        says = _("%(codes)s lies outside %(place)s.") % {"codes": ", ".join(outside[:5]), "place": place.name}
        mend = _("A plan area lies in the place whose plan it is: choose places in it, or enter it further up.")
        raise Refusal(says, mend, fields={"places": says})
    kept = found.as_json()
    del kept["groups"]
    return kept


@transaction.atomic
def save(one: PlanArea, *, by: Actor, area: Mapping[str, Any], shelters: list[int], **facts: Any) -> PlanArea:
    """Raises Refusal for an area with nobody and nothing in it, Conflict where its place has one of that name."""
    require(by, Perm.PLAN_AREA_EDIT, one.place_id)
    for name in PLAIN:
        setattr(one, name, facts.get(name, getattr(one, name)))
    one.area = area_of(one.place, area)
    one.shelters = _known(shelters)
    lies = extent.of(one)
    if not (lies.prefixes or lies.inside or lies.edges or lies.homes or lies.sites):
        says = _("What is drawn lies outside %(place)s.") % {"place": one.place.name}
        raise Refusal(says, _("Draw it around homes of this place."), fields={"geojson": says})
    new = one.pk is None
    one.changed_at, one.changed_by_id = clock.now(), by.pk
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError as error:
        raise Conflict(
            _("There is already a plan area of this name here."), _("Use another name, or change that one.")
        ) from error
    audit.record(f"plan_areas.{'add' if new else 'edit'}", actor=by, place=one.place_id, obj=one)
    return one


def _known(shelters: list[int]) -> list[int]:
    keys = sorted(set(shelters))
    unknown = set(keys) - {found.key for found in destinations.known(keys)}
    if unknown:
        says = _("There is no shelter with the number %(keys)s.") % {"keys": ", ".join(map(str, sorted(unknown)[:5]))}
        raise Refusal(says, _("Choose shelters from the list."), fields={"shelters": says})
    return keys


@transaction.atomic
def close(one: PlanArea, *, by: Actor) -> None:
    """Out of use; what was asked of people because of it is withdrawn."""
    require(by, Perm.PLAN_AREA_EDIT, one.place_id)
    if PlanArea.objects.filter(pk=one.pk, closed_on=None).update(closed_on=clock.today()):
        assigning.withdraw(one)
        audit.record("plan_areas.close", actor=by, place=one.place_id, obj=one)
    one.refresh_from_db()
