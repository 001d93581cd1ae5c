"""What everybody may know of shelters: which are open for a warning that is none of an exercise, and have room."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.db.models import F, Q

from lastmile.community.org import queries as places
from lastmile.community.org.models import ancestors
from lastmile.modules.shelters.models import Equipment, Opening, Shelter

MOST = 200


@dataclass(frozen=True)
class Room:
    shelter: Shelter
    path: str  # county, township, village
    free: int

    @property
    def equipment(self) -> list[str]:
        return [str(Equipment(one).label) for one in self.shelter.equipment]

    @property
    def geo(self) -> str:
        """For the map of a phone: the position, or the words where none is known."""
        shelter = self.shelter
        words = quote(shelter.address or shelter.name)
        if shelter.longitude is None or shelter.latitude is None:
            return f"geo:0,0?q={words}"
        return f"geo:{shelter.latitude},{shelter.longitude}?q={shelter.latitude},{shelter.longitude}"


def with_room(place: str = "") -> list[Room]:
    """Those that stand below the place, and those above whose people come from there; once, however many warnings."""
    rows = Opening.objects.filter(closed_at=None, held__lt=F("places"), shelter__closed_on=None)
    rows = rows.filter(incident__alert__exercise=False, incident__frozen__status="Actual")
    if place:
        rows = rows.filter(
            Q(shelter__place__code__startswith=place) | Q(shelter__area__code__in=[*ancestors(place), place])
        )
    best: dict[int, Opening] = {}
    for opening in rows.select_related("shelter__place").order_by("shelter__place", "shelter__name")[:MOST]:
        known = best.get(opening.shelter_id)
        if known is None or opening.free < known.free:  # two warnings share one building: say the lesser
            best[opening.shelter_id] = opening
    paths = places.paths([opening.shelter.place for opening in best.values()])
    return [Room(one.shelter, paths[one.shelter.place_id], one.free) for one in best.values()]
