"""The reachability test for programs: what runs, what it found, start and stop."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting.readiness import channels, plans, rounds
from lastmile.community.accounts.queries import me
from lastmile.kernel.permissions import Perm, require

router = Router(tags=["readiness"])

Code = Annotated[str, Field(pattern=r"^\d{4,15}$")]


class PlanIn(Schema):
    """`whom`: staff (whoever must answer a warning) or all. `share`: percent of the people a week."""

    place: Code
    whom: str = "staff"
    share: int = 8
    from_hour: int = 9
    to_hour: int = 17


class PlanOut(Schema):
    place: str
    whom: str
    share: int
    running: bool
    waits_for: str


class PreviewOut(Schema):
    people: int
    by_channel: dict[str, int]
    weeks: int


def _shown(stand: rounds.Stand) -> dict[str, Any]:
    plan = stand.plan
    return {
        "place": plan.place_id,
        "whom": plan.whom,
        "share": plan.share,
        "running": plan.stopped_at is None,
        "waits_for": stand.waits_for,
    }


@router.get("/readiness", response=list[PlanOut], summary="Reachability tests of the area")
def listing(request: HttpRequest) -> list[dict[str, Any]]:
    """Plans of the places one sees."""
    return [_shown(stand) for stand in rounds.stands(plans.plans(me(request)))]


@router.get("/readiness/channels", response=list[channels.Result], summary="The last daily round over the channels")
def channel_rounds(request: HttpRequest) -> list[channels.Result]:
    """The last daily round of each channel: whether its far side answers."""
    user = me(request)
    require(user, Perm.ALERT_READ, min(user.scopes(Perm.ALERT_READ), key=len, default=""))
    return channels.results()


@router.get("/readiness/{place}/results", response=list[plans.Row], summary="Results of a reachability test by place")
def results(request: HttpRequest, place: str) -> list[plans.Row]:
    """By the places one level below: the last result of every contact asked within 120 days."""
    found = plans.place_of(me(request), place[:15])
    return plans.by_place(found.code)


@router.post("/readiness/preview", response=PreviewOut, summary="How many messages a week of a test would be")
def preview(request: HttpRequest, wish: PlanIn) -> dict[str, Any]:
    """How many messages one week would be now."""
    found = plans.place_of(me(request), wish.place, Perm.READINESS_EDIT)
    plans.checked(wish.whom, wish.share, wish.from_hour, wish.to_hour)
    return vars(plans.preview(rounds.Wish(found.code, wish.whom, wish.share)))


@router.post("/readiness/start", response=PlanOut, summary="Start or change the test of a place")
def start(request: HttpRequest, wish: PlanIn) -> dict[str, Any]:
    """Start a plan, or change the one that runs."""
    found = plans.place_of(me(request), wish.place, Perm.READINESS_EDIT)
    plan = plans.start(
        me(request), found, whom=wish.whom, share=wish.share, from_hour=wish.from_hour, to_hour=wish.to_hour
    )
    return _shown(rounds.stands([plan])[0])


@router.post("/readiness/{place}/stop", response=dict[str, bool], summary="End the test of a place")
def stop(request: HttpRequest, place: str) -> dict[str, bool]:
    """End the plan of a place; what it found stays."""
    plans.stop(me(request), plans.place_of(me(request), place[:15], Perm.READINESS_EDIT))
    return {"running": False}
