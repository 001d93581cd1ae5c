"""The dictionary, facts, requests and the burden ledger, for programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from lastmile.community.org.models import Level, Post, SpecialSite
from lastmile.facts import dictionary
from lastmile.facts.actions import answer as answers
from lastmile.facts.actions import define as defines
from lastmile.facts.actions import request as requests
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.models import Ask, FieldType, Request, Subject, Via
from lastmile.facts.queries import burden, scope, sheet, table
from lastmile.facts.queries.questions import waiting_asks
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

router = Router(tags=["facts"])

MOST_LISTED = 500
CLEAN = r"^[^\x00-\x1f]*$"
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=CLEAN)]
Name = Annotated[str, StringConstraints(max_length=60, pattern=CLEAN)]
Code = Annotated[str, StringConstraints(max_length=15, pattern=r"^\d*$")]
OWNERS = "^(" + "|".join(kind.value for kind in Post.Kind if kind != Post.Kind.SITE) + ")$"
Number = Annotated[int, Field(ge=1, le=2_000_000_000)]


class FieldOut(Schema):
    name: str
    label: str
    unit: str
    type: str
    choices: list[str]
    subject: str
    level: int | None = Field(description="of the places it is entered at; null for what the system counts")
    derived: bool
    owner: str
    department: str
    validity_days: int

    @staticmethod
    def of(one: dictionary.Field) -> FieldOut:
        return FieldOut(
            name=one.name,
            label=str(one.label),
            unit=str(one.unit),
            type=str(one.type),
            choices=list(one.choices),
            subject=str(one.subject),
            level=None if one.is_derived else int(one.level),
            derived=one.is_derived,
            owner=str(one.owner),
            department=one.department,
            validity_days=one.validity.days,
        )


class FieldIn(Schema):
    place: Code = Field(description="the unit that defines it")
    label: Short
    type: FieldType
    unit: Annotated[str, StringConstraints(max_length=20, pattern=CLEAN)] = ""
    choices: list[Short] = Field(default_factory=list, max_length=20)
    subject: Subject = Subject.PLACE
    level: Level = Level.VILLAGE
    owner: Annotated[
        str, StringConstraints(pattern=r"^(leader|duty|flood|information|grid_worker|first_responder|other)$")
    ]
    department: Annotated[str, StringConstraints(max_length=100, pattern=CLEAN)] = ""
    source: Annotated[str, StringConstraints(max_length=100, pattern=CLEAN)] = ""
    validity_days: Annotated[int, Field(ge=1, le=3650)] = 365


class FactOut(Schema):
    field: str
    value: str | None
    as_of: date | None
    age_days: int | None
    state: str = Field(description="fresh, old, missing or counted")
    source: str

    @staticmethod
    def of(line: sheet.Line) -> FactOut:
        known = line.known
        return FactOut(
            field=line.field.name,
            value=known.value if known else None,
            as_of=known.as_of if known else None,
            age_days=known.days if known else None,
            state=line.state,
            source=known.source if known else "",
        )


class FactIn(Schema):
    field: Name
    value: Annotated[str, StringConstraints(max_length=500, pattern=CLEAN)]
    site: Number | None = None
    as_of: date | None = None
    source: Short = ""


class Facts(Schema):
    facts: list[FactIn] = Field(min_length=1, max_length=500)


class RequestIn(Schema):
    place: Code = Field(description="the unit that asks")
    title: Short
    basis: Short
    reason: Short
    department: Annotated[str, StringConstraints(max_length=100, pattern=CLEAN)] = ""
    fields: list[Name] = Field(min_length=1, max_length=30)
    under: list[Code] = Field(default_factory=list, max_length=500, description="empty means the whole unit")
    subject: Subject = Subject.PLACE
    level: Level = Level.VILLAGE
    due_at: AwareDatetime


class PlanOut(Schema):
    known: int
    repeated: int
    joined: int
    asked: int
    minutes: float


class RequestOut(Schema):
    id: int
    title: str
    by: str
    state: str = Field(description="refused means: nothing had to be asked, the table is the answer")
    due_at: datetime
    known: int
    repeated: int
    joined: int
    asked: int
    minutes: float


class CellOut(Schema):
    field: str
    value: str
    as_of: date | None
    state: str
    words: str


class LineOut(Schema):
    place: str
    site: int | None
    household: int | None
    name: str
    cells: list[CellOut]


class RequestTable(RequestOut):
    lines: list[LineOut]


class QuestionOut(Schema):
    cell: int
    field: str
    site: int | None
    household: int | None


class AskOut(Schema):
    id: int
    request: int = Field(alias="request_id")
    title: str
    place: str
    due_at: datetime
    questions: list[QuestionOut]

    @staticmethod
    def resolve_title(ask: Ask) -> str:
        return ask.request.title

    @staticmethod
    def resolve_due_at(ask: Ask) -> datetime:
        return ask.request.due_at

    @staticmethod
    def resolve_questions(ask: Ask) -> list[dict[str, Any]]:
        return [
            {"cell": one.pk, "field": one.field, "site": one.site_id, "household": one.home_id}
            for one in answers.waiting(ask)
        ]


class AnswerIn(Schema):
    cell: int
    value: Annotated[str, StringConstraints(max_length=500, pattern=CLEAN)] = ""
    cannot_say: Short = Field("", description="why, when there is no value")


class Answers(Schema):
    answers: list[AnswerIn] = Field(min_length=1, max_length=500)


class Left(Schema):
    left: int


@router.get("/facts/fields", response=list[FieldOut], summary="The dictionary of fields")
def list_fields(request: HttpRequest) -> list[FieldOut]:
    """Everything that has a definition; what is here need not be asked again."""
    return [FieldOut.of(one) for one in dictionary.fields()]


@router.post("/facts/fields", response={201: FieldOut}, summary="Define a field")
def define_field(request: HttpRequest, body: FieldIn) -> Status[FieldOut]:
    """Define a field. 409 when the dictionary has it already, under whatever spelling."""
    who = actor(request)
    unit = scope.place(who, body.place, Perm.FACT_DEFINE)
    made = defines.define(who, unit, **body.dict(exclude={"place"}))
    return Status(201, FieldOut.of(dictionary.of(made)))


@router.get("/facts/places/{code}", response=list[FactOut], summary="Facts of a place, with age and source")
def list_place_facts(request: HttpRequest, code: Code) -> list[FactOut]:
    """Every fact of one place with its age and source."""
    return [FactOut.of(line) for line in sheet.lines(scope.place(actor(request), code))]


@router.get("/facts/sites/{pk}", response=list[FactOut], summary="Facts of a special site")
def list_site_facts(request: HttpRequest, pk: Number) -> list[FactOut]:
    site = scope.site(actor(request), pk)
    return [FactOut.of(line) for line in sheet.lines(site)]


@router.get("/facts/households/{pk}", response=list[FactOut], summary="Facts of a household")
def list_household_facts(request: HttpRequest, pk: Number) -> list[FactOut]:
    """Personal parts are only said to be there: a program reads them at the household itself, masked."""
    return [FactOut.of(line) for line in sheet.lines(scope.home(actor(request), pk))]


@router.post("/facts/households/{pk}", response={201: Left}, summary="Enter facts of a household")
def enter_household_facts(request: HttpRequest, pk: Number, body: Facts) -> Status[dict[str, int]]:
    """Append facts of one household: all or none."""
    who = actor(request)
    home = scope.home(who, pk)
    said = [
        Said(
            dictionary.field(one.field),
            home.place_id,
            None,
            one.value,
            one.as_of,
            one.source,
            at=f"facts.{index}",
            home=pk,
        )
        for index, one in enumerate(body.facts)
    ]
    enter(who, said, Via.API)
    return Status(201, {"left": waiting_asks(who).filter(place=home.place_id).count()})


@router.post("/facts/places/{code}", response={201: Left}, summary="Enter facts of a place and its sites")
def enter_facts(request: HttpRequest, code: Code, body: Facts) -> Status[dict[str, int]]:
    """Append facts of a place and its sites: all or none. Open questions they answer are closed; `left` are not."""
    who = actor(request)
    place = scope.place(who, code, Perm.FACT_ENTER)
    sites = {one.site for one in body.facts if one.site is not None}
    if sites - set(SpecialSite.objects.filter(pk__in=sites, place=place).values_list("pk", flat=True)):
        raise Refusal(_("A special site is not at this place."), _("Name the place at which the site stands."))
    said = [
        Said(dictionary.field(one.field), place.code, one.site, one.value, one.as_of, one.source, at=f"facts.{index}")
        for index, one in enumerate(body.facts)
    ]
    enter(who, said, Via.API)
    return Status(201, {"left": waiting_asks(who).filter(place=place.code).count()})


def _wish(request: HttpRequest, body: RequestIn) -> requests.Wish:
    unit = scope.place(actor(request), body.place, Perm.FACT_REQUEST)
    given = body.dict(exclude={"place", "fields", "under"})
    return requests.Wish(**given, place=unit, fields=dictionary.named(body.fields), under=body.under or [unit.code])


@router.post("/facts/requests/plan", response=PlanOut, summary="What a request would cost the communities")
def plan_request(request: HttpRequest, body: RequestIn) -> dict[str, Any]:
    """What a request would cost, without registering it."""
    made = requests.planned(actor(request), _wish(request, body))
    counts = {state: made.count(state) for state in ("known", "repeated", "joined", "asked")}
    return counts | {"minutes": made.minutes}


@router.post("/facts/requests", response={201: RequestOut}, summary="Register a request")
def register_request(request: HttpRequest, body: RequestIn) -> Status[Request]:
    """Register a request. Only what nobody has told yet is asked; the rest is in its table at once."""
    return Status(201, requests.register(actor(request), _wish(request, body)))


@router.get("/facts/requests", response=list[RequestOut], summary="Requests of the area, the latest first")
def list_requests(request: HttpRequest, limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50) -> list[Request]:
    """Requests of the area and those that ask something of it, the latest first."""
    return list(scope.requests(actor(request))[:limit])


@router.get("/facts/requests/{pk}", response=RequestTable, summary="One request with its table")
def show_request(request: HttpRequest, pk: Number) -> dict[str, Any]:
    """One request with its table, cut to the asker's area."""
    who = actor(request)
    found = scope.request(who, pk)
    names = [one["name"] for one in found.fields]
    rows = table.lines(found, who)
    table.fill(found, rows)
    lines = [
        {
            "place": line.place,
            "site": line.site,
            "household": line.home,
            "name": line.name,
            "cells": [
                {"field": name, "value": c.value, "as_of": c.as_of, "state": c.state, "words": c.words}
                for name, c in zip(names, line.cells, strict=True)
                if c is not None
            ],
        }
        for line in rows
    ]
    return {**RequestOut.from_orm(found).dict(), "lines": lines}


