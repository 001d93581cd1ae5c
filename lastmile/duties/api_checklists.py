"""Checklists: written, handed out, filled in and counted, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import StringConstraints, WithJsonSchema

from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.community.org.models import Level, Post
from lastmile.duties import hazards
from lastmile.duties.actions import checklists as verbs
from lastmile.duties.api_departments import PostOut, Short
from lastmile.duties.models.checklist import Checklist, Round, Sheet
from lastmile.duties.queries import checklists as queries
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

router = Router(tags=["duties"])
MOST_LISTED = 500
SHOWN = 10  # rounds of one checklist
LEVELS = {level.name.lower(): level for level in Level}
At = Literal["city", "county", "township", "village", "grid"]

# written out where it stands: as a component it would be called Kind, as that of contacts is
PostKind = Annotated[Post.Kind, WithJsonSchema({"enum": Post.Kind.values, "type": "string"})]


class ChecklistIn(Schema):
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
    ]
    items: list[Short] = Field(max_length=100, description="at most 30 sentences")
    level: At = Field(description="at which the posts sit")
    kind: PostKind
    trigger: Literal["recurrence", "warning", "hand"]
    rule: Short = Field("", description="RRULE with an UNTIL within three years, for recurrence")
    first_day: date | None = None
    on_holiday: Literal["same", "next", "skip"] = "same"
    hazards: list[Short] = Field([], max_length=50, description="of warnings; none: every hazard")
    colour: int = Field(4, ge=1, le=4, description="1 red … 4 blue: this one and every higher")
    hours: int = Field(72, ge=1, le=2400, description="to do it")
    danger: int = Field(1, ge=0, le=4)
    basis: Short = ""


class ChecklistOut(Schema):
    id: int
    place: str
    name: str
    items: list[str]
    level: At
    kind: str
    trigger: str
    rule: str
    first_day: date | None
    on_holiday: str
    hazards: list[str]
    colour: int
    hours: int
    danger: int
    basis: str
    next_at: datetime | None
    closed_on: date | None


class Progress(Schema):
    place: str = Field(alias="part")
    name: str
    sheets: int
    finished: int
    problems: int


class RoundOut(Schema):
    id: int
    key: str
    why: str
    opened_at: datetime
    due_at: datetime
    handed_out_at: datetime | None
    by_place: list[Progress]


class ItemOut(Schema):
    number: int
    text: str
    state: str | None = Field(description="done, not_applicable, problem; null: not looked at yet")
    note: str


class SheetOut(Schema):
    id: int
    name: str
    post: PostOut
    due_at: datetime
    closed_at: datetime | None
    mine: bool = Field(description="whether the caller may fill it in")
    items: list[ItemOut]


class MarkIn(Schema):
    item: int = Field(ge=0, le=100)
    state: Literal["done", "not_applicable", "problem"]
    note: Short = Field("", description="what the problem is; no names, no phone numbers")


NAMES = (
    *("id", "name", "items", "kind", "trigger", "rule", "first_day", "on_holiday", "hazards", "colour", "hours"),
    *("danger", "basis", "next_at", "closed_on"),
)


def _out(row: Checklist) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in NAMES}
    return facts | {"place": row.place_id, "level": Level(row.level).name.lower()}


def _facts(body: ChecklistIn) -> dict[str, Any]:
    known = {name for name, _label in hazards.choices()}
    if unknown := [name for name in body.hazards if name not in known]:
        raise verbs.no_hazard(unknown[0])
    return body.dict() | {"level": LEVELS[body.level]}


@router.get("/checklists", response=list[ChecklistOut], summary="The checklists of the area")
def checklists(request: HttpRequest, limit: int = 100) -> list[dict[str, Any]]:
    rows = queries.checklists(actor(request)).order_by("name", "pk")
    return [_out(row) for row in rows[: max(1, min(limit, MOST_LISTED))]]


@router.post("/places/{code}/checklists", response=ChecklistOut, summary="Write a checklist for a place and below")
def create_checklist(request: HttpRequest, code: str, body: ChecklistIn) -> dict[str, Any]:
    place = org.place(actor(request), code, Perm.CHECKLIST_EDIT)
    return _out(verbs.save_checklist(Checklist(place=place), by=actor(request), **_facts(body)))


@router.get("/checklists/{int:pk}", response=ChecklistOut, summary="A checklist")
def checklist(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _out(queries.checklist(actor(request), pk))


@router.put("/checklists/{int:pk}", response=ChecklistOut, summary="Change it; what was handed out stays as it was")
def edit_checklist(request: HttpRequest, pk: int, body: ChecklistIn) -> dict[str, Any]:
    row = queries.checklist(actor(request), pk, Perm.CHECKLIST_EDIT)
    return _out(verbs.save_checklist(row, by=actor(request), **_facts(body)))


@router.get("/checklists/{int:pk}/rounds", response=list[RoundOut], summary="Its last rounds, counted by place")
def rounds(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    row = queries.checklist(actor(request), pk)
    length = queries.length_below(row.place_id)
    return [_round(one, length) for one in row.rounds.all()[:SHOWN]]


def _round(one: Round, length: int) -> dict[str, Any]:
    names = ("id", "key", "why", "opened_at", "due_at", "handed_out_at")
    return {name: getattr(one, name) for name in names} | {"by_place": queries.progress(one, length)}


@router.post("/checklists/{int:pk}/open", response=RoundOut, summary="Let it come round once more, now")
def open_checklist(request: HttpRequest, pk: int) -> dict[str, Any]:
    row = queries.checklist(actor(request), pk, Perm.CHECKLIST_EDIT)
    return _round(verbs.open_by_hand(row, by=actor(request)), queries.length_below(row.place_id))


@router.post("/checklists/{int:pk}/close", response=ChecklistOut, summary="It comes round no more")
def close_checklist(request: HttpRequest, pk: int) -> dict[str, Any]:
    row = queries.checklist(actor(request), pk, Perm.CHECKLIST_EDIT)
    verbs.close_checklist(row, by=actor(request))
    return _out(queries.checklist(actor(request), pk))


def _sheet(row: Sheet, mine: bool) -> dict[str, Any]:  # a column
    items = [
        {"number": i.number, "text": i.text, "state": i.mark and i.mark.state, "note": i.mark.note if i.mark else ""}
        for i in queries.items(row)
    ]
    facts = {"id": row.pk, "name": row.round.checklist.name, "post": row.post, "due_at": row.round.due_at}
    return facts | {"closed_at": row.closed_at, "mine": mine, "items": items}


@router.get("/checklists/sheets/{int:pk}", response=SheetOut, summary="A post's copy, with what was found")
def sheet(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _sheet(*queries.sheet(me(request), pk))


@router.post("/checklists/sheets/{int:pk}/marks", response=SheetOut, summary="What was found at an item")
def mark(request: HttpRequest, pk: int, body: MarkIn) -> dict[str, Any]:
    verbs.mark(me(request), queries.to_fill_in(me(request), pk), body.item, body.state, note=body.note)
    return _sheet(*queries.sheet(me(request), pk))


@router.post("/checklists/sheets/{int:pk}/rest", response=SheetOut, summary="Everything not marked yet is in order")
def mark_rest(request: HttpRequest, pk: int) -> dict[str, Any]:
    verbs.mark_rest(me(request), queries.to_fill_in(me(request), pk))
    return _sheet(*queries.sheet(me(request), pk))
