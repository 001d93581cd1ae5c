"""Warnings from outside for programs: sources and how they are, proposals, take over and dismiss."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting.models import Proposal, Source
from lastmile.alerting.sources import actions, deciding, queries
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, may

router = Router(tags=["sources"])
Key = Annotated[int, Field(ge=1, lt=2**31)]
MOST = 200


class SourceIn(Schema):
    """`kind`: feed, push or hand. Secrets are written and never read."""

    name: Annotated[str, Field(max_length=80)]
    kind: Annotated[str, Field(pattern="^(feed|push|hand)$")] = "feed"
    place: Annotated[str, Field(pattern=r"^\d{4,6}$")]
    url: Annotated[str, Field(max_length=500)] = ""
    token: Annotated[str, Field(max_length=300)] = ""
    secret: Annotated[str, Field(max_length=300)] = ""
    anchors: Annotated[str, Field(max_length=100_000)] = ""
    unsigned: bool = False
    interval: Annotated[int, Field(ge=actions.SHORTEST, le=actions.LONGEST)] = 60


class SourceOut(Schema):
    """`light`: green, yellow, red, or secondary for what is paused or waits. `push_token` is there once, when made."""

    id: int
    name: str
    kind: str
    place: str
    url: str
    enabled: bool
    light: str
    says: str
    error: str
    asked_at: datetime | None
    good_at: datetime | None
    push_token: str = ""


class ProposalOut(Schema):
    """`head` is the message that holds; deciding names it, so that nobody decides on what they have not read."""

    id: int
    state: str
    wanted: str
    place: str
    source: int
    head: int
    identifier: str
    headline: str
    colour: int | None
    hazard: str
    signature: str
    sent_at: datetime | None
    expires_at: datetime | None
    alert: str


class TakeIn(Schema):
    head: Annotated[int, Field(ge=1, lt=2**63)]


class DismissIn(TakeIn):
    reason: Annotated[str, Field(max_length=500)]


class TakenOut(Schema):
    """`code` of the draft; empty where a draft was put away. `missing` says what keeps it from review."""

    code: str
    missing: str


def _source(one: Source, token: str = "") -> dict[str, Any]:
    health = queries.health(one)
    names = ("id", "name", "kind", "url", "enabled", "asked_at", "good_at")
    shown = {name: getattr(one, name) for name in names}
    return shown | {
        "place": one.place_id,
        "light": health.light,
        "says": health.says,
        "error": queries.error(one),
        "push_token": token,
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    head = one.head
    shown = {name: getattr(one, name) for name in ("id", "state", "wanted")}
    names = ("identifier", "headline", "colour", "hazard", "signature", "sent_at", "expires_at")
    shown |= {name: getattr(head, name) for name in names}
    code = one.alert.code if one.alert else ""
    return shown | {"place": one.place_id, "source": one.source_id, "head": one.head_id, "alert": code}


@router.get("/sources", response=list[SourceOut], summary="Sources of warnings from outside")
def sources(request: HttpRequest) -> list[dict[str, Any]]:
    """Where warnings come in from, and how each is."""
    holding(me(request), Perm.SOURCE_READ)
    return [_source(one) for one in queries.sources(me(request))[:MOST]]


@router.post("/sources", response={201: SourceOut}, summary="Add a source")
def add(request: HttpRequest, wish: SourceIn) -> Status[dict[str, Any]]:
    """A new source; one that pushes gets its token in this answer only."""
    holding(me(request), Perm.SOURCE_EDIT)
    place = Place.objects.current().filter(pk=wish.place).first()
    if place is None or not may(me(request), Perm.SOURCE_READ, place.code):
        raise NotFound("There is no such place, or it is outside your area.")
    fields = wish.dict(exclude={"place", "kind"})
    source, token = actions.add(me(request), place, wish.kind, **fields)
    return Status(201, _source(source, token))


@router.post("/sources/{key}/poll", response=SourceOut, summary="Ask a source now")
def poll(request: HttpRequest, key: Key) -> dict[str, Any]:
    """Ask it within seconds."""
    actions.ask_now(me(request), queries.source(me(request), key, Perm.SOURCE_EDIT))
    return _source(queries.source(me(request), key))


@router.post("/sources/{key}/pause", response=SourceOut, summary="Pause a source, or go on")
def pause(request: HttpRequest, key: Key, enabled: bool = False) -> dict[str, Any]:
    """Pause it, or with `enabled` go on."""
    actions.pause(me(request), queries.source(me(request), key, Perm.SOURCE_EDIT), enabled=enabled)
    return _source(queries.source(me(request), key))


@router.get("/incoming", response=list[ProposalOut], summary="Warnings from outside, the newest first")
def proposals(request: HttpRequest, state: str = "") -> list[dict[str, Any]]:
    """What came in, the newest first; `state`: open, taken, dismissed, idle."""
    holding(me(request), Perm.SOURCE_READ)
    rows = queries.proposals(me(request)).order_by("-changed_at", "-pk")
    if state in Proposal.State.values:
        rows = rows.filter(state=state)
    return [_proposal(one) for one in rows[:MOST]]


@router.get("/incoming/{key}", response=ProposalOut, summary="One warning from outside")
def proposal(request: HttpRequest, key: Key) -> dict[str, Any]:
    return _proposal(queries.proposal(me(request), key))


@router.post("/incoming/{key}/take", response=TakenOut, summary="Take a warning from outside over as a draft")
def take(request: HttpRequest, key: Key, wish: TakeIn) -> dict[str, str]:
    """A draft of ours, handed to the approver."""
    found = queries.proposal(me(request), key, Perm.ALERT_DRAFT)
    made = deciding.take(me(request), found, wish.head)
    missing = deciding.hand_in(me(request), made) if made else ""
    return {"code": made.code if made else "", "missing": missing}


@router.post("/incoming/{key}/dismiss", response=ProposalOut, summary="Dismiss a warning from outside, with a reason")
def dismiss(request: HttpRequest, key: Key, wish: DismissIn) -> dict[str, Any]:
    found = queries.proposal(me(request), key, Perm.ALERT_DRAFT)
    deciding.dismiss(me(request), found, wish.head, reason=wish.reason)
    return _proposal(queries.proposal(me(request), key))
