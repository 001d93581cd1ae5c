"""叫应 for programs: who must answer, how far each is, the evidence, and everything the command post does by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting import sight
from lastmile.alerting.cascade import actions, board, evidence, opening, queries
from lastmile.alerting.models import Call
from lastmile.alerting.models.calls import SILENT
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

router = Router(tags=["calls"])
MOST = 1_000  # calls in one answer


class CallOut(Schema):
    """`state`: waiting, calling, deputy, superior, door: nobody has confirmed; confirmed, asked, raised: not passed
    on; done, stopped. The two clocks are `confirm_due` and `relay_due`; null where nothing is asked."""

    id: int
    place: str
    post: str
    person: int | None
    state: str
    why: str
    attempts: int
    confirm_due: datetime
    confirmed_at: datetime | None
    confirmed_via: str
    relay_due: datetime | None
    relayed_at: datetime | None
    relayed_via: str
    taken_by: str


class LevelSums(Schema):
    posts: int
    confirmed: int
    relayed: int


class CallsOut(Schema):
    """Silent posts first, at most 1,000; `levels` counts all of them."""

    place: str
    levels: dict[str, LevelSums]
    unwoken: int
    calls: list[CallOut]


class LineOut(Schema):
    at: datetime
    entered_at: datetime
    says: str
    who: str
    how: str
    outcome: str
    note: str


class ActIn(Schema):
    """`text` for message and note; `at` and `text` for what somebody said: confirm, passed."""

    act: Literal["call", "message", "take", "note", "confirm", "passed", "undo"]
    text: Annotated[str, Field(max_length=200)] = ""
    at: datetime | None = None


class Started(Schema):
    opened: int
    called: int


def _out(call: Call, attempts: int) -> dict[str, Any]:
    names = [name for name in CallOut.model_fields if name not in ("post", "attempts")]
    return {name: getattr(call, name) for name in names} | {"post": call.post.title, "attempts": attempts}


@router.get("/alerts/{code}/calls", response=CallsOut, summary="Who must answer a warning, and how far each is")
def calls(request: HttpRequest, code: str, place: str = "", silent: bool = False) -> dict[str, Any]:
    """Who must answer a warning at a place and below, and how far each is."""
    event, found = sight.seen(actor(request), code, place[:15], Perm.POST_READ)
    rows = Call.objects.filter(event=event, place__startswith=found.code).select_related("post")
    if silent:
        rows = rows.filter(state__in=SILENT)
    shown = board.ordered(rows)[:MOST]
    tried = board.attempts([call.pk for call in shown])
    return {
        "place": found.code,
        "levels": board.numbers(event, found.code),
        "unwoken": board.late(rows).count(),
        "calls": [_out(call, tried[call.pk]) for call in shown],
    }


@router.get("/alerts/{code}/calls/{call}", response=list[LineOut], summary="The evidence of one call, line by line")
def line(request: HttpRequest, code: str, call: int) -> list[evidence.Line]:
    """The evidence of one call, line by line; names are masked."""
    found = queries.call(actor(request), code, call, Perm.CALL_ACT)
    return evidence.timeline(found, opened=True)


@router.post(
    "/alerts/{code}/calls/{call}", response=CallOut, summary="Call again, write, take over, note or enter an answer"
)
def act(request: HttpRequest, code: str, call: int, what: ActIn) -> dict[str, Any]:
    """Call now, write, take over, note, or enter what somebody said."""
    who, found = actor(request), queries.call(actor(request), code, call, Perm.CALL_ACT)
    text = what.text.replace("\0", "")
    at = what.at if what.at is None or what.at.tzinfo else what.at.replace(tzinfo=BEIJING)
    if what.act == "message":
        actions.message(who, found, text)
    elif what.act == "note":
        actions.note(who, found, text)
    elif what.act in ("confirm", "passed"):
        (actions.confirm if what.act == "confirm" else actions.passed_on)(who, found, at=at, words=text)
    else:
        {"call": actions.call_now, "take": actions.take_over, "undo": actions.undo}[what.act](who, found)
    found.refresh_from_db()
    return _out(found, board.attempts([found.pk])[found.pk])


@router.post("/alerts/{code}/start-calls", response=Started, summary="Call everybody at a place and below now")
def start(request: HttpRequest, code: str, place: str) -> dict[str, int]:
    """Call everyone at a place and below who has not been called, also in the quiet hours. It issues nothing."""
    event, found = sight.seen(actor(request), code, place[:15], Perm.CALL_START)
    opened, called = opening.start(actor(request), event, found)
    return {"opened": opened, "called": called}
