"""Which channels a warning of a place begins with, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting import policy, sight
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import ChannelRule
from lastmile.kernel.doors import actor

router = Router(tags=["channels"])
Code = Annotated[str, Field(pattern=r"^[0-9]{2,15}$")]


class ChannelRuleOut(Schema):
    """`when`: day or night. `frail`: on which channel the vulnerable are told first. `source`: whose rule, or empty."""

    colour: int
    when: str
    channels: list[str]
    frail: str
    source: str


@router.get("/channel-rules", response=list[ChannelRuleOut])
def rules(request: HttpRequest, place: Code, hazard: str = "") -> list[dict[str, Any]]:
    """What holds at a place for a hazard (empty: without a rule of its own), for each colour by day and by night."""
    found = sight.place(actor(request), place)
    named = hazard if hazard in Hazard.values else ""
    times = (ChannelRule.When.DAY, ChannelRule.When.NIGHT)
    rows = [(colour, when, policy.choose(found.code, named, colour, when)) for colour in Colour for when in times]
    return [
        {
            "colour": int(colour),
            "when": str(when),
            "channels": list(choice.channels),
            "frail": choice.frail,
            "source": choice.source.place_id if choice.source else "",
        }
        for colour, when, choice in rows
    ]
