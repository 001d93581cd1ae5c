"""Divide the households of a grid: a number beside each door, the suggestion by one click, the last change undone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.cells import actions, queries, shown
from lastmile.community.cells.forms import numbers
from lastmile.community.cells.models import LEAST, MOST
from lastmile.community.cells.suggesting import suggest
from lastmile.community.org.models import Place
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def page(request: HttpRequest, code: str) -> HttpResponse:
    """One number beside each door; nothing typed is lost when something is wrong with it."""
    place = shown.low(scope.place(actor(request), code, Perm.HOUSEHOLD_EDIT))
    if shown.lives_in_grids(place):
        title = _("Divide the households of %(place)s") % {"place": place.name}
        return render(request, "cells/grids.html", {"title": title, "place": place, "grids": shown.grids(place)})
    refusal, status, typed = None, 200, queries.arranged(code)
    if request.method == "POST":
        try:
            return _saved(request, place)
        except Refusal as said:
            refusal, status, typed = said, said.status, numbers(request.POST)[0]
    return render(request, "cells/doors.html", _context(place, typed) | {"refusal": refusal}, status=status)


def _saved(request: HttpRequest, place: Place) -> HttpResponse:
    wanted, wrong = numbers(request.POST)
    if wrong:
        says = _("“%(value)s” is no number of a cell.") % {"value": wrong[0]}
        raise Refusal(says, _("Write 1, 2, 3 … beside each door, or leave it empty."))
    moved = actions.arrange(place, wanted, by=actor(request))
    _say(request, moved)
    return redirect("cells_doors", place.code)


def _say(request: HttpRequest, moved: int) -> None:
    if moved:
        says = ngettext("%(n)d household was moved.", "%(n)d households were moved.", moved)
        messages.success(request, says % {"n": moved})
    else:
        messages.info(request, _("Nothing has changed."))


def _context(place: Place, typed: dict[int, int]) -> dict[str, Any]:
    doors = queries.doors(place.code)
    wanted = suggest(queries.for_suggestion(doors))
    return {
        "title": _("Divide the households of %(place)s") % {"place": place.name},
        "place": place,
        "rows": [(home, typed.get(home.pk, ""), wanted[home.pk]) for home in doors],
        "left": sum(home.pk not in typed for home in doors),
        "cells": len(set(wanted.values())),
        "suggested": bool(doors) and wanted == typed,
        "undo": queries.last_change(place.code),
        "least": LEAST,
        "most": MOST,
    }


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def accept(request: HttpRequest, code: str) -> HttpResponse:
    """One click: divide them as the walk suggests."""
    place = _one(request, code)
    wanted = suggest(queries.for_suggestion(queries.doors(code)))
    if not wanted:
        raise Refusal(_("Nobody lives here yet."), _("Enter the households first."))
    _say(request, actions.arrange(place, wanted, by=actor(request)))
    return redirect("cells_doors", code)


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def undo(request: HttpRequest, code: str) -> HttpResponse:
    actions.undo(_one(request, code), by=actor(request))
    messages.success(request, _("As it was before."))
    return redirect("cells_doors", code)


def _one(request: HttpRequest, code: str) -> Place:
    place = shown.low(scope.place(actor(request), code, Perm.HOUSEHOLD_EDIT))
    if shown.lives_in_grids(place):
        raise Refusal(_("The households of this village are divided grid by grid."), _("Open one of its grids."))
    return place
