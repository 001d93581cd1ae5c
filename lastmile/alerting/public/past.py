"""Warnings that are over, as a reader looks for them: by place, hazard, colour and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.http import QueryDict
from django.utils.dateparse import parse_date

from lastmile.alerting import published
from lastmile.alerting.channels.web.notice import Notice
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import WARNS, State
from lastmile.community.org.models import ancestors
from lastmile.kernel import clock

LOOKED_THROUGH = 2_000  # of the newest; a city issues some hundred warnings a year
PER_PAGE = 20


@dataclass(frozen=True)
class Wish:
    """What is not chosen, or is no choice, is everything."""

    place: str = ""
    hazard: str = ""
    colour: str = ""
    since: date | None = None
    until: date | None = None


def read(asked: QueryDict, place: str) -> Wish:
    hazard, colour = asked.get("hazard", ""), asked.get("colour", "")
    return Wish(
        place=place,
        hazard=hazard if hazard in Hazard.values else "",
        colour=colour if colour in {str(value) for value in Colour.values} else "",
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def over(wish: Wish) -> list[Notice]:
    """The last message of each warning that holds no more, newest first. Exercises never."""
    ran_out = Q(alert__state=State.ISSUED, expires_at__lte=clock.now())
    ended = Q(alert__state__in=(State.LIFTED, State.CANCELLED, State.EXPIRED))
    rows = published.rows().filter(ended | ran_out, alert__kind__in=WARNS, alert__exercise=False)
    if wish.hazard:
        rows = rows.filter(alert__hazard=wish.hazard)
    if wish.colour:
        rows = rows.filter(colour=int(wish.colour))
    if wish.since:
        rows = rows.filter(sent_at__gte=_begins(wish.since))
    if wish.until and wish.until < date.max:
        rows = rows.filter(sent_at__lt=_begins(wish.until + timedelta(days=1)))
    if wish.place:
        rows = rows.filter(Q(place__startswith=wish.place) | Q(place__in=ancestors(wish.place)))
    notices = (published.notice(event) for event in rows.order_by("-sent_at")[:LOOKED_THROUGH])
    return [notice for notice in notices if not wish.place or notice.concerns(wish.place)]


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), clock.BEIJING)
