"""The channels of a warning as policy: by hazard, colour and time of day, the nearest written rule up the tree.

A rule gives a new draft its channels and their order; an officer may change them, and what an approver has seen is what
goes out. `frail` is frozen at issue: vulnerable people are told on that channel first, if the warning uses it.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from lastmile.alerting.channels import registry
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import ChannelRule
from lastmile.community.org.models import ancestors
from lastmile.kernel import clock

NIGHT_FROM, NIGHT_UNTIL = 22, 6  # hours of the clock
When = ChannelRule.When


class Choice(NamedTuple):
    """`source` is None where no rule was written."""

    channels: tuple[str, ...]
    frail: str
    source: ChannelRule | None = None


def time_of_day(at: datetime) -> ChannelRule.When:
    hour = at.astimezone(clock.BEIJING).hour
    return When.NIGHT if hour >= NIGHT_FROM or hour < NIGHT_UNTIL else When.DAY


def choose(place: str, hazard: str, colour: int, when: str = "") -> Choice:
    """What holds at a place for a warning that goes out at this time of day; now, where none is named."""
    when = when or time_of_day(clock.now())
    written = ChannelRule.objects.filter(
        place_id__in=[place, *ancestors(place)], colour=colour, hazard__in=["", hazard], when__in=[When.ANY, when]
    )
    nearest = max(written, key=lambda one: (len(one.place_id), one.hazard != "", one.when != When.ANY), default=None)
    if nearest is None:
        return _default(colour, when)
    names = registry.in_service()
    channels = tuple(name for name in nearest.channels if name in names)
    if not channels:  # none of them is in service any more: a warning must leave all the same
        return _default(colour, when)
    return Choice(channels, nearest.frail if nearest.frail in channels else "", nearest)


def _default(colour: int, when: str) -> Choice:
    """In the order of the installation; red and orange ring at night, and ring the vulnerable at any time."""
    names = registry.in_service()
    ringing = [name for name in names if registry.capabilities(name).lines]
    grave = colour in (Colour.RED, Colour.ORANGE)
    if grave and when == When.NIGHT:
        names = [*ringing, *(name for name in names if name not in ringing)]
    return Choice(tuple(names), ringing[0] if grave and ringing else "")
