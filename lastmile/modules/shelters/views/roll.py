"""One warning's shelters: how many are listed, there, elsewhere and missing, by shelter and by place; live."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import sight
from lastmile.alerting.models import AlertEvent
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Level, Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Perm, may
from lastmile.modules.shelters.actions import room as rooms
from lastmile.modules.shelters.models import Order
from lastmile.modules.shelters.queries import incident, roll, room

COULD_OPEN = 30


def seen(request: HttpRequest, code: str, place: str = "", perm: Perm = Perm.ALERT_READ) -> tuple[AlertEvent, Place]:
    """(the first issue of this warning, the place), if the person may see it and do `perm` there."""
    event, found = sight.seen(actor(request), code, place, perm)
    return incident.root(event), found


def live_parts(request: HttpRequest, code: str, place: str = "") -> dict[str, Any]:
    who = actor(request)
    event, found = sight.seen(who, code, place)
    first = incident.root(event)
    figures = roll.of(first, found.code)
    return {
        "alert": event.alert,
        "place": found,
        "figures": figures,
        "tiles": tiles(figures),
        "rooms": roll.rooms(first, found.code),
        "children": roll.children(first, found.code) if found.level < Level.GRID else [],
        "over": incident.in_force(first) is None,
        "keeps": {one.pk for one in room.kept_by(who).filter(incident=first)},
        "may_order": may(who, Perm.SHELTER_ORDER, found.code),
    }


def tiles(figures: roll.Figures) -> list[tuple[str, int, str, str]]:
    """(label, number, colour, explanation): who is missing first."""
    return [
        (
            pgettext("shelter", "missing"),
            figures.missing,
            "red",
            _("listed, not in a shelter and not known to be elsewhere"),
        ),
        (_("missing, vulnerable"), figures.weak, "red", _("of the missing, those who need help")),
        (_("listed"), figures.listed, "secondary", _("ordered to a shelter in this warning")),
        (_("checked in"), figures.came, "green", _("of those listed, in any shelter")),
        (_("elsewhere"), figures.elsewhere, "azure", _("with relatives, in a hotel, in hospital, back home")),
        (_("in no list"), figures.strangers, "secondary", _("in a shelter too, though nobody ordered them")),
    ]


@require_GET
@needs(Perm.SHELTER_READ)
def page(request: HttpRequest, code: str, place: str = "") -> HttpResponse:
    parts = live_parts(request, code, place)
    who, found = actor(request), parts["place"]
    event, _same = sight.seen(who, code, place)
    first = incident.root(event)
    parts["path"] = sight.path_to(who, event, found)
    parts["orders"] = Order.objects.filter(incident=first, place__code__startswith=found.code, state="live").count()
    parts["could_open"] = room.closed_still(who, first, found.code)[:COULD_OPEN] if parts["may_order"] else []
    parts["orders_here"] = parts["may_order"] and found.level >= Level.TOWNSHIP and not parts["over"]
    return render(request, "shelters/roll.html", parts)


@require_GET
@needs(Perm.SHELTER_READ)
def live(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The part that changes; asked for every few seconds."""
    return render(request, "shelters/roll_live.html", live_parts(request, code, place))


@require_GET
@needs(Perm.SHELTER_READ)
def export(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The figures by place, and by shelter below them."""
    first, found = seen(request, code, place)
    head = [_("Code"), _("Place"), *(label for label, *_rest in tiles(roll.Figures()))]
    rows: list[list[Any]] = [[row.code, row.name, *_numbers(row.figures)] for row in roll.children(first, found.code)]
    rows.append([])
    for one in roll.rooms(first, found.code):
        shelter = one.opening.shelter
        rows.append([shelter.place_id, shelter.name, *_numbers(one.figures), one.opening.places, one.opening.free])
    return xlsx_response(f"shelters-{code}-{found.code}", [*head, _("places"), _("free")], rows)


def _numbers(figures: roll.Figures) -> list[int]:
    return [number for _label, number, *_rest in tiles(figures)]


@require_POST
@needs(Perm.SHELTER_ORDER)
def open_one(request: HttpRequest, code: str, place: str, pk: int) -> HttpResponse:
    first, found = seen(request, code, place, Perm.SHELTER_ORDER)
    shelter = get_object_or_404(room.closed_still(actor(request), first, found.code), pk=min(pk, 2**31 - 1))
    rooms.open_shelter(me(request), first, shelter)
    messages.success(request, _("%(shelter)s is open; its keeper has it on the to-do.") % {"shelter": shelter.name})
    return redirect("shelter_alert_place", code, found.code)