@router.post("/facts/requests/{pk}/withdraw", response=RequestOut, summary="Withdraw a request")
def withdraw_request(request: HttpRequest, pk: Number) -> Request:
    """Ask no more. What another request waits for too is still asked."""
    requests.withdraw(actor(request), scope.own_request(actor(request), pk))
    return scope.request(actor(request), pk)


@router.get("/facts/asks", response=list[AskOut], summary="Questions that wait for an answer")
def list_asks(request: HttpRequest) -> list[Ask]:
    """What waits for an answer where the asker enters facts, the most pressing first."""
    return list(waiting_asks(actor(request))[:MOST_LISTED])


@router.post("/facts/asks/{pk}/answers", response=Left, summary="Answer some or all of a question list")
def answer_ask(request: HttpRequest, pk: Number, body: Answers) -> dict[str, int]:
    """Answer some or all of it: all is checked before any is kept. Returns how many are left."""
    who = actor(request)
    typed: dict[str, str] = {}
    for one in body.answers:
        typed[f"c{one.cell}"] = one.value
        typed[f"{answers.CANNOT}c{one.cell}"] = one.cannot_say
    return {"left": answers.answer(who, scope.ask(who, pk, Perm.FACT_ENTER), typed, Via.API)}


@router.get(
    "/facts/burden", response=list[burden.BurdenLine], summary="The public ledger of who asked how much of whom"
)
def show_burden(
    request: HttpRequest, place: Code = "", weeks: Annotated[int, Query(ge=1, le=104)] = burden.WEEKS
) -> list[burden.BurdenLine]:
    """The public ledger: what each unit asked of each community, week by week. For every role."""
    return burden.ledger(place, weeks=weeks)
