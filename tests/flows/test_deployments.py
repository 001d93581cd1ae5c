"""The city above, the county below: two databases, two processes, two ports, one line that is cut for six hours.

The city holds no household of the county. It issues; the county passes on by a rule; people answer, posts confirm; the
city sees it on its coverage page. While the line is cut both go on alone. Afterwards nothing is missing, nothing twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from tests.flows.city import GRID, VILLAGE
from tests.flows.house import House
from tests.flows.line import Line

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.EMBEDDED_DATABASE, reason="makes databases on the embedded server"),
]
NAMES = [f"lastmile_{name}_{os.getpid()}" for name in ("city", "county")]


@pytest.fixture
def databases(transactional_db: None) -> Iterator[list[str]]:
    """Two, each a copy of the empty one of the tests."""
    own: dict[str, Any] = settings.DATABASES["default"]
    connections.close_all()  # a database that is copied must be left alone
    where = {"host": own["HOST"], "user": own["USER"], "port": own["PORT"] or None, "password": own.get("PASSWORD")}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as connection:
        for name in NAMES:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{own["NAME"]}"')
        yield [f"postgresql://{quote(own['USER'])}@/{name}?host={quote(own['HOST'], safe='')}" for name in NAMES]
        for name in NAMES:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Two:
    city: House
    county: House
    line: Line

    def live(self, **forward: float) -> None:
        """Time goes on in both, and their workers work. The county polls, then says; the city hears while it does."""
        self.city("work", **forward)
        self.county("work", **forward)

    def hours(self, count: int) -> None:
        for _hour in range(count):
            self.live(seconds=3600)

    def same(self) -> bool:
        return bool(self.city("said") == self.county("said"))


@pytest.fixture
def two(databases: list[str]) -> Iterator[Two]:
    line, houses = Line(), []
    try:
        for database, name in zip(databases, ("city", "county"), strict=True):
            houses.append(House(database, LASTMILE_CAP_SENDER=f"{name}@example.cn", LASTMILE_CAP_UNIT="00000000"))
        city, county = houses
        line.port = city.port
        city("settle", url=line.url, people=False)
        county("settle", url=f"http://127.0.0.1:{county.port}", people=True)
        yield Two(city, county, line)
    finally:
        for house in houses:
            house.end()
        line.down()


def begin(two: Two) -> str:
    """Paired, trusted; the city warns, and the county passes it on by itself."""
    two.county("join", url=two.line.url, code=two.city("invite"))
    two.county("trust")
    assert two.county("link")["state"] == "active"
    code = str(two.city("warn"))
    assert "对方还没有转发这条预警" in two.city("page", code=code)
    two.live(seconds=20)
    assert two.county("issued") == ["alert"]
    two.live()
    assert (two.city("reports")["doors"]["doors"], two.city("reports")["light"]) == (6, "green")
    return code


def answer(two: Two) -> None:
    """Who answers and who confirms below is seen above."""
    two.county("answers", number=0)
    two.county("answers", number=4, fact=7)
    two.county("confirms", place=VILLAGE)
    two.live()
    seen = two.city("reports")
    assert seen["doors"] == two.county("own")["doors"]
    assert (seen["doors"]["confirmed"], seen["people"]["needs_help"], seen["posts"]["confirmed"]) == (2, 1, 1)
    assert two.same()


def lose_an_answer(two: Two) -> None:
    """What was said is said again, and counts once."""
    two.line.answers = False
    two.county("answers", number=2)
    two.live()
    assert two.county("link")["failures"] == 1
    two.line.answers = True
    two.live(seconds=20)
    assert two.city("reports")["doors"]["confirmed"] == 3
    assert two.same()


def cut(two: Two) -> None:
    """Six hours: the county goes on, the city updates its warning, both lights turn red."""
    two.line.up = False
    for number in (6, 8):
        two.county("answers", number=number)
        two.hours(1)
    two.county("confirms", place=GRID)
    two.hours(3)
    two.city("warn", reason="雨势加强", instruction="立即到小学二楼。\n不要回家。")
    two.hours(1)
    assert (two.city("reports")["silent"], two.city("reports")["light"]) == (True, "red")
    assert (two.county("link")["light"], two.county("issued")) == ("red", ["alert"])
    waits = two.county("link")
    assert 0 < waits["number"] - waits["have"] < 10


def heal(two: Two) -> None:
    """By itself: the update comes down, everything goes up, nothing twice."""
    two.line.up = True
    for seconds in (150, 600, 10):
        two.live(seconds=seconds)
    assert two.county("issued") == ["alert", "update"]
    assert two.same()
    link, said = two.county("link"), two.city("said")
    assert (link["failures"], link["number"], link["light"]) == (0, link["have"], "green")
    assert [number for number, _text in said["receipts"]] == list(range(1, link["number"] + 1))
    assert two.city("reports")["doors"] == two.county("own")["doors"]
    first = min(row[0] for row in said["tallies"])
    confirmed = sum(row[8] for row in said["tallies"] if row[0] == first)
    assert confirmed == 5 + 2  # residents and posts, before the cut and in it


def test_the_city_sees_the_households_of_the_county_across_a_cut_of_six_hours(two: Two) -> None:
    code = begin(two)
    answer(two)
    page = two.city("page", code=code)
    assert "下级系统上报" in page
    assert "荥阳市" in page
    lose_an_answer(two)
    cut(two)
    heal(two)
    two.city("warn", kind="lift", reason="雨停")
    two.live(seconds=60)
    assert two.county("issued") == ["alert", "update", "lift"]
    assert two.same()
