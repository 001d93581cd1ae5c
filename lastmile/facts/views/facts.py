"""Pages of what is known about a place, a special site or a household, and of one fact with its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org.models import LEVEL_OF_LENGTH, Level, Place, SpecialSite
from lastmile.community.people.models import Household
from lastmile.facts import dictionary
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.dictionary import Field
from lastmile.facts.forms import EntryForm
from lastmile.facts.models import Via
from lastmile.facts.queries import scope, standing
from lastmile.facts.queries import sheet as sheets
from lastmile.facts.queries.rows import Row
from lastmile.facts.queries.sheet import COLOURS, STATES, Line
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.lists import Column
from lastmile.kernel.permissions import Actor, Perm
from lastmile.kernel.rows import RowsPage, kept


@require_GET
@needs(Perm.FACT_READ)
def place(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    found = scope.place(who, code)
    sites = SpecialSite.objects.filter(place__code__startswith=code, closed_on=None)[:30]
    context = {
        "title": _("Facts: %(place)s") % {"place": found.name},
        "place": found,
        "sites": sites if found.level >= Level.VILLAGE else [],
        "may_enter": scope.may_enter(who, code),
        "search_hint": _("Fact"),
    }
    return _listed(request, sheets.lines(found), code).response(request, "facts/place.html", **context)


@require_GET
@needs(Perm.FACT_READ)
def site(request: HttpRequest, pk: int) -> HttpResponse:
    found = scope.site(actor(request), pk)
    return _of(request, found, found.name, f"site-{pk}")


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def home(request: HttpRequest, pk: int) -> HttpResponse:
    found = scope.home(actor(request), pk)
    return _of(request, found, found.number, f"household-{pk}")


def _of(request: HttpRequest, found: SpecialSite | Household, name: str, filename: str) -> HttpResponse:
    context = {
        "title": _("Facts: %(place)s") % {"place": name},
        "place": found.place,
        "site": found if isinstance(found, SpecialSite) else None,
        "home": found if isinstance(found, Household) else None,
        "may_enter": scope.may_enter(actor(request), found.place_id),
        "search_hint": _("Fact"),
    }
    return _listed(request, sheets.lines(found), filename).response(request, "facts/place.html", **context)


def _listed(request: HttpRequest, lines: list[Line], name: str) -> RowsPage:
    return RowsPage(
        request,
        lines,
        columns=[
            Column("label", _("Fact"), sort="label", link=sheets.address),
            Column("shown", _("Value")),
            Column("state_label", _("State"), sort="state", badge=lambda line: COLOURS[line.state]),
            Column("age", _("Age"), sort="", phone=False),
            Column("as_of", _("As of"), value=_as_of, phone=False),
            Column("source", _("Source"), phone=False),
            Column("owner", _("Owner"), value=_owner, phone=False),
        ],
        search=["label", "source"],
        filters=[kept("state", _("State"), STATES)],
        page_size=200,
        filename=f"facts-{name}",
    )


def _as_of(line: Line) -> str:
    return line.known.as_of.isoformat() if line.known else ""


def _owner(line: Line) -> str:
    return _("the system") if line.field.is_derived else line.field.owner_label


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_READ)
def place_fact(request: HttpRequest, code: str, field: str) -> HttpResponse:
    return _fact(request, scope.place(actor(request), code), field)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_READ)
def site_fact(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    return _fact(request, scope.site(actor(request), pk), field)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_READ)
def home_fact(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    return _fact(request, scope.home(actor(request), pk), field)


def _fact(request: HttpRequest, what: Place | SpecialSite | Household, name: str) -> HttpResponse:
    """One fact: its value, the form for who may enter it, and every value it has had."""
    field, row, who = dictionary.field(name), sheets.row_of(what), actor(request)
    if not field.fits(sheets.subject_of(row), LEVEL_OF_LENGTH[len(row.place)]):
        raise NotFound(_("There is no such fact here."), _("Go back to the facts of this place."))
    form = None
    if not field.is_derived and scope.may_enter(who, row.place):
        form = EntryForm(request.POST or None, field=field)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if form is not None and form.is_valid():
                _enter(request, field, row, form)
                return redirect(request.path)
            scope.require_enter(who, row.place)
            status = 400
        except Refusal as said:
            refusal, status = said, said.status
    return render(request, "facts/fact.html", _shown(field, row, form, refusal), status=status)


def _enter(request: HttpRequest, field: Field, row: Row, form: EntryForm) -> None:
    who: Actor = actor(request)
    enter(who, [Said(field, row.place, row.site, **form.cleaned_data, home=row.home)], Via.PAGE)
    messages.success(request, _("Entered. Nobody needs to ask for it now."))


def _shown(field: Field, row: Row, form: EntryForm | None, refusal: Refusal | None) -> dict[str, Any]:
    known = standing.known([field], [row]).get((field.name, *row.key))
    return {
        "title": str(field.label),
        "line": Line(field, row, known),
        "form": form,
        "refusal": refusal,
        "back": _page(row),
        "history": standing.history(field.name, row)[:50],
    }


def _page(row: Row) -> str:
    """Everything about the same place, site or household."""
    if row.home is not None:
        return reverse("facts_home", args=[row.home])
    return reverse("facts_place", args=[row.place]) if row.site is None else reverse("facts_site", args=[row.site])
