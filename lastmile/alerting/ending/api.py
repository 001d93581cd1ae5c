"""Certificates of destruction for programs, what waits, and holding back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting.ending import certificate, holding, queries
from lastmile.alerting.models import Destruction, Hold
from lastmile.community.accounts.apiauth import holding as holds_perm
from lastmile.community.accounts.queries import me
from lastmile.kernel.permissions import Perm

router = Router(tags=["privacy"])
Key = Annotated[int, Field(ge=1, lt=2**31)]


class DestructionOut(Schema):
    """`holds`: whether the signature over `certificate` does."""

    id: int
    warning: str
    headline: str
    place: str
    at: datetime
    total: int
    values: dict[str, int]
    certificate: str
    signature: str
    holds: bool


class HoldOut(Schema):
    id: int
    event: int
    reason: str
    by: str
    at: datetime
    released_at: datetime | None
    released_why: str


class WaitingOut(Schema):
    event: int
    warning: str
    headline: str
    ended: datetime
    due: datetime
    hold: HoldOut | None


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=200)]


def _shown(done: Destruction) -> dict[str, Any]:
    return {
        "id": done.pk,
        "warning": done.event.identifier,
        "headline": certificate.headline(done.event),
        "place": done.place,
        "at": done.at,
        "total": done.total,
        "values": done.counts,
        "certificate": done.certificate,
        "signature": bytes(done.signature).hex(),
        "holds": certificate.facts(done)["holds"],
    }


def _hold(one: Hold | None) -> dict[str, Any] | None:
    if one is None:
        return None
    names = ("reason", "by", "at", "released_at", "released_why")
    return {"id": one.pk, "event": one.event_id} | {name: getattr(one, name) for name in names}


def _let_in(request: HttpRequest) -> None:
    if not queries.scopes(me(request)):
        holds_perm(me(request), Perm.AUDIT_READ)


@router.get("/destructions", response=list[DestructionOut], summary="Certificates of destroyed data")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    """The newest 200 certificates of the area."""
    _let_in(request)
    return [_shown(one) for one in queries.destructions(me(request)).order_by("-id")[:200]]


@router.get(
    "/destructions/waiting", response=list[WaitingOut], summary="Warnings that are over and whose data is still there"
)
def waiting(request: HttpRequest) -> list[dict[str, Any]]:
    """Warnings that are over and whose data is still there, those that are held first."""
    _let_in(request)
    return [
        {
            "event": row.event.pk,
            "warning": row.event.identifier,
            "headline": row.headline,
            "ended": row.ended,
            "due": row.due,
            "hold": _hold(row.hold),
        }
        for row in queries.waiting(me(request))
    ]


@router.get("/destructions/{int:key}", response=DestructionOut, summary="One certificate of destruction")
def one(request: HttpRequest, key: Key) -> dict[str, Any]:
    _let_in(request)
    return _shown(queries.destruction(me(request), key))


@router.post("/destructions/warnings/{int:key}/hold", response={201: HoldOut}, summary="Hold the data of a warning")
def hold(request: HttpRequest, key: Key, body: ReasonIn) -> Status[Any]:
    """`key` is the number of an event. Nothing of its warning is destroyed until it is released."""
    holds_perm(me(request), Perm.RETENTION_EDIT)
    return Status(201, _hold(holding.hold(me(request), key, body.reason)))


@router.post("/destructions/holds/{int:key}/release", response=HoldOut, summary="Release data that was held")
def release(request: HttpRequest, key: Key, body: ReasonIn) -> Any:
    holds_perm(me(request), Perm.RETENTION_EDIT)
    return _hold(holding.release(me(request), key, body.reason))
