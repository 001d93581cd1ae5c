"""Chat groups for programs: list, add, change, switch, try out, end. Addresses and secrets never go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting import desk
from lastmile.alerting.chat import keeping, troubles
from lastmile.alerting.models import ChatGroup
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.kernel.permissions import Perm

router = Router(tags=["channels"])
Text = Annotated[str, Field(max_length=500)]


class GroupIn(Schema):
    """`audience`: staff or residents; `colour`: the mildest that is told, 1 red to 4 blue; `language` of the cards: zh
    or en. The app is known by the address; an address, secret or language that is left out of a change stays."""

    name: Text
    audience: Annotated[str, Field(max_length=20)]
    address: Text = ""
    secret: Text = ""
    colour: int = 4
    exercises: bool = False
    language: Annotated[str, Field(max_length=5)] = ""


class NewGroup(GroupIn):
    place: Annotated[str, Field(pattern=r"^\d{4,15}$")]
    address: Text


class GroupOut(Schema):
    """`ends`: the last characters of the robot's key. `light`: green, yellow, red or secondary, said in `says`."""

    id: int
    place: str
    name: str
    kind: str
    audience: str
    colour: int
    exercises: bool
    language: str
    ends: str
    enabled: bool
    tested_at: datetime | None
    asked_at: datetime | None
    good_at: datetime | None
    failed_at: datetime | None
    light: str
    says: str


class OnOff(Schema):
    enabled: bool


class Tried(Schema):
    outcome: str
    says: str


def _shown(one: ChatGroup) -> dict[str, Any]:
    names = "name kind audience colour exercises language ends enabled tested_at asked_at good_at failed_at".split()
    shown = {name: getattr(one, name) for name in names} | {"id": one.pk, "place": one.place_id}
    return shown | troubles.light(one)._asdict()


def _got(request: HttpRequest, number: int) -> ChatGroup:
    holding(me(request), Perm.CHAT_EDIT)
    return keeping.get(me(request), number)


@router.get("/chat-groups", response=list[GroupOut], summary="Chat groups of the area")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    holding(me(request), Perm.CHAT_EDIT)
    return [_shown(one) for one in keeping.seen(me(request))[:2000]]


@router.post("/chat-groups", response={201: GroupOut}, summary="Add the robot of a group")
def add(request: HttpRequest, wanted: NewGroup) -> Status[dict[str, Any]]:
    holding(me(request), Perm.CHAT_EDIT)
    place = keeping.place_of(me(request), wanted.place)
    return Status(201, _shown(keeping.add(me(request), place, wanted.dict())))


@router.put("/chat-groups/{number}", response=GroupOut, summary="Change a group")
def change(request: HttpRequest, number: int, wanted: GroupIn) -> dict[str, Any]:
    keeping.change(me(request), _got(request, number), wanted.dict())
    return _shown(_got(request, number))


@router.post("/chat-groups/{number}/switch", response=GroupOut, summary="Switch a group on or off")
def switch(request: HttpRequest, number: int, wanted: OnOff) -> dict[str, Any]:
    keeping.switch(me(request), _got(request, number), on=wanted.enabled)
    return _shown(_got(request, number))


@router.post("/chat-groups/{number}/test", response=Tried, summary="Post a card that says it is a test")
def test(request: HttpRequest, number: int) -> dict[str, str]:
    """A card that says it is a test, posted into the group."""
    outcome = keeping.test(me(request), _got(request, number))
    return {"outcome": outcome.what.value, "says": desk.outcome_says(outcome)[1]}


@router.delete("/chat-groups/{number}", response={204: None}, summary="End a group and destroy its address")
def end(request: HttpRequest, number: int) -> Status[None]:
    """Its address is destroyed with it."""
    keeping.end(me(request), _got(request, number))
    return Status(204, None)
