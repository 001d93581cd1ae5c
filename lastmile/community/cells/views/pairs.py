"""Pairs: every vulnerable resident of a place, and the two neighbours who agreed to look after them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.cells import actions, queries, shown
from lastmile.community.cells.forms import PairForm
from lastmile.community.people.models import Person
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import EXPORT_LIMIT, ListPage
from lastmile.kernel.permissions import Actor, Perm

NOBODY = gettext_lazy("No vulnerable resident is entered here.")


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def listing(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code)
    known: dict[int, Any] = {}
    page = ListPage(
        request,
        queries.vulnerable(who, code),
        columns=shown.pair_columns(known),
        search=["household__number"],
        filters=shown.pair_filters(),
        order=["place", "household__walking_order", "pk"],
        filename=f"pairs-{code}",
    )
    known |= queries.pairs(_listed(request, page))
    title = _("Pairs of %(place)s") % {"place": place.name}
    empty = _("Mark on a household's page who needs help; then choose two neighbours for them here.")
    return page.response(request, title=title, empty_title=NOBODY, empty_hint=empty, search_hint=_("Door number"))


def _listed(request: HttpRequest, page: ListPage) -> list[int]:
    """Those of the page, or of the whole export."""
    if request.GET.get("export") == "xlsx":
        return list(page.found().values_list("pk", flat=True)[:EXPORT_LIMIT])
    return [person.pk for person in page.page.object_list]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Two neighbours of one resident, the nearest doors first; whoever takes it back is taken out by one tap."""
    who = actor(request)
    resident = scope.person(who, pk, Perm.HOUSEHOLD_EDIT)
    persons = queries.candidates(resident)
    pair, helping = queries.pairs([pk]).get(pk, (None, []))
    form = PairForm(request.POST or None, persons=persons, initial=_first(helping))
    refusal, status = None, 400 if form.is_bound else 200
    if form.is_valid():
        try:
            _agreed(who, resident, persons, form.cleaned_data)
            messages.success(request, _("Written down. One tap takes it back at any time."))
            return redirect("pair_edit", pk)
        except Refusal as said:
            refusal, status = said, said.status
    door = resident.household.number if resident.household else ""
    context = {"title": _("Neighbours for door %(door)s") % {"door": door}, "resident": resident, "pair": pair}
    context |= {"helping": helping, "form": form, "refusal": refusal}
    return render(request, "cells/pair.html", context, status=status)


def _agreed(who: Actor, resident: Person, persons: list[Any], data: dict[str, Any]) -> None:
    by_key = {person.pk: person for person in persons}
    chosen = [by_key[data["first"]], by_key[data["second"]]]
    actions.pair_with(resident, chosen, how=data["how"], on=data["on"], by=who)


def _first(helping: list[Any]) -> dict[str, int]:
    return {name: one.person_id for name, one in zip(("first", "second"), helping, strict=False)}


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    pair = queries.pair(actor(request), pk)
    actions.end_pair(pair, by=actor(request))
    messages.success(request, _("The pair has ended."))
    return redirect("pair_edit", pair.resident_id)
