"""The keeper's phone, and what happened to people: read by the check-in page, and open to programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lastmile.community.accounts.queries import me
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters.actions.checkin import Result, Tap, enter
from lastmile.modules.shelters.models import Opening, Where
from lastmile.modules.shelters.queries import desk, room

router = Router(tags=["shelters"])

LARGEST = 2**31 - 1
Key = Annotated[int, Field(ge=1, le=2**62)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00-\x1f]*$")]
Digits = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30, pattern=r"^[\d \-·]*$")]
Grid = Annotated[str, StringConstraints(pattern=r"^(\d{9,15})?$")]


class Line(Schema):
    stay: int | None = Field(description="null for somebody of the household who was ordered nowhere")
    person: int | None = Field(description="only where there is no stay")
    name: str
    age: int | None
    needs: list[str]
    vulnerable: bool
    heads: int
    came: int
    state: str
    at: datetime | None
    other: bool = Field(False, description="expected or checked in at another shelter")


class Group(Schema):
    key: str
    kind: Literal["household", "site", "stranger"]
    door: str
    code: str = Field(description="of the door in this warning, as 12-345")
    whole: str = Field(description="the same with its place, as taps say it")
    place: str
    people: list[Line]


class GridName(Schema):
    code: str
    name: str


class Roll(Schema):
    now: datetime = Field(description="by the clock of the server, against which a phone sets its own")
    opening: int
    shelter: str
    places: int
    held: int = Field(description="places taken or kept for somebody")
    alert: str
    headline: str
    over: bool = Field(description="the all-clear was given")
    closed: bool
    grids: list[GridName] = Field(description="where a code that is typed without its place is looked for")
    groups: list[Group]


class TapIn(Schema):
    key: UUID = Field(description="made where it was tapped; the same key again changes nothing")
    act: Literal["in", "out", "elsewhere", "back", "walk-in"]
    stays: list[Key] = Field([], max_length=200)
    code: Digits = Field("", description="of a household that is not on this shelter's list")
    place: Grid = Field("", description="of the code, where it was typed without")
    persons: list[Annotated[int, Field(ge=1, le=LARGEST)]] = Field([], max_length=50)
    where: str = Field("", description=", ".join(Where.values))
    name: Text = ""
    phone: Text = ""
    heads: int | None = Field(None, ge=1, le=10_000, description="of a site that came, or of a family in no list")
    at: datetime | None = Field(None, description="when it happened")


class Taps(Schema):
    taps: list[TapIn] = Field(max_length=200)


class TapOut(Schema):
    key: UUID
    ok: bool
    says: str = Field("", description="what the keeper should know: who said something else")
    mend: str = ""
    stays: list[int] = []


class Results(Schema):
    results: list[TapOut]


def _opening(request: HttpRequest, pk: int) -> Opening:
    return room.opening(actor(request), max(1, min(pk, LARGEST)), Perm.SHELTER_KEEP)


@router.get(
    "/shelters/desks/{int:pk}", response=Roll, url_name="shelter_roll", summary="Who is expected at an open shelter"
)
def get_roll(request: HttpRequest, pk: int) -> dict[str, Any]:
    return desk.roll(actor(request), _opening(request, pk))


@router.get("/shelters/desks/{int:pk}/door", response=Group, url_name="shelter_door", summary="A household by its code")
def get_door(request: HttpRequest, pk: int, code: Digits, place: Grid = "") -> dict[str, Any]:
    return desk.door(actor(request), _opening(request, pk), code, place)


@router.post(
    "/shelters/desks/{int:pk}/sync", response=Results, url_name="shelter_sync", summary="Enter taps of a keeper"
)
def sync(request: HttpRequest, pk: int, body: Taps) -> dict[str, list[Result]]:
    opening = _opening(request, pk)
    return {"results": [enter(me(request), opening, _tap(one)) for one in body.taps]}


def _tap(one: TapIn) -> Tap:
    return Tap(**one.dict() | {"stays": tuple(one.stays), "persons": tuple(one.persons)})
