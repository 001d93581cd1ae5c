"""Warnings for programs: the same verbs, permissions and sentences as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from lastmile.alerting import drafting, lifecycle, lint, notes, queries, texts
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Alert, AlertEvent, Kind, LocalNote, State
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

router = Router(tags=["alerts"])

NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
Line = Annotated[str, StringConstraints(max_length=200, pattern=NO_CONTROL)]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=NO_CONTROL)]
Reason = Annotated[str, StringConstraints(max_length=500, pattern=NO_CONTROL)]


class AudienceIn(Schema):
    places: list[str] = Field([], max_length=5000)
    polygons: list[dict[str, Any]] = Field([], max_length=200, description="GeoJSON Polygons in WGS84")
    circles: list[list[float]] = Field([], max_length=100, description="longitude, latitude, kilometres")
    groups: list[str] = Field(["residents", "responsible", "sites"], max_length=3)


class English(Schema):
    headline: Line = ""
    description: Text = ""
    instruction: Text = ""


class Content(Schema):
    """Fields of a draft; what is left out stays as it is."""

    hazard: Hazard | None = None
    colour: Colour | None = Field(None, description="1 red, 2 orange, 3 yellow, 4 blue")
    exercise: bool | None = None
    event_code: Annotated[str, StringConstraints(max_length=10, pattern=r"^[0-9A-Za-z]*$")] | None = None
    issuers: list[Line] | None = Field(None, max_length=10)
    headline: Line | None = None
    description: Text | None = None
    instruction: Text | None = None
    english: English | None = None
    shelter: Text | None = None
    contact: Annotated[str, StringConstraints(max_length=100, pattern=NO_CONTROL)] | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    audience: AudienceIn | None = None
    channels: list[Line] | None = Field(None, max_length=20)
    reason: Reason | None = None

    def given(self) -> dict[str, Any]:
        found = {name: value for name, value in self.dict(exclude_unset=True).items() if value is not None}
        if self.audience is not None:
            found["audience"] = self.audience.dict()  # with what the audience's own fields are when left out
        return found


class DraftIn(Content):
    place: str = Field(description="code of the issuing county or city", max_length=15)
    hazard: Hazard
    colour: Colour


class ChangeIn(Content):
    version: int | None = Field(
        None, ge=1, description="the version you read; refused with 409 if it is not the newest"
    )


class StepIn(Schema):
    version: int | None = Field(None, ge=1)
    reason: Reason = ""


class IssueIn(Schema):
    version: int | None = Field(None, ge=1)
    urgent: bool = Field(False, description="before approval, where the rule of the colour allows it")


class JudgeIn(Schema):
    agrees: bool
    reason: Reason = ""


class NoteIn(Schema):
    place: str = Field(max_length=15)
    text: Annotated[str, StringConstraints(max_length=200, pattern=NO_CONTROL)]


class NoteOut(Schema):
    id: int
    place: str = Field(alias="place_id")
    text: str
    at: datetime


class FindingOut(Schema):
    severity: str
    field: str
    says: str
    mend: str


class AlertOut(Schema):
    code: str
    kind: str
    state: str
    place: str = Field(alias="place_id")
    hazard: str
    event_code: str
    colour: int
    exercise: bool
    urgent: bool
    approval_missing: bool
    headline: str
    version: int
    starts_at: datetime | None
    ends_at: datetime | None
    issued_at: datetime | None
    closed_at: datetime | None
    replaces: str | None
    identifier: str | None

    @staticmethod
    def resolve_headline(alert: Alert) -> str:
        return texts.title(alert)

    @staticmethod
    def resolve_approval_missing(alert: Alert) -> bool:
        return lifecycle.pending_after(alert)

    @staticmethod
    def resolve_replaces(alert: Alert) -> str | None:
        return alert.replaces.code if alert.replaces else None

    @staticmethod
    def resolve_identifier(alert: Alert) -> str | None:
        return AlertEvent.objects.filter(alert=alert).values_list("identifier", flat=True).first()


class AlertPage(AlertOut):
    issuers: list[str]
    description: str
    instruction: str
    english: dict[str, str]
    shelter: str
    contact: str
    audience: dict[str, Any]
    channels: list[str]
    reason: str


class AlertList(Schema):
    count: int
    items: list[AlertOut]


class Filter(Schema):
    state: State | None = None
    colour: Colour | None = None
    hazard: Hazard | None = None
    limit: int = Field(50, ge=1, le=200)
    offset: int = Field(0, ge=0, le=1_000_000)

    def narrow(self, rows: QuerySet[Alert]) -> QuerySet[Alert]:
        wanted = {"state": self.state, "colour": self.colour, "hazard": self.hazard}
        return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _found(request: HttpRequest, code: str) -> Alert:
    return queries.alert(actor(request), code)


@router.get("/alerts", response=AlertList, summary="Warnings you may see, newest first")
def alerts(request: HttpRequest, by: Query[Filter]) -> dict[str, Any]:
    rows = by.narrow(queries.visible(actor(request))).select_related("replaces").order_by("-id")
    return {"count": rows.count(), "items": list(rows[by.offset : by.offset + by.limit])}


@router.post("/alerts", response={201: AlertPage}, summary="Begin a draft from the nearest template")
def create(request: HttpRequest, draft: DraftIn) -> Status[Alert]:
    content = draft.given()
    place = queries.issuing_place(actor(request), content.pop("place"))
    return Status(201, drafting.create_draft(actor(request), place, **content))


@router.get("/alerts/{code}", response=AlertPage, summary="One warning")
def read(request: HttpRequest, code: str) -> Alert:
    return _found(request, code)


@router.patch("/alerts/{code}", response=AlertPage, summary="Write fields of a draft")
def change(request: HttpRequest, code: str, change: ChangeIn) -> Alert:
    content = change.given()
    version = content.pop("version", None)
    return drafting.save(actor(request), _found(request, code), version=version, **content)


@router.get("/alerts/{code}/lint", response=list[FindingOut], summary="What is to be mended, in words")
def findings(request: HttpRequest, code: str) -> list[lint.Finding]:
    alert = _found(request, code)
    return lint.check(alert, texts.render(alert))


@router.get("/alerts/{code}/frozen", response=dict[str, Any], summary="The frozen message, after issue")
def frozen(request: HttpRequest, code: str) -> Any:
    return queries.event(actor(request), code).frozen


@router.post("/alerts/{code}/submit", response=AlertPage, summary="Hand a complete draft to the approver")
def submit(request: HttpRequest, code: str, step: StepIn) -> Alert:
    return drafting.submit(actor(request), _found(request, code), version=step.version)


@router.post("/alerts/{code}/withdraw", response=AlertPage, summary="Take it back from review")
def withdraw(request: HttpRequest, code: str) -> Alert:
    return drafting.withdraw(actor(request), _found(request, code))


@router.post("/alerts/{code}/approve", response=AlertPage, summary="Approve the version you read")
def approve(request: HttpRequest, code: str, step: StepIn) -> Alert:
    return drafting.approve(actor(request), _found(request, code), version=step.version, reason=step.reason)


@router.post("/alerts/{code}/return", response=AlertPage, summary="Return it to the author, with a reason")
def return_(request: HttpRequest, code: str, step: StepIn) -> Alert:
    return drafting.return_(actor(request), _found(request, code), version=step.version, reason=step.reason)


@router.post("/alerts/{code}/issue", response=AlertPage, summary="Issue it")
def send(request: HttpRequest, code: str, step: IssueIn) -> Alert:
    return issue(actor(request), _found(request, code), urgent=step.urgent, version=step.version).alert


@router.post("/alerts/{code}/judge-after", response=AlertPage, summary="Judge what was issued urgently")
def judge_after(request: HttpRequest, code: str, step: JudgeIn) -> Alert:
    return drafting.judge_after(actor(request), _found(request, code), agrees=step.agrees, reason=step.reason).alert


@router.post("/alerts/{code}/update", response={201: AlertPage}, summary="Draft an update")
def update(request: HttpRequest, code: str, step: StepIn) -> Status[Alert]:
    return Status(201, drafting.follow_up(actor(request), _found(request, code), Kind.UPDATE, reason=step.reason))


@router.post("/alerts/{code}/lift", response={201: AlertPage}, summary="Draft the all-clear")
def lift(request: HttpRequest, code: str, step: StepIn) -> Status[Alert]:
    return Status(201, drafting.follow_up(actor(request), _found(request, code), Kind.LIFT, reason=step.reason))


@router.post("/alerts/{code}/cancel", response={201: AlertPage}, summary="Draft a cancellation")
def cancel(request: HttpRequest, code: str, step: StepIn) -> Status[Alert]:
    return Status(201, drafting.follow_up(actor(request), _found(request, code), Kind.CANCEL, reason=step.reason))


@router.post("/alerts/{code}/discard", response=AlertPage, summary="Put a draft away")
def discard(request: HttpRequest, code: str, step: StepIn) -> Alert:
    return drafting.discard(actor(request), _found(request, code), reason=step.reason)


@router.get("/alerts/{code}/notes", response=list[NoteOut], summary="Local notes in force")
def list_notes(request: HttpRequest, code: str) -> QuerySet[LocalNote]:
    return _found(request, code).notes.filter(withdrawn_at=None)


@router.post("/alerts/{code}/notes", response={201: NoteOut}, summary="Add your place's note")
def add_note(request: HttpRequest, code: str, note: NoteIn) -> Status[LocalNote]:
    alert = _found(request, code)
    place = Place.objects.filter(pk=note.place).first()
    if place is None or not actor(request).scopes(Perm.ALERT_NOTE):
        raise NotFound(_("There is no such place."), _("Choose your own place."))
    return Status(201, notes.add(actor(request), alert, place, note.text))


@router.delete("/alerts/{code}/notes/{note}", response=NoteOut, summary="Withdraw a note")
def withdraw_note(request: HttpRequest, code: str, note: int) -> LocalNote:
    return notes.withdraw(actor(request), _found(request, code), note)
