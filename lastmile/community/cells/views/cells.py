"""Cells: the list of a place, one cell, its head and deputy, and a sheet of all of them to print."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.cells import actions, queries, shown
from lastmile.community.cells.forms import HelperForm
from lastmile.community.cells.models import Helper, How
from lastmile.community.people.filled import filled
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import ListPage
from lastmile.kernel.permissions import Perm, may


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def listing(request: HttpRequest, code: str = "") -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code) if code else None
    page = ListPage(
        request,
        queries.cells(who, code),
        columns=shown.columns(),
        search=shown.search,
        filters=shown.filters(),
        order=["place", "number"],
        filename=f"cells-{code or 'all'}",
    )
    title = _("Cells of %(place)s") % {"place": place.name} if place else pgettext("menu", "Cells")
    return page.response(request, "cells/list.html", title=title, place=place, **shown.around(who, place))


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    found = queries.cell(who, pk)
    context: dict[str, Any] = {
        "title": _("Cell %(number)d of %(place)s") % {"number": found.number, "place": found.place.name},
        "one": queries.of_cell(found),
        "history": queries.history(found),
        "may_edit": may(who, Perm.HOUSEHOLD_EDIT, found.place_id) and found.until is None,
        "small": shown.small(found),
    }
    return render(request, "cells/cell.html", context)


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """Every cell of a village or grid with its doors, on paper. Names stay masked: doors are enough to go there."""
    place = shown.low(scope.place(actor(request), code))
    rows = list(queries.cells(actor(request), code).order_by("place", "number"))
    title = _("Cells of %(place)s") % {"place": place.name}
    return render(request, "cells/print.html", {"title": title, "place": place, "cells": queries.of_cells(rows)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def agree(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    """Somebody of the cell agreed to be its head or deputy."""
    who = actor(request)
    found = queries.cell(who, pk, Perm.HOUSEHOLD_EDIT)
    if role not in (Helper.Role.HEAD, Helper.Role.DEPUTY):
        raise NotFound(_("A cell has a head and a deputy."), _("Choose one of them on the page of the cell."))
    persons = queries.grown([home.pk for home in queries.of_cell(found).doors])
    form = HelperForm(request.POST or None, persons=persons)

    def write(data: dict[str, Any]) -> HttpResponse:
        chosen = next(person for person in persons if person.pk == data["person"])
        actions.agree(found, role, chosen, how=data["how"], on=data["on"], by=who)
        messages.success(request, _("Written down. One tap takes it back at any time."))
        return redirect("cell", pk)

    names = {"number": found.number, "role": Helper.Role(role).label}
    intro = _("Ask them first: nobody is entered without having said yes. Those with a number come first.")
    return filled(request, form, write, title=_("Cell %(number)d: %(role)s") % names, back=["cell", pk], intro=intro)


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap: they don't want to any more."""
    found = queries.helper(actor(request), pk)
    actions.withdraw(found, how=How.TALK, by=actor(request), place=found.where)
    messages.success(request, _("Taken back. Nobody asks this person any more."))
    if found.cell is not None:
        return redirect("cell", found.cell.pk)
    return redirect("cells_volunteers" if found.place_id else "cells_pairs", found.where)
