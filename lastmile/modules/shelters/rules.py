"""Gaps in the register: places without a shelter, shelters nobody keeps, fewer places than people who need them."""

from __future__ import annotations

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Substr
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, PlaceQuerySet
from lastmile.community.people.models import Household
from lastmile.duties import gaps
from lastmile.duties.gaps import Rule
from lastmile.modules.shelters.models import Shelter
from lastmile.modules.shelters.queries.register import HELD

UPWARD = (12, 9, 6, 4)  # lengths of the codes whose shelters take a village's people in


def in_service() -> QuerySet[Shelter]:
    return Shelter.objects.filter(closed_on=None)


def places_without() -> PlaceQuerySet:
    """Villages and communities whose people no shelter is meant for."""
    served = Q()
    for length in UPWARD:
        served |= Q(area=Substr(OuterRef("code"), 1, length))
    inside = in_service().filter(area__code__startswith=OuterRef("code"))
    return Place.objects.current().at(Level.VILLAGE).filter(~Exists(in_service().filter(served)), ~Exists(inside))


def unkept() -> QuerySet[Shelter]:
    """Shelters without a keeper's post, or whose post nobody holds."""
    return in_service().filter(~Exists(HELD))


def too_small() -> PlaceQuerySet:
    """Areas of shelters with more vulnerable residents than places."""
    homes = Household.objects.filter(place__code__startswith=OuterRef("code"), moved_out_on=None).order_by()
    rooms = in_service().filter(area=OuterRef("pk")).order_by()
    weak = Subquery(homes.values(one=F("moved_out_on")).annotate(n=Sum("vulnerable")).values("n"))
    beds = Subquery(rooms.values("area").annotate(n=Sum("capacity")).values("n"), output_field=IntegerField())
    areas = Place.objects.current().filter(pk__in=in_service().values("area"))
    return areas.annotate(weak=Coalesce(weak, 0), beds=Coalesce(beds, 0)).filter(weak__gt=F("beds"))


def _edit(shelter: Shelter) -> str:
    return reverse("shelter_edit", args=[shelter.pk])


def _short(place: Place) -> str:
    weak, beds = getattr(place, "weak", 0), getattr(place, "beds", 0)
    return _now("%(place)s: %(beds)d places, %(weak)d vulnerable residents") % {
        "place": place.name,
        "beds": beds,
        "weak": weak,
    }


def register_all() -> None:
    for rule in RULES:
        gaps.register(rule)


RULES = [
    Rule(
        "no_shelter", _("village or community without a shelter"),
        _("Enter a shelter for its people, here or in a neighbouring place."), Level.TOWNSHIP, places_without,
        what=lambda place: place.name, url=lambda place: reverse("shelter_add", args=[place.code]), at="code", danger=3,
    ),
    Rule(
        "shelter_keeper", _("shelter that nobody keeps"), _("Name the post that opens it, and appoint a holder."),
        Level.VILLAGE, unkept, what=lambda shelter: shelter.name, url=_edit, danger=3,
    ),
    Rule(
        "shelter_small", _("shelters with fewer places than vulnerable residents"),
        _("Enter another shelter for this area."), Level.TOWNSHIP, too_small, what=_short,
        url=lambda place: reverse("shelter_add", args=[place.code]), at="code", danger=2,
    ),
]  # fmt: skip
