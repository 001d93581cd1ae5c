"""Shelters for programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from lastmile.community.org import queries as org
from lastmile.community.org.models import Place, Post
from lastmile.community.org.shapes import CHINA
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters import api_alerts, api_desk
from lastmile.modules.shelters.actions import register
from lastmile.modules.shelters.forms import MOST
from lastmile.modules.shelters.models import Equipment, Shelter
from lastmile.modules.shelters.queries import register as queries

router = Router(tags=["shelters"])
router.add_router("", api_desk.router)
router.add_router("", api_alerts.router)

WEST, SOUTH, EAST, NORTH = CHINA
LISTED = 500
PLAIN = r"^[^\x00-\x1f]*$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=PLAIN)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=PLAIN)]
Key = Annotated[int, Field(ge=1, le=2**31 - 1)]


class ShelterIn(Schema):
    place: str = Field(description="code of the village or grid it stands in")
    area: str = Field("", description="code of the place whose people come; empty: its village")
    kind: str = Field(description=", ".join(Shelter.Kind.values))
    name: Name
    address: Words = ""
    capacity: int = Field(ge=1, le=MOST, description="people at most")
    equipment: list[str] = Field([], description=", ".join(Equipment.values), max_length=10)
    keeper: Key | None = Field(None, description="the post that opens it")
    contact: Short = Field("", description="a number of the office, nobody's own")
    longitude: float | None = Field(None, ge=WEST, le=EAST)
    latitude: float | None = Field(None, ge=SOUTH, le=NORTH)
    notes: Words = ""


class ShelterOut(ShelterIn):
    id: int
    place: str = Field(alias="place_id")
    area: str = Field(alias="area_id")
    keeper: int | None = Field(None, alias="keeper_id")
    kept: bool = Field(description="somebody holds the keeper's post")
    open_now: bool
    closed_on: str | None = None
    notes: str = ""

    @staticmethod
    def resolve_closed_on(shelter: Shelter) -> str | None:
        return shelter.closed_on.isoformat() if shelter.closed_on else None


@router.get("/shelters", response=list[ShelterOut], summary="Shelters that stand under a place")
def list_shelters(request: HttpRequest, place: str = "", q: str = "", skip: int = 0) -> Any:
    rows = queries.shelters(actor(request), place[:15].replace("\0", "")).filter(closed_on=None)
    words, first = q[:100].replace("\0", ""), max(0, min(skip, 100_000))
    return list(rows.filter(name__contains=words).order_by("place", "name")[first : first + LISTED])


@router.get("/shelters/{int:pk}", response=ShelterOut, summary="One shelter")
def get_shelter(request: HttpRequest, pk: int) -> Shelter:
    return queries.shelter(actor(request), min(pk, 2**31 - 1))


@router.post("/shelters", response={201: ShelterOut}, summary="Enter a shelter")
def add_shelter(request: HttpRequest, body: ShelterIn) -> Status[Any]:
    return Status(201, _save(request, Shelter(), body))


@router.put("/shelters/{int:pk}", response=ShelterOut, summary="Change a shelter")
def change_shelter(request: HttpRequest, pk: int, body: ShelterIn) -> Shelter:
    return _save(request, queries.shelter(actor(request), min(pk, 2**31 - 1), Perm.SHELTER_EDIT), body)


@router.post("/shelters/{int:pk}/close", response=ShelterOut, summary="Take a shelter out of service")
def close_shelter(request: HttpRequest, pk: int) -> Shelter:
    shelter = queries.shelter(actor(request), min(pk, 2**31 - 1), Perm.SHELTER_EDIT)
    register.close(shelter, by=actor(request))
    return queries.shelter(actor(request), shelter.pk)


def _save(request: HttpRequest, shelter: Shelter, body: ShelterIn) -> Shelter:
    place = org.place(actor(request), body.place, Perm.SHELTER_EDIT)
    facts = body.dict() | {"place": place, "area": _area(place, body.area), "keeper": _keeper(request, body.keeper)}
    _require(place, body)
    saved = register.save(shelter, by=actor(request), **facts)
    return queries.shelter(actor(request), saved.pk)


def _require(place: Place, body: ShelterIn) -> None:
    wrong: dict[str, str] = {}
    if len(place.code) < 12:
        wrong["place"] = _("A shelter stands in a village or grid.")
    if body.kind not in Shelter.Kind.values:
        wrong["kind"] = ", ".join(Shelter.Kind.values)
    if set(body.equipment) - set(Equipment.values):
        wrong["equipment"] = ", ".join(Equipment.values)
    if (body.longitude is None) != (body.latitude is None):
        wrong["latitude"] = _("Give both longitude and latitude, or neither.")
    if wrong:
        raise Refusal(_("Some fields are missing or wrong."), _("Correct the fields named here."), fields=wrong)


def _area(place: Place, code: str) -> Place:
    found = Place.objects.current().filter(pk=code.replace("\0", "")[:15] or register.area_of(place)).first()
    if found is None:
        raise Refusal(_("There is no such place."), _("Give its code."), fields={"area": _("There is no such place.")})
    return found


def _keeper(request: HttpRequest, pk: int | None) -> Post | None:
    return org.post(actor(request), pk) if pk else None
