"""Pages of what is known about a place or a special site, and of one fact with its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org.models import Level, Place, SpecialSite
from lastmile.facts import dictionary
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.dictionary import Field
from lastmile.facts.forms import EntryForm
from lastmile.facts.models import Via
from lastmile.facts.queries import scope, standing
from lastmile.facts.queries import sheet as sheets
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
    who = actor(request)
    found = scope.site(who, pk)
    context = {
        "title": _("Facts: %(place)s") % {"place": found.name},
        "place": found.place,
        "site": found,
        "may_enter": scope.may_enter(who, found.place_id),
        "search_hint": _("Fact"),
    }
    page = _listed(request, sheets.lines(found.place, found), f"site-{pk}")
    return page.response(request, "facts/place.html", **context)


def _listed(request: HttpRequest, lines: list[Line], name: str) -> RowsPage:
    return RowsPage(
        request,
        lines,
        columns=[
            Column("label", _("Fact"), sort="label", link=_address),
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


def _address(line: Line) -> str:
    if line.row.site is not None:
        return reverse("site_fact", args=[line.row.site, line.field.name])
    return reverse("place_fact", args=[line.row.place, line.field.name])


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_READ)
def place_fact(request: HttpRequest, code: str, field: str) -> HttpResponse:
    return _fact(request, scope.place(actor(request), code), None, field)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_READ)
def site_fact(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    found = scope.site(actor(request), pk)
    return _fact(request, found.place, found, field)


def _fact(request: HttpRequest, place: Place, site: SpecialSite | None, name: str) -> HttpResponse:
    """One fact: its value, the form for who may enter it, and every value it has had."""
    field, who = dictionary.field(name), actor(request)
    _refuse_misfit(field, place, site)
    form = None
    if not field.is_derived and scope.may_enter(who, place.code):
        form = EntryForm(request.POST or None, field=field)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            if form is not None and form.is_valid():
                _enter(request, field, place, site, form)
                return redirect(request.path)
            scope.require_enter(who, place.code)
            status = 400
        except Refusal as said:
            refusal, status = said, said.status
    return render(request, "facts/fact.html", _shown(field, place, site, form, refusal), status=status)


def _refuse_misfit(field: Field, place: Place, site: SpecialSite | None) -> None:
    if not field.fits("place" if site is None else "site", place.level):
        raise NotFound(_("There is no such fact here."), _("Go back to the facts of this place."))


def _enter(request: HttpRequest, field: Field, place: Place, site: SpecialSite | None, form: EntryForm) -> None:
    who: Actor = actor(request)
    given = form.cleaned_data
    said = Said(field, place.code, site.pk if site else None, **given)
    enter(who, [said], Via.PAGE)
    messages.success(request, _("Entered. Nobody needs to ask for it now."))


def _shown(
    field: Field, place: Place, site: SpecialSite | None, form: EntryForm | None, refusal: Refusal | None
) -> dict[str, Any]:
    row = sheets.row_of(place, site)
    known = standing.known([field], [row]).get((field.name, *row.key))
    back = reverse("facts_place", args=[place.code]) if site is None else reverse("facts_site", args=[site.pk])
    return {
        "title": str(field.label),
        "line": Line(field, row, known),
        "place": place,
        "site": site,
        "form": form,
        "refusal": refusal,
        "back": back,
        "history": standing.history(field.name, row)[:50],
    }
