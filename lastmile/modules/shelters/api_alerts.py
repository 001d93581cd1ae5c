"""Shelters of one warning for programs: the figures, the missing, orders, and who is elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from pydantic import StringConstraints

from lastmile.alerting import sight
from lastmile.alerting.models import AlertEvent
from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.community.org.models import Level, Place, SpecialSite
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters.actions import closing, moves, orders
from lastmile.modules.shelters.actions import room as rooms
from lastmile.modules.shelters.models import Opening, Order, Stay, Where
from lastmile.modules.shelters.queries import incident, register, roll, room
from lastmile.modules.shelters.queries.orders import order_of

router = Router(tags=["shelters"])

LARGEST = 2**31 - 1
LISTED = 500
Key = Annotated[int, Field(ge=1, le=LARGEST)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]


class Numbers(Schema):
    listed: int = Field(description="ordered to a shelter; always came + elsewhere + missing")
    came: int = Field(description="of those listed, in a shelter")
    strangers: int = Field(description="in a shelter, and in no list")
    inside: int
    elsewhere: int
    missing: int
    weak: int = Field(description="of the missing, those who need help")


class OpenOut(Schema):
    opening: int
    shelter: int
    name: str
    place: str
    places: int
    held: int = Field(description="places taken or kept for somebody")
    free: int = Field(description="negative when more came than it has places")
    state: str = Field(description="room, full, closed")
    figures: Numbers


class PlaceOut(Schema):
    place: str
    name: str
    figures: Numbers


class RollOut(Schema):
    place: str
    over: bool = Field(description="the all-clear was given")
    figures: Numbers
    shelters: list[OpenOut]
    places: list[PlaceOut]


class MissingOut(Schema):
    stay: int
    name: str = Field(description="masked")
    place: str
    door: str
    heads: int
    vulnerable: bool
    state: str
    opening: int | None


class OrderIn(Schema):
    place: str = Field(description="the village or grid whose people must go")
    opening: Key
    household: Key | None = Field(None, description="only this door of the place")
    site: Key | None = Field(None, description="only this special site of the place")
    heads: int = Field(0, ge=0, le=10_000, description="people of the special site")
    route: Words = ""


class ChangeIn(Schema):
    opening: Key
    reason: Reason
    route: Words = ""


class ReasonIn(Schema):
    reason: Reason


class OrderOut(Schema):
    id: int
    place: str = Field(alias="place_id")
    household: int | None = Field(None, alias="household_id")
    site: int | None = Field(None, alias="site_id")
    opening: int = Field(alias="opening_id")
    people: int
    route: str
    state: str
    reason: str
    after: int | None = Field(None, alias="after_id")
    at: datetime


class ElsewhereIn(Schema):
    key: UUID = Field(description="the same key again changes nothing")
    stays: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(min_length=1, max_length=200)
    where: str = Field(description=", ".join(moves.KNOWN))
    at: datetime | None = None


class EnteredOut(Schema):
    entered: int
    notes: list[str]


class OpenIn(Schema):
    shelter: Key


class CloseIn(Schema):
    home: bool = Field(False, description="whoever is still there has gone home, after the all-clear")


def _seen(request: HttpRequest, code: str, place: str, perm: Perm = Perm.SHELTER_READ) -> tuple[AlertEvent, Place]:
    event, found = sight.seen(actor(request), code.replace("\0", ""), place.replace("\0", "")[:15], perm)
    return incident.root(event), found


def _open_out(one: roll.Room) -> dict[str, Any]:
    opening = one.opening
    return {
        "opening": opening.pk,
        "shelter": opening.shelter_id,
        "name": opening.shelter.name,
        "place": opening.shelter.place_id,
        "places": opening.places,
        "held": opening.held,
        "free": opening.free,
        "state": one.state,
        "figures": one.figures.as_dict(),
    }


@router.get("/alerts/{code}/shelters", response=RollOut, summary="Who is listed, there, elsewhere and missing")
def get_roll(request: HttpRequest, code: str, place: str = "") -> dict[str, Any]:
    first, found = _seen(request, code, place)
    rows = roll.children(first, found.code) if found.level < Level.GRID else []
    return {
        "place": found.code,
        "over": incident.in_force(first) is None,
        "figures": roll.of(first, found.code).as_dict(),
        "shelters": [_open_out(one) for one in roll.rooms(first, found.code)],
        "places": [{"place": row.code, "name": row.name, "figures": row.figures.as_dict()} for row in rows],
    }


@router.get("/alerts/{code}/missing", response=list[MissingOut], summary="Who is missing, the vulnerable first, masked")
def get_missing(request: HttpRequest, code: str, place: str = "", skip: int = 0) -> list[dict[str, Any]]:
    first, found = _seen(request, code, place, Perm.HOUSEHOLD_READ)
    start = max(0, min(skip, 1_000_000))
    return [_missing(stay) for stay in roll.missing(first, found.code)[start : start + LISTED]]


def _missing(stay: Stay) -> dict[str, Any]:
    return {
        "stay": stay.pk,
        "name": moves.called(stay),
        "place": stay.place,
        "door": stay.household.number if stay.household else "",
        "heads": stay.heads - stay.came,
        "vulnerable": stay.vulnerable,
        "state": stay.state,
        "opening": stay.opening_id,
    }


@router.post("/alerts/{code}/shelters", response=OpenOut, summary="Open a shelter for a warning in force")
def open_shelter(request: HttpRequest, code: str, body: OpenIn) -> dict[str, Any]:
    shelter = register.shelter(actor(request), body.shelter, Perm.SHELTER_ORDER)
    first, _found = _seen(request, code, shelter.place_id, Perm.SHELTER_ORDER)
    return _open_out(_room(rooms.open_shelter(me(request), first, shelter)))


def _room(opening: Opening) -> roll.Room:
    return roll.Room(opening, roll.by_opening(opening))


@router.post("/alerts/{code}/transfers", response={201: OrderOut}, summary="Order people to an open shelter")
def give_order(request: HttpRequest, code: str, body: OrderIn) -> Status[Any]:
    first, place = _seen(request, code, body.place, Perm.SHELTER_ORDER)
    if place.level < Level.VILLAGE:
        raise Refusal(_("Order one village after the other."), fields={"place": _("Name a village or grid.")})
    opening = room.opening(actor(request), body.opening, Perm.SHELTER_ORDER)
    _same(first, opening)
    household = scope.household(actor(request), body.household) if body.household else None
    site = org.site(actor(request), body.site) if body.site else None
    for one in (household, site):
        if one is not None and not one.place_id.startswith(place.code):
            raise Refusal(_("It does not stand in this place."), _("Name the village or grid it stands in."))
    source = orders.Source(place, household, site if isinstance(site, SpecialSite) else None, body.heads)
    return Status(201, orders.give(me(request), first, source, opening, route=body.route))


def _same(first: AlertEvent, opening: Opening) -> None:
    if opening.incident_id != first.pk:
        raise Refusal(_("This shelter is open for another warning."), _("Open it for this one first."))


@router.post("/transfers/{int:pk}/change", response=OrderOut, summary="Send those who have not come to another shelter")
def change_order(request: HttpRequest, pk: int, body: ChangeIn) -> Order:
    order = order_of(actor(request), pk, Perm.SHELTER_ORDER)
    opening = room.opening(actor(request), body.opening, Perm.SHELTER_ORDER)
    _same(order.incident, opening)
    return orders.change(me(request), order, opening, reason=body.reason, route=body.route)


@router.post("/transfers/{int:pk}/withdraw", response=OrderOut, summary="They need not go")
def withdraw_order(request: HttpRequest, pk: int, body: ReasonIn) -> Order:
    return orders.withdraw(me(request), order_of(actor(request), pk, Perm.SHELTER_ORDER), reason=body.reason)


@router.post("/alerts/{code}/elsewhere", response=EnteredOut, summary="People are with relatives, in a hotel …")
def enter_elsewhere(request: HttpRequest, code: str, body: ElsewhereIn, place: str = "") -> dict[str, Any]:
    first, found = _seen(request, code, place, Perm.ALERT_RECEIPT)
    if body.where not in Where.values:
        raise Refusal(_("Say where they are."), fields={"where": ", ".join(moves.KNOWN)})
    inside = list(roll.stays(first, found.code).filter(pk__in=body.stays).values_list("pk", flat=True))
    if len(inside) != len(set(body.stays)):
        raise Refusal(_("Somebody of these is not in this warning's list."), _("Load the list again."))
    act = moves.elsewhere(me(request), first, inside, where=body.where, key=body.key, at=body.at)
    return {"entered": len(act.moved), "notes": act.notes}


@router.post("/shelters/desks/{int:pk}/close", response=OpenOut, summary="Close a shelter that is empty")
def close_desk(request: HttpRequest, pk: int, body: CloseIn) -> dict[str, Any]:
    opening = room.opening(actor(request), max(1, min(pk, LARGEST)), Perm.SHELTER_KEEP)
    return _open_out(_room(closing.close(me(request), opening, home=body.home)))
