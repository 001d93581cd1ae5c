"""The list of plan areas, one of them with who in it is uncovered, and the forms that change it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting.codes import Hazard
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import actions, assigning, destinations, queries, standing
from lastmile.alerting.plan_areas.forms import PlanAreaForm, drawn
from lastmile.alerting.plan_areas.standing import Standing
from lastmile.community.org import queries as org
from lastmile.community.org.models import Level, Place
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may


def hazard(one: PlanArea) -> str:
    return str(one.get_hazard_display()) if one.hazard else _("every hazard")


def columns(stands: Any) -> list[Column]:
    """`stands` gives how a row stands; all of a page are looked up at once."""
    return [
        Column("name", _("Name"), sort="name", link=lambda one: reverse("plan_areas:page", args=[one.pk])),
        Column("place", _("Place"), value=lambda one: one.place.name, sort="place_id"),
        Column("hazard", _("Hazard"), value=hazard, sort="hazard", phone=False),
        Column("households", _("Households"), lambda one: stands(one).households, number=True, phone=False),
        Column("uncovered", _("Uncovered"), lambda one: stands(one).uncovered, number=True),
        Column("post", _("Who answers for it"), lambda one: one.post.title if one.post else "", phone=False),
        Column("state", _("State"), lambda one: state(one, stands(one)), badge=lambda one: colour(one, stands(one))),
    ]


def state(one: PlanArea, now: Standing) -> str:
    if one.closed_on:
        return _("out of use")
    if now.uncovered:
        return _("somebody is uncovered")
    return _("covered") if now.ready else _("something is missing")


def colour(one: PlanArea, now: Standing) -> str:
    if one.closed_on:
        return "secondary"
    return "red" if now.uncovered else "green" if now.ready else "orange"


@require_GET
@needs(Perm.PLAN_AREA_READ)
def listing(request: HttpRequest) -> HttpResponse:
    @cache
    def of_page() -> dict[int, Standing]:
        exported = request.GET.get("export") == "xlsx"
        return standing.of(listed.found() if exported else listed.page.object_list)

    listed = ListPage(
        request, queries.seen(actor(request)), columns(lambda one: of_page()[one.pk]),
        search=["name", "place__name", "basis"], filters=_filters(), order=("place", "name"), page_size=25,
        filename="plan-areas",
    )  # fmt: skip
    hint = _(
        "A plan area is a place or a drawn area whose people a plan moves: enter it, or bring all from a workbook."
    )
    return listed.response(
        request, title=_("Plan areas"), empty_title=_("No plan areas yet."), empty_hint=hint, actions=_beside(request)
    )


def _filters() -> list[Choice]:
    states = [("open", _("in use")), ("closed", _("out of use"))]
    return [
        Choice("state", _("State"), states, queries.in_state, default="open"),
        Choice("hazard", _("Hazard"), Hazard.choices),
    ]


def _beside(request: HttpRequest) -> list[dict[str, str]]:
    tops = org.roots(actor(request), Perm.PLAN_AREA_EDIT)
    if not tops:
        return []
    code = tops[0].code
    book = {"url": reverse("plan_areas:book", args=[code]), "label": _("Workbook"), "icon": "file-import"}
    add = {"url": reverse("plan_areas:add", args=[code]), "label": _("New plan area"), "icon": "plus"}
    return [book, add | {"style": "btn-primary"}]


@require_GET
@needs(Perm.PLAN_AREA_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    one = queries.get(who, pk)
    named = may(who, Perm.HOUSEHOLD_READ, one.place_id)
    found = standing.one(one, standing.SHOWN if named else 0)
    edits = may(who, Perm.PLAN_AREA_EDIT, one.place_id) and one.closed_on is None
    codes = {home.place for home in found.homes} | {site.place for site in found.sites}
    names = dict(Place.objects.filter(pk__in={*codes, *one.area.get("places", [])}).values_list("pk", "name"))
    context: dict[str, Any] = {"title": one.name, "one": one, "hazard": hazard(one), "found": found, "named": named}
    context |= {"state": state(one, found), "colour": colour(one, found), "may_edit": edits}
    context |= {"places": [(code, names.get(code, code)) for code in one.area.get("places", [])]}
    context |= {"shape": drawn(one), "shelters": destinations.known(one.shelters)}
    context |= {"homes": [(home, names.get(home.place, home.place)) for home in found.homes]}
    context |= {"sites": [(site, names.get(site.place, site.place)) for site in found.sites]}
    context["given"] = sorted(assigning.given(one).values(), key=lambda owing: owing.due_at)
    return render(request, "alerting/plan_areas/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLAN_AREA_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.PLAN_AREA_EDIT)
    title = _("New plan area of %(place)s") % {"place": place.name}
    return _form(request, PlanArea(place=place, area={}), place, title)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLAN_AREA_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    one = queries.get(actor(request), pk, Perm.PLAN_AREA_EDIT)
    return _form(request, one, one.place, _("Edit %(name)s") % {"name": one.name})


def _form(request: HttpRequest, one: PlanArea, place: Place, title: str) -> HttpResponse:
    initial = PlanAreaForm.initial_of(one) if one.pk else {"hazard": ""}
    form = PlanAreaForm(request.POST or None, at=place, initial=initial)
    chosen = request.POST.getlist("places") if request.method == "POST" else _places(one, place)

    def write(facts: dict[str, Any]) -> HttpResponse:
        raw = {"places": chosen, "polygons": facts.pop("geojson"), "circles": (one.area or {}).get("circles", [])}
        saved = actions.save(one, by=actor(request), area=raw, **facts)
        messages.success(request, _("Saved."))
        return redirect("plan_areas:page", saved.pk)

    back = reverse("plan_areas:page", args=[one.pk]) if one.pk else reverse("plan_areas:listing")
    context: dict[str, Any] = {"title": title, "place": place, "back": back, "picked": _picked(chosen)}
    return filled(request, form, write, template="alerting/plan_areas/form.html", **context)


def _places(one: PlanArea, place: Place) -> list[str]:
    """Those it has; a village or grid begins with itself, since most areas are whole ones."""
    if one.pk:
        return list(one.area.get("places", []))
    return [place.code] if place.level >= Level.VILLAGE else []


def _picked(codes: list[str]) -> list[dict[str, str]]:
    rows = Place.objects.filter(pk__in=[code[:15] for code in codes if "\0" not in code])
    return [{"code": row.code, "name": row.name} for row in rows]


@require_POST
@needs(Perm.PLAN_AREA_EDIT)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    actions.close(queries.get(actor(request), pk, Perm.PLAN_AREA_EDIT), by=actor(request))
    messages.success(request, _("Out of use. It stays in the list under “out of use”."))
    return redirect("plan_areas:page", pk)


@require_POST
@needs(Perm.PLAN_AREA_EDIT)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    asked = assigning.assign(actor(request), queries.get(actor(request), pk, Perm.PLAN_AREA_EDIT))
    if not asked:
        raise Refusal(_("Nothing here is left to be given to anybody."), _("Reload the page to see who has it."))
    says = _("%(n)d tasks stand in the to-do of whoever looks after these places.")
    messages.success(request, says % {"n": asked})
    return redirect("plan_areas:page", pk)
