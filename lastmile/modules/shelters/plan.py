"""What plan areas are told of the register: the shelters that the people of a place may be sent to."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse

from lastmile.alerting.plan_areas.destinations import Destination, Register, register
from lastmile.modules.shelters.models import Shelter

COUNTY = 6  # digits: a shelter serves people of its own county


def _as_destination(shelter: Shelter) -> Destination:
    url = reverse("shelter", args=[shelter.pk])
    return Destination(shelter.pk, shelter.name, shelter.place.name, shelter.capacity, url)


def near(place: str) -> list[Destination]:
    """In service in the same county, those meant for the place and what is above or below it first."""
    rows = Shelter.objects.filter(closed_on=None, place__code__startswith=place[:COUNTY]).select_related("place")
    own = [place[:length] for length in (15, 12, 9, 6) if len(place) >= length]
    found = sorted(rows, key=lambda one: (one.area_id not in own and not one.area_id.startswith(place), one.place_id))
    return [_as_destination(one) for one in found]


def known(keys: Collection[int]) -> list[Destination]:
    rows = Shelter.objects.filter(pk__in=keys, closed_on=None).select_related("place").order_by("place", "name")
    return [_as_destination(one) for one in rows]


def register_all() -> None:
    register(Register(near, known))
