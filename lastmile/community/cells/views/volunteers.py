"""Volunteers: who agreed to go to the doors of a grid or village when nobody else has answered for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.cells import actions, queries, shown
from lastmile.community.cells.forms import DoorForm, HelperForm
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.people.filled import filled
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import Choice, ListPage
from lastmile.kernel.permissions import Perm, may

VILLAGE = CODE_LENGTH[Level.VILLAGE]
REACHABLE = Choice(
    "reachable",
    gettext_lazy("Contact"),
    [("True", gettext_lazy("can be reached")), ("False", gettext_lazy("no contact"))],
)
NOBODY = gettext_lazy("Nobody has volunteered here yet.")
ASK = gettext_lazy("Ask who would go to doors in an emergency, and write down that they agreed.")


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def listing(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code)
    page = ListPage(
        request,
        queries.volunteers(who, code),
        columns=shown.volunteer_columns(),
        search=["person__household__number", "place__name"],
        filters=[REACHABLE],
        order=["place", "person__household__number", "pk"],
        filename=f"volunteers-{code}",
    )
    title = _("Volunteers of %(place)s") % {"place": place.name}
    empty: dict[str, Any] = {"empty_title": NOBODY, "empty_hint": ASK}
    return page.response(request, title=title, search_hint=_("Door number"), actions=_buttons(who, place), **empty)


def _buttons(who: Any, place: Place) -> list[dict[str, str]]:
    if place.level < Level.VILLAGE or not may(who, Perm.HOUSEHOLD_EDIT, place.code):
        return []
    url = reverse("cells_volunteer", args=[place.code])
    return [{"url": url, "icon": "plus", "label": _("Somebody has agreed"), "style": "btn-primary"}]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """First the door, then who of those behind it has agreed."""
    who = actor(request)
    place = shown.low(scope.place(who, code, Perm.HOUSEHOLD_EDIT))
    title, number = _("Volunteer for %(place)s") % {"place": place.name}, request.GET.get("number", "")
    persons = queries.behind(place.code[:VILLAGE], number) if number else []
    if not persons:
        return _door(request, place, title, number)
    form = HelperForm(request.POST or None, persons=persons)

    def write(data: dict[str, Any]) -> HttpResponse:
        chosen = next(person for person in persons if person.pk == data["person"])
        actions.volunteer(place, chosen, how=data["how"], on=data["on"], by=who)
        messages.success(request, _("Written down. One tap takes it back at any time."))
        return redirect("cells_volunteers", place.code)

    intro = _("Ask them first: nobody is entered without having said yes. Those with a number come first.")
    return filled(request, form, write, title=title, back=["cells_volunteers", place.code], intro=intro)


def _door(request: HttpRequest, place: Place, title: str, number: str) -> HttpResponse:
    form = DoorForm(request.GET if number else None)
    if number:
        form.add_error("number", _("Nobody grown is entered behind a door of this number in the village."))
    context = {"title": title, "form": form, "place": place}
    return render(request, "cells/volunteer_door.html", context, status=404 if number else 200)


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A consent as it was written down, and one tap to take it back."""
    who = actor(request)
    found = queries.helper(who, pk, Perm.HOUSEHOLD_READ)
    if found.place is None:
        raise NotFound(_("They are no volunteer."), _("Look on the page of the cell or pair."))
    title = _("Volunteer for %(place)s") % {"place": found.place.name}
    edit = may(who, Perm.HOUSEHOLD_EDIT, found.where) and found.until is None
    return render(request, "cells/volunteer.html", {"title": title, "helper": found, "may_edit": edit})
