"""The to-do for programs and for phones that were without a network."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lastmile.community.accounts.queries import me
from lastmile.duties import actions, queries
from lastmile.duties.models import Obligation
from lastmile.duties.queries.words import line, why
from lastmile.duties.sync import Tap, enter, require_tap
from lastmile.kernel.doors import actor
from lastmile.kernel.offline import Result
from lastmile.kernel.permissions import Perm, require

router = Router(tags=["duties"])

MOST_LISTED = 500
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Item(Schema):
    id: int
    kind: str
    kind_label: str
    title: str
    place: str = Field(alias="place_id")
    place_name: str
    longitude: float | None
    latitude: float | None
    danger: int = Field(description="0 office work … 4 people can be hurt now")
    due_at: datetime
    state: str
    basis: str
    post: int | None = Field(None, alias="post_id")
    why: str = Field(description="in what capacity it is on the list")
    tap: bool = Field(description="whether one tap closes it; otherwise it is done at `url`")
    url: str | None
    delegated_until: datetime | None
    snoozed_until: datetime | None


class Items(Schema):
    items: list[Item]
    more: bool


class TapIn(Schema):
    key: UUID = Field(description="made where it was tapped; the same key again changes nothing")
    id: int = Field(ge=1, le=2**62)
    act: Literal["done", "not-applicable", "problem", "accept", "undo"]
    at: datetime | None = Field(None, description="when it was tapped")
    words: Words = ""


class Taps(Schema):
    taps: list[TapIn] = Field(max_length=200)


class TapOut(Schema):
    key: UUID
    ok: bool
    says: str = ""
    mend: str = ""


class Results(Schema):
    results: list[TapOut]


class Act(Schema):
    key: UUID | None = None
    at: datetime | None = None
    words: Words = ""


class Count(Schema):
    place: str = Field(alias="part")
    kind: str
    cause: str
    open: int
    late: int


PLAIN = (
    *("id", "kind", "title", "place_id", "longitude", "latitude", "danger", "due_at", "state", "basis", "post_id"),
    *("delegated_until", "snoozed_until"),
)


def _item(row: Obligation, worn: queries.Hats) -> dict[str, Any]:
    shown = line(row, worn)
    return {name: getattr(row, name) for name in PLAIN} | {
        "kind_label": str(shown.kind.label),
        "place_name": row.place.name,
        "why": why(row, worn),
        "tap": shown.tap,
        "url": shown.url,
    }


@router.get("/todo", response=Items, operation_id="todo_list", url_name="todo_list", summary="What I owe, danger first")
def todo(request: HttpRequest, later: bool = False) -> dict[str, Any]:
    user = me(request)
    worn = queries.hats(user)
    rows = queries.todo(user, worn)
    rows = rows.filter(queries.waits(worn)) if later else rows.exclude(queries.waits(worn))
    found = list(rows[: MOST_LISTED + 1])
    return {"items": [_item(row, worn) for row in found[:MOST_LISTED]], "more": len(found) > MOST_LISTED}


@router.post("/todo/sync", response=Results, url_name="todo_sync", summary="Enter taps made without a network")
def sync(request: HttpRequest, body: Taps) -> dict[str, list[Result]]:
    user = me(request)
    return {"results": [enter(user, Tap(**one.dict())) for one in body.taps]}


@router.get("/todo/counts", response=list[Count], summary="Open and late obligations by place, kind and cause")
def counted(request: HttpRequest, place: str = "") -> list[dict[str, Any]]:
    who = actor(request)
    require(who, Perm.DUTY_READ, place or min(who.scopes(Perm.DUTY_READ), key=len, default=""))
    length = next((size for size in (4, 6, 9, 12, 15) if size > len(place)), 15)
    return queries.counts(queries.in_area(who, place[:15]), length)


@router.get("/todo/{pk}", response=Item, summary="One item of my list")
def one(request: HttpRequest, pk: int) -> dict[str, Any]:
    user = me(request)
    return _item(queries.mine(user, pk), queries.hats(user))


@router.post("/todo/{pk}/done", response=Item, summary="It is done")
def done(request: HttpRequest, pk: int, body: Act) -> dict[str, Any]:
    owed = queries.mine(me(request), pk)
    require_tap(owed)
    return _item(actions.done(me(request), owed, at=body.at, words=body.words, key=body.key), queries.hats(me(request)))


@router.post("/todo/{pk}/not-applicable", response=Item, summary="It does not apply, and why")
def not_applicable(request: HttpRequest, pk: int, body: Act) -> dict[str, Any]:
    owed = queries.mine(me(request), pk)
    require_tap(owed)
    actions.not_applicable(me(request), owed, words=body.words, at=body.at, key=body.key)
    return _item(owed, queries.hats(me(request)))


@router.post("/todo/{pk}/problem", response=Item, summary="A problem was found; answers with the new item")
def problem(request: HttpRequest, pk: int, body: Act) -> dict[str, Any]:
    owed = queries.mine(me(request), pk)
    require_tap(owed)
    opened = actions.problem(me(request), owed, body.words, at=body.at, key=body.key)
    return _item(opened, queries.hats(me(request)))


@router.post("/todo/{pk}/accept", response=Item, summary="I take it on")
def accept(request: HttpRequest, pk: int, body: Act) -> dict[str, Any]:
    owed = queries.mine(me(request), pk)
    actions.accept(me(request), owed, at=body.at, key=body.key)
    return _item(owed, queries.hats(me(request)))


@router.post("/todo/{pk}/undo", response=Item, summary="Take back what was closed within a day")
def undo(request: HttpRequest, pk: int, body: Act) -> dict[str, Any]:
    owed = queries.mine(me(request), pk)
    return _item(actions.undo(me(request), owed, key=body.key), queries.hats(me(request)))
