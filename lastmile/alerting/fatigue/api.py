"""Messages per person and month, for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from lastmile.alerting import sight
from lastmile.alerting.fatigue import report
from lastmile.kernel.doors import actor

router = Router(tags=["messages"])


class PlaceMessages(Schema):
    """People who got at least one message. `many`: those who got 5 or more. `mean`: messages per person."""

    code: str
    name: str
    people: int
    messages: int
    many: int
    most: int
    mean: float


class MessagesOut(Schema):
    """`distribution`: how many people got so many messages, under the number; the last number means so many or more."""

    month: str
    places: list[PlaceMessages]
    distribution: dict[int, int]
    sources: list[report.Source]


@router.get("/messages", response=MessagesOut, summary="Messages per person in a month, by place")
def messages(request: HttpRequest, place: str = "", month: str = "") -> dict[str, Any]:
    """Of one month (2021-07; empty: the current one) in a place and those one level below."""
    found, wanted = sight.place(actor(request), place[:15]), report.chosen(month[:7])
    return {
        "month": f"{wanted:%Y-%m}",
        "places": [vars(row) | {"mean": row.mean} for row in report.by_place(wanted, found.code)],
        "distribution": dict(report.distribution(wanted, found.code)),
        "sources": report.sources(wanted, found.code),
    }
