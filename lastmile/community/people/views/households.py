"""Doors: the list of a place, and the page of one household."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.people import actions, queries
from lastmile.community.people.classes import DataClass
from lastmile.community.people.filled import filled
from lastmile.community.people.forms import ContactForm, HouseholdForm
from lastmile.community.people.models import Household, Person
from lastmile.community.people.queries import scope, shown
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import ListPage
from lastmile.kernel.permissions import Perm, may


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def listing(request: HttpRequest, code: str = "") -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code) if code else None
    page = ListPage(
        request,
        queries.households(who, code),
        columns=shown.household_columns(),
        search=lambda rows, words: queries.search(who, rows, words),
        filters=shown.household_filters(),
        order=["place", "walking_order", "number"],
        filename=f"households-{code or 'all'}",
    )
    title = _("Households of %(place)s") % {"place": place.name} if place else pgettext("menu", "Households")
    context = {"title": title, **shown.household_actions(who, place)}
    return page.response(request, **context)


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Masked: reading a page writes nothing, so it opens nothing. On duty it asks for `opened` by itself."""
    household = scope.household(actor(request), pk)
    return render(request, "people/household.html", _context(request, household, queries.members(household)))


@require_POST
@never_cache
@needs(Perm.PERSON_REVEAL)
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody of the household in clear, for whoever must act on a warning in force there; asked again while the
    page lies open, it lets the page mask itself when that is over."""
    who = actor(request)
    household = scope.household(who, pk, Perm.PERSON_REVEAL)
    if request.POST.get("again"):
        over = not queries.purpose(who, household.place_id)
        return HttpResponse(status=204, headers={"HX-Refresh": "true"} if over else {})
    shown = queries.look_home(who, household)
    context = _context(request, household, [one.person for one in shown]) | {"opened": True}
    part = "people/members.html" if request.headers.get("HX-Request") else "people/household.html"
    return render(request, part, context)


def _context(request: HttpRequest, household: Household, members: Iterable[Person]) -> dict[str, Any]:
    who = actor(request)
    before, after = queries.neighbours(household)
    return {
        "title": _("Household %(number)s") % {"number": household.number},
        "household": household,
        "members": members,
        "before": before,
        "after": after,
        "contact_form": ContactForm(),
        "classes": DataClass.choices,
        "purpose": queries.purpose(who, household.place_id),
        "may_edit": may(who, Perm.HOUSEHOLD_EDIT, household.place_id),
        "may_look": may(who, Perm.PERSON_REVEAL, household.place_id),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code, Perm.HOUSEHOLD_EDIT)
    form = HouseholdForm(request.POST or None, places=shown.cells(place), initial={"place": place.code})

    def write(data: dict[str, Any]) -> HttpResponse:
        made = actions.add_household(data.pop("place"), **data, by=who)
        messages.success(request, _("The household is entered. Add who lives there."))
        return redirect("household", made.pk)

    title = _("New household in %(place)s") % {"place": place.name}
    return filled(request, form, write, title=title, back=["household_list", place.code], map_of=place.code[:12])


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    household = scope.household(who, pk, Perm.HOUSEHOLD_EDIT)
    first = shown.household_initial(household)
    form = HouseholdForm(request.POST or None, places=shown.cells(household.place), initial=first)
    form.fields["address"].required = False
    form.fields["address"].help_text = _("Leave empty to keep the address that is there.")

    def write(data: dict[str, Any]) -> HttpResponse:
        data = {name: value for name, value in data.items() if name != "address" or value}
        actions.edit_household(household, by=who, **data)
        return redirect("household", pk)

    title = _("Edit household %(number)s") % {"number": household.number}
    return filled(request, form, write, title=title, back=["household", pk], map_of=household.village)


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Out, or back in: the button on the page says which."""
    who = actor(request)
    household: Household = scope.household(who, pk, Perm.HOUSEHOLD_EDIT)
    if household.moved_out_on is None:
        actions.move_out(household, by=who)
        messages.success(request, _("Moved out: nobody of this household gets warnings. “Put back” undoes it."))
    else:
        actions.move_in(household, by=who)
        messages.success(request, _("The household is back."))
    return redirect("household", pk)
