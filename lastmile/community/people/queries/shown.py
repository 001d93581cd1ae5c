"""What lists and forms show of a household: columns, filters, buttons, first values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.people.models import Household, Person, Priority
from lastmile.kernel.lists import Choice, Column
from lastmile.kernel.permissions import Perm, may

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def household_columns() -> list[Column]:
    return [
        Column("number", _("Door"), sort="number", link=lambda h: reverse("household", args=[h.pk])),
        Column("place", _("Grid"), value=lambda h: h.place.name, sort="place"),
        Column("address", _("Address"), value=lambda h: h.address.masked(), phone=False),
        Column("residents", _("Residents"), sort="residents", number=True),
        Column("vulnerable", _("Vulnerable"), sort="vulnerable", number=True),
        Column("reachable", _("Contact"), value=_contact, badge=_contact_badge),
        Column("walking_order", _("Walking order"), sort="walking_order", number=True, phone=False),
    ]


def _contact(household: Any) -> str:
    if household.moved_out_on:
        return _("moved out")
    return _("has a contact") if household.reachable else _("no contact")


def _contact_badge(household: Any) -> str:
    if household.moved_out_on:
        return "secondary"
    return "green" if household.reachable else "red"


def _state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "out":
        return rows.exclude(moved_out_on=None)
    rows = rows.filter(moved_out_on=None)
    if value == "silent":
        return rows.filter(reachable=False)
    return rows


def _needs(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "exposed":
        dangerous = Person.objects.filter(priority__gte=Priority.EXPOSED, left_on=None)
        return rows.filter(pk__in=dangerous.values("household"))
    return rows.filter(vulnerable__gt=0)


def household_filters() -> list[Choice]:
    states = [
        ("here", gettext_lazy("living here")),
        ("silent", gettext_lazy("no contact")),
        ("out", gettext_lazy("moved out")),
    ]
    needs = [
        ("vulnerable", gettext_lazy("with vulnerable residents")),
        ("exposed", gettext_lazy("in a dangerous spot")),
    ]
    return [
        Choice("state", gettext_lazy("State"), states, _state),
        Choice("needs", gettext_lazy("Needs"), needs, _needs),
    ]


def household_actions(actor: Actor, place: Place | None) -> dict[str, Any]:
    """Buttons above the list, and what to do when it is empty."""
    buttons = []
    if place is not None and place.level >= Level.VILLAGE and may(actor, Perm.HOUSEHOLD_IMPORT, place.code):
        url = reverse("onboarding", args=[place.code[: CODE_LENGTH[Level.VILLAGE]]])
        buttons.append({"url": url, "icon": "file-import", "label": _("From a workbook")})
    if place is not None and place.level >= Level.VILLAGE and may(actor, Perm.HOUSEHOLD_EDIT, place.code):
        url = reverse("household_add", args=[place.code])
        buttons.append({"url": url, "icon": "plus", "label": _("New household"), "style": "btn-primary"})
    return {
        "actions": buttons,
        "empty_title": _("No household here yet."),
        "empty_hint": _("Open a village and enter its households, or bring them all from one workbook."),
        "search_hint": _("Door number or phone"),
    }


def cells(place: Place) -> QuerySet[Place]:
    """Where a household of this place may stand: the grids of its village, or the village."""
    village = place.code[: CODE_LENGTH[Level.VILLAGE]]
    return Place.objects.filter(code__startswith=village, level__gte=Level.VILLAGE, valid_to=None)


def household_initial(household: Household) -> dict[str, Any]:
    return {
        "place": household.place_id,
        "number": household.number,
        "walking_order": household.walking_order,
        "longitude": household.longitude,
        "latitude": household.latitude,
    }
