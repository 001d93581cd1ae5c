"""Places that are not ready to be warned: no grids, no outline, a code that is no longer in force."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, PlaceQuerySet
from lastmile.community.org.queries import retired_in_use
from lastmile.duties.gaps import Rule


def without_grids() -> PlaceQuerySet:
    grids = Place.objects.current().at(Level.GRID).filter(parent=OuterRef("pk"))
    return Place.objects.current().at(Level.VILLAGE).filter(~Exists(grids))


def without_outline() -> PlaceQuerySet:
    return Place.objects.current().at(Level.GRID).filter(boundary=None)


def retired() -> PlaceQuerySet:
    return retired_in_use(Place.objects.all())


def _page(place: Place) -> str:
    return reverse("place", args=[place.code])


RULES = [
    Rule(
        "ungridded", _("village or community without grids"), _("Draw, import or generate its grids."), Level.TOWNSHIP,
        without_grids, what=lambda place: place.name, url=lambda place: reverse("grid_add", args=[place.code]),
        at="code", danger=2,
    ),
    Rule(
        "outline", _("grid without outline"), _("Draw its outline, or import it as GeoJSON."), Level.VILLAGE,
        without_outline, what=lambda place: place.name, url=lambda place: reverse("outline_edit", args=[place.code]),
        at="code", danger=0,
    ),
    Rule(
        "retired", _("retired place where people or posts are still entered"),
        _("Move them to the place that took over."), Level.TOWNSHIP,
        retired, what=lambda place: place.name, url=_page, at="code", danger=1,
    ),
]  # fmt: skip
