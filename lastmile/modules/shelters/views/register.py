"""The register: the list, the map, one shelter, and the forms that change it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import queries as org
from lastmile.community.org.models import Level, Place
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may
from lastmile.modules.shelters.actions import register
from lastmile.modules.shelters.forms import ShelterForm
from lastmile.modules.shelters.models import Equipment, Shelter
from lastmile.modules.shelters.queries import register as queries

POINTS = 3000  # on one map


def equipment(shelter: Shelter) -> str:
    return "、".join(str(Equipment(what).label) for what in shelter.equipment if what in Equipment.values)


def state(shelter: Any) -> str:
    if shelter.closed_on:
        return _("out of service")
    if shelter.open_now:
        return _("open now")
    return _("ready") if shelter.kept else _("nobody keeps it")


def colour(shelter: Any) -> str:
    if shelter.closed_on:
        return "secondary"
    return "azure" if shelter.open_now else "green" if shelter.kept else "red"


def columns() -> list[Column]:
    return [
        Column("name", _("Name"), sort="name", link=lambda s: reverse("shelter", args=[s.pk])),
        Column("kind", _("Kind"), value=lambda s: s.get_kind_display(), sort="kind", phone=False),
        Column("place", _("Stands in"), sort="place_id", link=lambda s: reverse("place", args=[s.place_id])),
        Column("area", _("For the people of"), value=lambda s: s.area.name, sort="area_id", phone=False),
        Column("capacity", _("People at most"), sort="capacity", number=True),
        Column("equipment", _("Special equipment"), value=equipment, phone=False),
        Column("keeper", _("Keeper"), value=lambda s: s.keeper.title if s.keeper else "", phone=False),
        Column("contact", _("Office phone"), phone=False),
        Column("state", _("State"), value=state, badge=colour),
    ]


def filters() -> list[Choice]:
    states = [
        ("service", _("in service")),
        ("open", _("open now")),
        ("unkept", _("nobody keeps it")),
        ("closed", _("out of service")),
    ]
    return [
        Choice("state", _("State"), states, queries.in_state),
        Choice("kind", _("Kind"), Shelter.Kind.choices),
        Choice("equipment", _("Special equipment"), Equipment.choices, queries.equipped),
    ]


@require_GET
@needs(Perm.SHELTER_READ)
def listing(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    rows: QuerySet[Any] = queries.shelters(who)
    search = ["name", "address", "place__name", "area__name"]
    order = ("place", "name")
    listed = ListPage(
        request, rows, columns(), search=search, filters=filters(), order=order, filename="shelters"
    )  # fmt: skip
    hint = _("Open a village or community and enter its shelters, or bring them all from one workbook.")
    return listed.response(
        request, title=_("Shelters"), empty_title=_("No shelters yet."), empty_hint=hint, actions=beside(request)
    )


def beside(request: HttpRequest) -> list[dict[str, str]]:
    """The pages beside the list, and for whoever keeps the register the way to add to it."""
    who = actor(request)
    found = [{"url": reverse("shelter_map"), "label": _("Map"), "icon": "map"}]
    if who.scopes(Perm.SHELTER_KEEP):
        found.append({"url": reverse("shelter_desks"), "label": _("Check-in"), "icon": "qrcode"})
    tops = org.roots(who, Perm.SHELTER_EDIT)
    if tops:
        code = tops[0].code
        found.append({"url": reverse("shelter_import", args=[code]), "label": _("Workbook"), "icon": "file-import"})
        if tops[0].level >= Level.VILLAGE:
            add = {"url": reverse("shelter_add", args=[code]), "label": _("New shelter"), "icon": "plus"}
            found.append(add | {"style": "btn-primary"})
    return found


@require_GET
@needs(Perm.SHELTER_READ)
def overview(request: HttpRequest) -> HttpResponse:
    """All shelters of the area on a map; the list says the same in words."""
    tops = org.roots(actor(request), Perm.SHELTER_READ)
    rows = queries.shelters(actor(request)).filter(closed_on=None)
    context = {"title": _("Map of shelters"), "top": tops[0] if tops else None, "count": rows.count()}
    context["unplaced"] = rows.filter(longitude=None).count()
    return render(request, "shelters/map.html", context)


@require_GET
@needs(Perm.SHELTER_READ)
def points(request: HttpRequest) -> HttpResponse:
    """Shelters with a position, as GeoJSON points."""
    rows = queries.shelters(actor(request)).filter(closed_on=None).exclude(longitude=None)[:POINTS]
    features = [
        {
            "type": "Feature",
            "properties": {"name": s.name, "kind": _tip(s), "url": reverse("shelter", args=[s.pk])},
            "geometry": {"type": "Point", "coordinates": [s.longitude, s.latitude]},
        }
        for s in rows
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _tip(shelter: Shelter) -> str:
    people = _("%(n)d people at most") % {"n": shelter.capacity}
    return f"{shelter.get_kind_display()} · {people} · {state(shelter)}"


@require_GET
@needs(Perm.SHELTER_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    shelter = queries.shelter(who, pk)
    edits = may(who, Perm.SHELTER_EDIT, shelter.place_id) and shelter.closed_on is None
    context = {
        "title": shelter.name,
        "shelter": shelter,
        "state": state(shelter),
        "colour": colour(shelter),
        "equipment": equipment(shelter),
        "may_edit": edits,
        "lineage": org.lineage(shelter.place_id),
        "openings": shelter.openings.select_related("incident__alert").order_by("-id")[:20],
        "may_keep": may(who, Perm.SHELTER_KEEP, shelter.place_id),
    }
    return render(request, "shelters/shelter.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.SHELTER_EDIT)
    if place.level < Level.VILLAGE:
        raise Refusal(_("A shelter stands in a village or grid."), _("Open the village and add it there."))
    form = ShelterForm(request.POST or None, at=place, instance=Shelter(place=place))
    title = _("New shelter in %(place)s") % {"place": place.name}
    return _form(request, form, place, Shelter(place=place), title)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    shelter = queries.shelter(actor(request), pk, Perm.SHELTER_EDIT)
    form = ShelterForm(request.POST or None, at=shelter.place, instance=shelter)
    fresh = queries.shelter(actor(request), pk, Perm.SHELTER_EDIT)
    return _form(request, form, fresh.place, fresh, _("Edit %(name)s") % {"name": fresh.name})


def _form(request: HttpRequest, form: ShelterForm, place: Place, shelter: Shelter, title: str) -> HttpResponse:
    def write(facts: dict[str, Any]) -> HttpResponse:
        org.place(actor(request), facts["place"].code, Perm.SHELTER_EDIT)
        saved = register.save(shelter, by=actor(request), **facts)
        messages.success(request, _("Saved."))
        return redirect("shelter", saved.pk)

    back = reverse("shelter", args=[shelter.pk]) if shelter.pk else reverse("shelters")
    return filled(request, form, write, template="org/site_form.html", title=title, place=place, back=back)


@require_POST
@needs(Perm.SHELTER_EDIT)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    shelter = queries.shelter(actor(request), pk, Perm.SHELTER_EDIT)
    register.close(shelter, by=actor(request))
    messages.success(request, _("Out of service. It stays in the list under “out of service”."))
    return redirect("shelter", shelter.pk)
