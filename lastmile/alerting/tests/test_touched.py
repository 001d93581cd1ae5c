"""A drawn area touches places, and no others: what comes round after the warning comes round there alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from shapely.geometry import box

from lastmile.alerting.area import find, touched
from lastmile.alerting.audience import Audience
from lastmile.alerting.tests.conftest import COUNTY, VILLAGE, Desk
from lastmile.community.org.models import Boundary, Level, Post, Stamp
from lastmile.community.people.models import Household
from lastmile.duties.actions import checklists
from lastmile.duties.models import Checklist, Round, Sheet
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db
EAST, WEST, BESIDE, TOWN = VILLAGE + "002", VILLAGE + "001", "410182109205", "410182109"
GROUPS = ["residents", "responsible", "sites"]


def area(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"polygons": [{"type": "Polygon", "coordinates": [corners]}], "groups": GROUPS}


IN_WEST = area(113.331, 34.631, 113.332, 34.632)
BOTH = area(113.331, 34.631, 113.347, 34.647)
CIRCLE = {"circles": [[113.345, 34.645, 0.2]], "groups": GROUPS}
FAR = area(113.9, 34.9, 113.91, 34.91)


@pytest.fixture(autouse=True)
def outlines(desk: Desk) -> None:
    """The two grids of the village as squares; the village beside has neither grids nor an outline, one household."""
    for code, (x, y) in {WEST: (113.33, 34.63), EAST: (113.34, 34.64)}.items():
        square = box(x, y, x + 0.01, y + 0.01)
        Boundary.objects.create(place_id=code, wkb=square.wkb, west=x, south=y, east=x + 0.01, north=y + 0.01)
    Household.objects.create(
        place_id=BESIDE, village=BESIDE, number="1", address="第1户", longitude=113.36, latitude=34.66,
        updated_at=clock.now(),
    )  # fmt: skip
    Stamp.objects.update_or_create(name=Stamp.PLACES, defaults={"value": uuid4()})


@pytest.mark.parametrize(
    ("audience", "codes"),
    [
        (IN_WEST, [WEST]),
        (CIRCLE, [EAST]),
        (BOTH, [VILLAGE]),  # all its grids
        (area(113.355, 34.655, 113.365, 34.665), [BESIDE]),  # no outline: a household stands there
        (area(113.331, 34.631, 113.365, 34.665), [TOWN]),  # every village of it
        (FAR, []),
        (IN_WEST | {"places": [EAST]}, [WEST, EAST]),
        (IN_WEST | {"places": [VILLAGE]}, [VILLAGE]),
    ],
)
def test_an_area_touches_these_places_and_no_others(audience: dict[str, Any], codes: list[str]) -> None:
    assert touched(find(Audience.parse(audience), COUNTY)) == codes


def waiting(desk: Desk, level: Level, kind: str = Post.Kind.LEADER) -> Checklist:
    facts = {"name": "雨后巡查", "items": ["沟渠畅通"], "trigger": Checklist.Trigger.WARNING, "colour": 4}
    made = Checklist(place=desk.world.places[COUNTY], level=level, kind=kind)
    return checklists.save_checklist(made, by=desk.world.officer, **facts)


def handed_out(row: Checklist) -> list[str]:
    while checklists.tick():
        pass
    return sorted(Sheet.objects.filter(round__checklist=row).values_list("post__place", flat=True))


def posts(*codes: str) -> None:
    for code in codes:
        Post.objects.create(place_id=code, kind=Post.Kind.LEADER, title="负责人")


def test_after_a_drawn_warning_a_checklist_goes_to_the_touched_places_alone(desk: Desk) -> None:
    posts(EAST, BESIDE, "410182108")
    grid, village, town = (waiting(desk, level) for level in (Level.GRID, Level.VILLAGE, Level.TOWNSHIP))
    desk.issued(audience=IN_WEST)
    assert handed_out(grid) == [WEST]
    assert handed_out(village) == [VILLAGE]
    assert handed_out(town) == [TOWN]


def test_a_circle_that_touches_nothing_hands_out_nothing(desk: Desk) -> None:
    row = waiting(desk, Level.VILLAGE)
    desk.issued(audience=FAR)
    assert handed_out(row) == []
    assert not Round.objects.exists()


def test_an_update_that_touches_more_reaches_those_and_nobody_twice(desk: Desk) -> None:
    posts(EAST, BESIDE)
    grid, village = waiting(desk, Level.GRID), waiting(desk, Level.VILLAGE)
    first = desk.issued(audience=IN_WEST)
    assert handed_out(grid) == [WEST]
    second = desk.follow(first, "update", audience=BOTH)
    assert handed_out(grid) == [WEST, EAST]
    assert handed_out(village) == [VILLAGE]  # once, although it is touched anew
    desk.follow(second, "update", audience=IN_WEST)
    assert handed_out(grid) == [WEST, EAST]
    assert Round.objects.filter(checklist=grid).count() == 2
