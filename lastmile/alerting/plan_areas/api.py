"""Plan areas for programs: list, enter, change, take out of use, who in one is uncovered, and give that to somebody."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting.codes import Hazard
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import actions, assigning, queries, standing
from lastmile.community.org import queries as org
from lastmile.community.org.models import ancestors
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, may, require

router = Router(tags=["plan areas"])

Code = Annotated[str, Field(pattern=r"^\d{4,15}$")]


class AreaIn(Schema):
    """`polygons` as GeoJSON; `places` codes inside the place; `post` and `shelters` by their numbers."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    hazard: Annotated[str, Field(max_length=20)] = ""
    places: list[Code] = []
    polygons: list[dict[str, Any]] = []
    shelters: Annotated[list[Annotated[int, Field(ge=1, lt=2**31)]], Field(max_length=50)] = []
    destination: Annotated[str, Field(max_length=200)] = ""
    post: Annotated[int | None, Field(ge=1, lt=2**31)] = None
    basis: Annotated[str, Field(max_length=200)] = ""


class NewArea(AreaIn):
    place: Code


class AreaOut(Schema):
    id: int
    place: str
    name: str
    hazard: str
    places: list[str]
    polygons: list[dict[str, Any]]
    shelters: list[int]
    destination: str
    post: int | None
    basis: str
    closed_on: date | None


class HomeOut(Schema):
    household: int
    place: str
    number: str
    neighboured: bool
    walked: bool


class SiteOut(Schema):
    site: int
    place: str
    name: str
    kind: str


class GridOut(Schema):
    code: str
    name: str


class StandingOut(Schema):
    """`silent` households are reached by no phone; `nobody` of them has no neighbour and no grid worker either."""

    households: int
    residents: int
    silent: int
    nobody: int
    holder: bool
    beds: int | None
    short: int
    sites: list[SiteOut]
    grids: list[GridOut]
    homes: list[HomeOut]


class AssignedOut(Schema):
    asked: int


def _shown(one: PlanArea) -> dict[str, Any]:
    names = ("name", "hazard", "shelters", "destination", "basis", "closed_on")
    drawn = {"places": one.area.get("places", []), "polygons": one.area.get("polygons", [])}
    return (
        {name: getattr(one, name) for name in names}
        | drawn
        | {"id": one.pk, "place": one.place_id, "post": one.post_id}
    )


def _save(who: Actor, one: PlanArea, wanted: AreaIn) -> PlanArea:
    if wanted.hazard and wanted.hazard not in Hazard.values:
        says = _("There is no hazard “%(name)s”.") % {"name": wanted.hazard}
        raise Refusal(says, _("Choose from: %(names)s.") % {"names": ", ".join(Hazard.values)})
    post = None
    if wanted.post is not None:
        post = org.post(who, wanted.post)
        near = post.place_id.startswith(one.place_id) or post.place_id in ancestors(one.place_id)
        if post.closed_on is not None or not near:
            raise Refusal(
                _("This post is closed or serves another area."), _("Choose a post of the place or above it.")
            )
    raw = {"places": wanted.places, "polygons": wanted.polygons}
    facts = {"name": wanted.name, "hazard": wanted.hazard, "destination": wanted.destination, "basis": wanted.basis}
    return actions.save(one, by=who, area=raw, shelters=wanted.shelters, post=post, **facts)


@router.get("/plan-areas", response=list[AreaOut], summary="Plan areas of the person's places")
def listing(request: HttpRequest, place: str = "", hazard: str = "", closed: bool = False) -> list[dict[str, Any]]:
    """Of the person's places and below; at most 1,000."""
    who = actor(request)
    require(who, Perm.PLAN_AREA_READ, min(who.scopes(Perm.PLAN_AREA_READ), key=len, default=""))
    rows = queries.in_state(queries.seen(who, place[:15].replace("\0", "")), "closed" if closed else "open")
    rows = rows.filter(hazard=hazard[:20].replace("\0", "")) if hazard else rows
    return [_shown(one) for one in rows.order_by("place", "name")[:1000]]


@router.post("/plan-areas", response={201: AreaOut}, summary="Add a plan area")
def add(request: HttpRequest, wanted: NewArea) -> Status[dict[str, Any]]:
    who = actor(request)
    place = org.place(who, wanted.place, Perm.PLAN_AREA_EDIT)
    return Status(201, _shown(_save(who, PlanArea(place=place, area={}), wanted)))


@router.get("/plan-areas/{number}", response=AreaOut, summary="One plan area")
def get(request: HttpRequest, number: int) -> dict[str, Any]:
    return _shown(queries.get(actor(request), number))


@router.put("/plan-areas/{number}", response=AreaOut, summary="Change a plan area")
def change(request: HttpRequest, number: int, wanted: AreaIn) -> dict[str, Any]:
    who = actor(request)
    return _shown(_save(who, queries.get(who, number, Perm.PLAN_AREA_EDIT), wanted))


@router.post("/plan-areas/{number}/close", response=AreaOut, summary="Close a plan area")
def close(request: HttpRequest, number: int) -> dict[str, Any]:
    one = queries.get(actor(request), number, Perm.PLAN_AREA_EDIT)
    actions.close(one, by=actor(request))
    return _shown(queries.get(actor(request), number))


@router.get("/plan-areas/{number}/uncovered", response=StandingOut, summary="Who in a plan area nobody covers")
def uncovered(request: HttpRequest, number: int) -> dict[str, Any]:
    """Who in it is covered by nobody on a quiet day; households (the first 200) for whoever may see them."""
    who = actor(request)
    one = queries.get(who, number)
    found = standing.one(one, standing.SHOWN if may(who, Perm.HOUSEHOLD_READ, one.place_id) else 0)
    return vars(found) | {
        "short": found.short,
        "sites": [site._asdict() for site in found.sites],
        "homes": [home._asdict() for home in found.homes],
        "grids": [{"code": code, "name": name} for code, name in found.grids],
    }


@router.post(
    "/plan-areas/{number}/assign",
    response=AssignedOut,
    summary="Put what is uncovered on the to-do of whoever keeps the place",
)
def assign(request: HttpRequest, number: int) -> dict[str, int]:
    """What is uncovered is owed by whoever looks after its place; what is owed already is not asked again."""
    who = actor(request)
    return {"asked": assigning.assign(who, queries.get(who, number, Perm.PLAN_AREA_EDIT))}
