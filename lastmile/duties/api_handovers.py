"""The handover of a post from one holder to the next, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.duties.actions import handover as verbs
from lastmile.duties.api_departments import PostOut, Short, Words
from lastmile.duties.models.handover import Handover
from lastmile.duties.queries import departments as queries
from lastmile.duties.queries.responsibilities import in_force
from lastmile.kernel.doors import actor

router = Router(tags=["duties"])
MOST_LISTED = 500


class Thing(Schema):
    what: Short = Field(min_length=1)
    taken: bool = False


class ThingsIn(Schema):
    things: list[Thing] = Field(max_length=30, description="keys, papers, lists, who keeps the group chat")
    note: Words = ""


class Open(Schema):
    id: int
    title: str
    due_at: datetime
    state: str


class HandoverOut(Schema):
    id: int
    post: PostOut
    opened_at: datetime
    has_successor: bool
    moved: int = Field(description="what the last holder owed in person, and that went to the post")
    things: list[Thing]
    note: str
    confirmed_at: datetime | None
    work: list[Open] = Field(description="open on the post, the most dangerous first; at most 500")
    duties: list[str] = Field(description="the lines of the post's responsibility list")


def _out(row: Handover) -> dict[str, Any]:
    held = in_force(row.post)
    names = ("id", "post", "opened_at", "moved", "things", "note", "confirmed_at")
    return {name: getattr(row, name) for name in names} | {
        "has_successor": row.after_id is not None,
        "work": list(queries.handed_over(row)[:MOST_LISTED]),
        "duties": [line["duty"] for line in held.lines] if held else [],
    }


@router.get("/posts/{int:pk}/handovers", response=list[HandoverOut], summary="The last times a post changed hands")
def handovers(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    rows = queries.handovers(org.post(actor(request), pk))
    return [_out(row) for row in rows]


@router.get("/duties/handovers/{int:pk}", response=HandoverOut, summary="A handover: work, duties, keys, confirmation")
def handover(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _out(queries.handover(me(request), pk)[0])


@router.put("/duties/handovers/{int:pk}/things", response=HandoverOut, summary="Write down keys, papers and lists")
def things(request: HttpRequest, pk: int, body: ThingsIn) -> dict[str, Any]:
    row = queries.to_write(me(request), pk)
    verbs.write_things(row, [one.dict() for one in body.things], body.note)
    return _out(queries.handover(me(request), pk)[0])


@router.post("/duties/handovers/{int:pk}/confirm", response=HandoverOut, summary="I have everything, as the new holder")
def confirm(request: HttpRequest, pk: int) -> dict[str, Any]:
    verbs.confirm(me(request), queries.to_write(me(request), pk))
    return _out(queries.handover(me(request), pk)[0])
