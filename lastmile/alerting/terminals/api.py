"""What terminals do, for programs: how each is, its part in a warning, play again, stop, test."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting import sight
from lastmile.alerting.terminals import acting, figures
from lastmile.community.org import queries, terminals
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm, require

router = Router(tags=["terminals"])

Code = Annotated[str, Field(pattern=r"^\d{4,15}$")]
Page = Annotated[int, Field(ge=1, le=100_000)]
AT_ONCE = 500  # devices of one answer


class DeviceOut(Schema):
    """`state`, `first_at`, `rounds` and `seconds` speak of the warning that was asked about; else they are empty."""

    id: int
    code: str
    place: str
    kind: str
    spot: str
    online: bool
    seen_at: datetime | None
    volume: int | None
    power: str
    firmware: str
    state: str = ""
    first_at: datetime | None = None
    rounds: int = 0
    seconds: float = 0
    reason: str = ""


class DoneOut(Schema):
    terminals: int


def _shown(one: figures.Device) -> dict[str, Any]:
    terminal, state, play = one.terminal, one.state, one.play
    found: dict[str, Any] = {
        "id": terminal.pk,
        "code": terminal.code,
        "place": terminal.place_id,
        "kind": terminal.kind,
        "spot": terminal.spot,
        "online": one.online,
        "seen_at": one.seen_at,
        "volume": state.volume if state else None,
        "power": state.power if state else "",
        "firmware": state.firmware if state else "",
    }
    if play is not None:
        names = ("state", "first_at", "rounds", "seconds", "reason")
        found |= {name: getattr(play, name) for name in names}
    return found


def _page(listed: figures.Listed, page: int) -> list[dict[str, Any]]:
    """The paginator gives its last page for one beyond it; a program that counts up must come to an end."""
    return [_shown(one) for one in listed] if page <= listed.page.paginator.num_pages else []


@router.get("/terminals/states", response=list[DeviceOut], summary="How the terminals under a place are")
def states(request: HttpRequest, place: Code, page: Page = 1) -> list[dict[str, Any]]:
    """500 on a page, those without contact first; empty after the last one."""
    found = queries.place(actor(request), place, Perm.TERMINAL_READ)
    return _page(figures.here(found.code, page, AT_ONCE), page)


@router.get("/alerts/{code}/terminals/{place}", response=list[DeviceOut], summary="What terminals played of a warning")
def in_warning(request: HttpRequest, code: str, place: str, page: Page = 1) -> list[dict[str, Any]]:
    """500 on a page, those that never began first; empty after the last one."""
    event, found = sight.seen(actor(request), code, place[:15])
    return _page(figures.in_warning(event, found.code, page, AT_ONCE), page)


@router.post("/alerts/{code}/terminals/{place}/again", response=DoneOut, summary="Play it again under a place")
def again(request: HttpRequest, code: str, place: str) -> dict[str, int]:
    event, found = sight.seen(actor(request), code, place[:15])
    require(actor(request), Perm.ALERT_RESEND, found.code)
    return {"terminals": acting.again(actor(request), event, found.code)}


@router.post("/alerts/{code}/terminals/{place}/stop", response=DoneOut, summary="Stop it under a place")
def stop(request: HttpRequest, code: str, place: str) -> dict[str, int]:
    event, found = sight.seen(actor(request), code, place[:15])
    require(actor(request), Perm.ALERT_RESEND, found.code)
    return {"terminals": acting.stop(actor(request), event, found.code)}


@router.post("/terminals/{int:pk}/test", response=DoneOut, summary="Play a marked test, by day only")
def test(request: HttpRequest, pk: int) -> dict[str, int]:
    acting.play_test(actor(request), terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT))
    return {"terminals": 1}
