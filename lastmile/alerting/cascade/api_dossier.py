"""尽职证据 of one person for programs."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema

from lastmile.alerting.cascade import dossier
from lastmile.alerting.cascade.api import LineOut
from lastmile.kernel.doors import actor

router = Router(tags=["calls"])


class CaseOut(Schema):
    """The two clocks are given for whoever holds the post; `role` says in words as what the person was called."""

    alert: str
    headline: str
    exercise: bool
    sent_at: datetime
    call: int
    place: str
    post: str
    role: str
    confirm_due: datetime | None
    confirmed_at: datetime | None
    relay_due: datetime | None
    relayed_at: datetime | None
    lines: list[LineOut]


class DossierOut(Schema):
    """`more` posts and warnings are left out: ask for a shorter time."""

    person: int
    name: str
    since: date
    until: date
    attempts: int
    in_time: int
    late: int
    silent: int
    passed: int
    more: int
    cases: list[CaseOut]


@router.get("/people/{person}/calls", response=DossierOut, summary="Evidence of duty of one person over all warnings")
def calls_of(request: HttpRequest, person: int, since: str = "", until: str = "") -> dict[str, object]:
    """Who called a person when by what, and what they answered, in all warnings of a time (both days count; none: the
    last 90). For the person themselves, and for whoever calls people where they serve; each look is noted."""
    who = actor(request)
    found = dossier.of(who, dossier.find(who, person), dossier.period(since, until))
    names = ("name", "attempts", "in_time", "late", "silent", "passed", "more")
    return {name: getattr(found, name) for name in names} | {
        "person": found.person.pk,
        "since": found.period.since,
        "until": found.period.until,
        "cases": [_case(part, case) for part in found.parts for case in part.cases],
    }


def _case(part: dossier.Part, case: dossier.Case) -> dict[str, object]:
    held = bool(case.facts)
    clocks = ("confirm_due", "confirmed_at", "relay_due", "relayed_at")
    return {name: getattr(case.call, name) if held else None for name in clocks} | {
        "alert": part.event.alert.code,
        "headline": part.headline,
        "exercise": part.exercise,
        "sent_at": part.event.sent_at,
        "call": case.call.pk,
        "place": case.call.place,
        "post": case.call.post.title,
        "role": case.role,
        "lines": case.lines,
    }
