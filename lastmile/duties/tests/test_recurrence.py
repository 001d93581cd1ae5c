"""When recurring work comes round, and which recurrences are refused in words."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import translation

from lastmile.duties.recurrence import checked, days_of, is_working, upcoming
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import Refusal

FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=WEEKLY", "never ends"),
        ("FREQ=WEEKLY;COUNT=10", "never ends"),
        ("FREQ=WEEKLY;UNTIL=20991231", "within three years"),
        ("FREQ=WEEKLY;UNTIL=20251231", "within three years"),
        ("FREQ=HOURLY;UNTIL=20261231", "more than once a day"),
        ("FREQ=MINUTELY;UNTIL=20261231", "more than once a day"),
        ("FREQ=DAILY;UNTIL=20281230", "more than 400"),
        ("FREQ=DAILY;INTERVAL=0;UNTIL=20261231", "distance"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20261231", "never comes round"),
        ("FREQ=WEEKLY;BYDAY=XX;UNTIL=20261231", "can't be read"),
        ("FREQ=MONTHLY;BYMONTH=13;UNTIL=20261231", ""),
        ("FREQ=DAILY;FREQ=WEEKLY;UNTIL=20261231", "can't be read"),
        ("EXDATE=20260101", "can't be read"),
        ("", "can't be read"),
        ("一二三", "can't be read"),
    ],
)
def test_a_recurrence_nobody_can_keep_is_refused_in_words(rule: str, says: str) -> None:
    with translation.override("en"), pytest.raises(Refusal) as refused:
        checked(rule, FIRST)
    assert says in str(refused.value.says)


def test_a_good_rule_is_kept_and_read() -> None:
    rule = checked("rrule:freq=weekly;byday=MO;bymonth=6;until=20261231", FIRST)
    assert rule == "FREQ=WEEKLY;BYDAY=MO;BYMONTH=6;UNTIL=20261231"
    assert list(days_of(rule, FIRST))[:2] == [date(2026, 6, 1), date(2026, 6, 8)]


def test_holidays_and_worked_weekends_are_known() -> None:
    assert not is_working(date(2026, 2, 17))  # Spring Festival, a Tuesday
    assert is_working(date(2026, 2, 28))  # a Saturday that is worked instead
    assert not is_working(date(2026, 3, 7))
    assert is_working(date(2026, 3, 9))


def test_a_holiday_is_kept_moved_or_skipped() -> None:
    rule, after = "FREQ=MONTHLY;BYMONTHDAY=17;UNTIL=20261231", datetime(2026, 2, 1, tzinfo=BEIJING)
    days = {how: upcoming(rule, FIRST, after=after, on_holiday=how) for how in ("same", "next", "skip")}
    assert {how: f"{at:%m-%d %H}" for how, at in days.items() if at} == {
        "same": "02-17 08",
        "next": "02-24 08",
        "skip": "03-17 08",
    }
    assert upcoming(rule, FIRST, after=datetime(2027, 1, 1, tzinfo=BEIJING)) is None
