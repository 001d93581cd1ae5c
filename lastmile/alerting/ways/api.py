"""Which channels a warning of a place begins with, for programs: what holds, and a place's own rules, to be written."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from lastmile.alerting import policy, queries, sight
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import ChannelRule
from lastmile.alerting.ways import actions
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

router = Router(tags=["channels"])
Code = Annotated[str, Field(pattern=r"^[0-9]{2,15}$")]
Key = Annotated[int, Field(ge=1, lt=2**31)]
Name = Annotated[str, Field(max_length=20)]


class ChannelRuleOut(Schema):
    """`when`: day or night. `frail`: on which channel the vulnerable are told first. `source`: whose rule, or empty."""

    colour: int
    when: str
    channels: list[str]
    frail: str
    source: str


class OwnRuleIn(Schema):
    """`hazard`: empty for every hazard. `when`: any, day or night. `channels` in the order to try."""

    colour: Annotated[int, Field(ge=min(Colour), le=max(Colour))]
    hazard: Name = ""
    when: Annotated[str, Field(pattern="^(any|day|night)$")] = "any"
    channels: Annotated[list[Name], Field(min_length=1, max_length=20)]
    frail: Name = ""


class OwnRuleOut(Schema):
    id: int
    place: str
    colour: int
    hazard: str
    when: str
    channels: list[str]
    frail: str


@router.get(
    "/channel-rules", response=list[ChannelRuleOut], summary="Which channels hold at a place, by colour and time of day"
)
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


@router.get("/places/{place}/channel-rules", response=list[OwnRuleOut], summary="A place's own rules of channels")
def own(request: HttpRequest, place: Code) -> list[dict[str, Any]]:
    """The place's own rules."""
    return [_own(rule) for rule in ChannelRule.objects.filter(place=_kept(request, place))]


@router.put("/places/{place}/channel-rules", response=OwnRuleOut, summary="Write a place's own rule of channels")
def write(request: HttpRequest, place: Code, wish: OwnRuleIn) -> dict[str, Any]:
    """Write the place's own rule for this colour, hazard and time of day, over the one there is."""
    return _own(actions.set_rule(me(request), _kept(request, place), **wish.dict()))


@router.delete(
    "/places/{place}/channel-rules/{key}", response={204: None}, summary="Drop a place's own rule of channels"
)
def drop(request: HttpRequest, place: Code, key: Key) -> Status[None]:
    """Back to the rule above, or to the default."""
    actions.drop_rule(me(request), _kept(request, place), key)
    return Status(204, None)


def _kept(request: HttpRequest, place: str) -> Place:
    """Cities and counties write rules, as on the page."""
    holding(me(request), Perm.ALERT_RULE)
    return queries.keeping_place(me(request), Perm.ALERT_RULE, place)


def _own(rule: ChannelRule) -> dict[str, Any]:
    names = ("id", "colour", "hazard", "when", "channels", "frail")
    return {name: getattr(rule, name) for name in names} | {"place": rule.place_id}
