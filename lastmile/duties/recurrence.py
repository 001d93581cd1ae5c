"""When recurring work comes round: an RRULE with an end, and Chinese holidays with their working weekends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import islice

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _

from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import Refusal

LONGEST = timedelta(days=3 * 366)
MOST = 400  # times in all: more than once a day is no check any more
AT = time(8, 0)  # in Beijing: when people come to work
PART = re.compile(r"(FREQ|INTERVAL|BYDAY|BYMONTH|BYMONTHDAY|BYSETPOS|UNTIL|COUNT|WKST)=([A-Z0-9,+-]{1,60})")
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def checked(rule: str, first: date) -> str:
    """The rule as it is kept. Raises Refusal for one without end, too dense, or that can't be read."""
    rule = rule.strip().upper().removeprefix("RRULE:")
    parts = _parts(rule)
    if parts.get("FREQ") not in FREQUENCIES:
        raise Refusal(_("This comes round more than once a day."), _("Choose daily, weekly, monthly or yearly."))
    if not re.fullmatch(r"[1-9]\d{0,2}", parts.get("INTERVAL", "1")):
        raise Refusal(_("The distance between two times must be a number from 1 to 999."), _("Write another number."))
    until = _day(parts.get("UNTIL", ""))
    if until is None:
        raise Refusal(
            _("This recurrence never ends."), _("Say until which day it comes round, at most three years on.")
        )
    if not first <= until <= first + LONGEST:
        raise Refusal(
            _("The recurrence must end after it begins, and within three years."), _("Choose another last day.")
        )
    days = list(islice(days_of(rule, first), MOST + 1))
    if len(days) > MOST:
        raise Refusal(
            _("This comes round more than %(most)s times.") % {"most": MOST}, _("Let it come round more rarely.")
        )
    if not days:
        raise Refusal(_("This never comes round."), _("Choose days that exist."))
    return rule


def _parts(rule: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in rule.split(";"):
        match = PART.fullmatch(part)
        if match is None or match[1] in found:
            raise Refusal(
                _("This recurrence can't be read: %(part)s") % {"part": part[:40]}, _("Use the fields of the form.")
            )
        found[match[1]] = match[2]
    return found


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        return None


def days_of(rule: str, first: date) -> Iterator[date]:
    """The days of a rule that has passed `checked` (or ends, at least)."""
    try:
        rule = re.sub(r"UNTIL=(\d{8})\w*", r"UNTIL=\1T235959", rule)
        for moment in rrulestr(rule, dtstart=datetime.combine(first, AT)):
            yield moment.date()
    except (ValueError, TypeError, IndexError) as error:
        raise Refusal(
            _("This recurrence can't be read: %(part)s") % {"part": rule[:40]}, _("Use the fields of the form.")
        ) from error


def upcoming(rule: str, first: date, *, after: datetime, on_holiday: str = "same") -> datetime | None:
    """The next moment after `after`, moved or skipped where the day is none to work on; None when it is over."""
    for day in days_of(rule, first):
        moved = _moved(day, on_holiday)
        if moved is not None and (at := datetime.combine(moved, AT, BEIJING)) > after:
            return at
    return None


def _moved(day: date, on_holiday: str) -> date | None:
    if on_holiday == "same" or is_working(day):
        return day
    if on_holiday == "skip":
        return None
    while not is_working(day):
        day += timedelta(days=1)
    return day


def is_working(day: date) -> bool:
    """Whether people work on this day in China: holidays count, and weekends that are worked instead."""
    holidays, worked = _calendar(day.year)
    return day in worked or (day.weekday() < 5 and day not in holidays)


@cache
def _calendar(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """(days off, weekends that are worked) of a year; before the State Council has named them, the fixed feasts."""
    import holidays  # takes 0.7 s: only where a calendar is asked for

    known = holidays.country_holidays("CN", years=[year], language="zh_CN")
    texts = [str(name) for name in known.values()]
    worked = {_substituted(text) for text in texts}
    return frozenset(known), frozenset(day for day in worked if day is not None)


def _substituted(text: str) -> date | None:
    """The weekend that is worked instead, as in “休息日（由 2026-01-04 调休）”."""
    match = re.search(r"\d{4}-\d{2}-\d{2}", text)
    return date.fromisoformat(match[0]) if match else None
