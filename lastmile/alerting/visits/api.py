"""The doors that are left, for programs and for phones that were without a network."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import AwareDatetime, StringConstraints

from lastmile.alerting import coverage, sight
from lastmile.alerting.models import VisitRound
from lastmile.alerting.visits import device, entering, listing, uncovered
from lastmile.community.accounts.queries import me
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

router = Router(tags=["visits"])

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=150, pattern=r"^[^\x00-\x1f]*$")]


class Sums(Schema):
    """Doors: `left` are still to be knocked on; `absent` (nobody was in) and `vulnerable` are some of these."""

    doors: int
    left: int
    absent: int
    vulnerable: int
    moved: int
    refused: int
    help: int


class PlaceSums(Schema):
    code: str
    name: str
    sums: Sums


class Figures(Schema):
    """`due_at`: until when the phones have time; null where nobody is visited for this message."""

    due_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    sums: Sums
    children: list[PlaceSums]


class Mine(Schema):
    code: str
    headline: str
    colour: int
    exercise: bool
    place: str
    place_name: str
    left: int
    doors: int


class Known(Schema):
    known: list[Annotated[int, Field(ge=1, lt=2**31)]] = Field(
        [], max_length=5000, description="households whose people the device has already"
    )


class Resident(Schema):
    name: str
    phones: list[str]
    needs: list[str]
    minor: bool


class Inside(Schema):
    id: int
    address: str
    residents: list[Resident]


class Door(Schema):
    id: int
    number: str
    code: str = Field(description="of the door in this warning, as on paper and on their phone: 12-345")
    longitude: float | None
    latitude: float | None
    vulnerable: bool
    open: bool
    fact: int | None
    fact_at: datetime | None
    knocks: int
    reason: str


class Sheet(Schema):
    """`key`: seals the sheet on the device, to be kept so that no script can read it. `over`: remove it from the
    device; `newer` is the update to go on with. `inside`: only doors that are left and not `known`."""

    user: str
    at: datetime
    over: bool
    newer: str
    ends: datetime
    key: str
    key_name: str
    doors: list[Door]
    inside: list[Inside]


class OutcomeIn(Schema):
    key: UUID = Field(description="made where it was tapped; the same key again changes nothing")
    code: str = Field(max_length=40)
    household: int = Field(ge=1, lt=2**31)
    fact: int = Field(ge=4, le=11, description="4 told, 6 moved, 7 needs help, 8 refuses, 9 nobody there, 11 undone")
    at: AwareDatetime | None = Field(None, description="when it was tapped, by the clock of the device")
    seen: AwareDatetime | None = Field(None, description="`at` of the list it was tapped on: conflicts are told by it")
    reason: str = Field("", max_length=10, description="why they stay: belongings, unfit, doubt, nowhere, other")
    note: Note = ""


class Outcomes(Schema):
    outcomes: list[OutcomeIn] = Field(max_length=200)
    sent_at: AwareDatetime | None = Field(None, description="the clock of the device at sending, to correct `at` by")


class ResultOut(Schema):
    """`ok`: it is in the ledger, now or already before. `says`: a conflict in words, or why it is not."""

    key: UUID
    ok: bool
    says: str
    mend: str


class Results(Schema):
    results: list[ResultOut]


@router.get("/visits", response=list[Mine], summary="The rounds with doors in the places where I enter outcomes")
def mine(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "code": one.event.alert.code,
            "headline": one.event.alert.headline,
            "colour": one.event.colour,
            "exercise": one.event.alert.exercise,
            "place": one.place.code,
            "place_name": one.place.name,
            "left": one.left,
            "doors": one.doors,
        }
        for one in listing.mine(actor(request))
    ]


@router.get("/alerts/{code}/visits", response=Figures, summary="Doors left of a warning, by place")
def figures(request: HttpRequest, code: str, place: str = "") -> dict[str, Any]:
    event, found = sight.seen(actor(request), code, place[:15])
    held = VisitRound.objects.filter(event=event).first()
    rows = listing.by_place(event, found.code)
    times = {name: getattr(held, name, None) for name in ("due_at", "opened_at", "closed_at")}
    return times | {"sums": vars(listing.total(rows)), "children": rows}


@router.post("/visits/{code}/{place}/doors", response=Sheet, summary="The doors of a grid, for a device to keep")
def doors(request: HttpRequest, code: str, place: str, body: Known) -> dict[str, Any]:
    """Loading it takes the grid's obligation on. Who lives behind doors that are left is opened once, and noted."""
    user = me(request)
    event, found = sight.seen(user, code, place[:15], Perm.ALERT_RECEIPT)
    device.taken_on(user, event, found.code)
    return device.sheet(user, event, found, body.known)


@router.post("/visits/outcomes", response=Results, url_name="visit_outcomes", summary="Enter what was found at doors")
def enter(request: HttpRequest, body: Outcomes) -> dict[str, Any]:
    """Each on its own and once, however often it is sent; what can't be entered is answered in words."""
    taps = [entering.Outcome(**one.dict()) for one in body.outcomes]
    results = entering.enter_many(actor(request), taps, sent_at=body.sent_at)
    coverage.fold()
    return {"results": results}


class HomeOut(Schema):
    """`listed`: in the ledger of the warning, but nobody there has a usable contact."""

    household: int
    place: str
    number: str
    listed: bool


class UncoveredOut(Schema):
    """`households` counts all, `homes` are the first. `sites` are keys of special sites where nobody can be asked."""

    households: int
    homes: list[HomeOut]
    sites: list[int]
    grids: list[str]
    cells: dict[str, int] = Field(description="households in no cell, by grid that has cells")
    plan_areas: dict[int, int] = Field(description="households and sites in no list, by plan area it touches")


class Assigned(Schema):
    doors: int
    sites: int


class PlaceIn(Schema):
    place: Annotated[str, Field(pattern=r"^\d{4,15}$")]


@router.get("/alerts/{code}/uncovered", response=UncoveredOut, summary="Who is in the area and in no list")
def in_no_list(request: HttpRequest, code: str, place: str = "") -> dict[str, Any]:
    event, where = sight.seen(actor(request), code, place[:15], Perm.HOUSEHOLD_READ)
    found = uncovered.find(event, where.code, uncovered.AT_ONCE)
    keys = {"sites": [site.pk for site in found.sites], "grids": [grid for grid, _name in found.grids]}
    keys |= {"cells": {grid: count for grid, _name, count in found.cells}}
    plans = uncovered.by_plan_area(event, found)
    keys |= {"plan_areas": {row.area.pk: len(row.homes) + len(row.sites) for row in plans}}
    return {"households": found.households, "homes": found.homes[: uncovered.SHOWN]} | keys


class ListedIn(PlaceIn):
    plan_area: Annotated[int | None, Field(ge=1, lt=2**31)] = None


@router.post("/alerts/{code}/uncovered", response=Assigned, summary="Put them on the lists")
def put_on_lists(request: HttpRequest, code: str, body: ListedIn) -> dict[str, int]:
    """Households go on the list of doors at once; sites become something owed by whoever looks after their place."""
    event, where = sight.seen(actor(request), code, body.place, Perm.ALERT_RECEIPT)
    doors, sites = uncovered.assign(actor(request), event, where.code, body.plan_area)
    return {"doors": doors, "sites": sites}
