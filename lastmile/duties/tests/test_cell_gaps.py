"""Gaps among neighbours, each mended in one short form of the radar."""

from __future__ import annotations

import pytest
from django.test import Client

from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import Cell, Helper
from lastmile.community.people.models import Household, Person
from lastmile.duties import gaps
from tests.world import World

pytestmark = pytest.mark.django_db
GRID, BESIDE = "410182109211001", "410182109211002"


@pytest.fixture
def world() -> World:
    return World.build(households=6)


def homes(world: World) -> list[Household]:
    return [home for home in world.households if home.place_id == GRID]


def grown(home: Household) -> Person:
    return Person.objects.filter(household=home).earliest("pk")


def number(person: Person) -> str:
    return str(person.contacts.get().value.reveal())


def count(name: str) -> int:
    return gaps.found(gaps.get(name)).count()


def test_nothing_is_missing_where_nobody_has_begun_and_each_gap_is_mended(world: World, client: Client) -> None:
    names = ("undivided", "headless", "unpaired", "unreachable_head", "withdrawn")
    assert [count(name) for name in names] == [0, 0, 0, 0, 0]
    actions.arrange(world.places[GRID], {home.pk: 1 for home in homes(world)}, by=world.village)
    assert [count(name) for name in names] == [1, 1, 12, 0, 0]
    world.login(client, "village")

    def mend(name: str, pk: object, **data: str) -> int:
        return client.post(f"/gaps/{name}/{pk}/mend/", data).status_code

    cell = Cell.objects.get()
    head = grown(homes(world)[0])
    assert mend("headless", cell.pk, phone=number(head), how="talk") == 302
    assert count("headless") == 0
    head.contacts.update(usable=False)
    helper = Helper.objects.get()
    assert count("unreachable_head") == 1
    assert mend("unreachable_head", helper.pk, kind="phone", value="13900001234") == 302
    assert count("unreachable_head") == 0
    actions.withdraw(helper, how="talk", by=world.village, place=GRID)
    assert (count("withdrawn"), count("headless")) == (1, 1)
    assert mend("withdrawn", helper.pk, phone=number(grown(homes(world)[1])), how="phone") == 302
    assert (count("withdrawn"), count("headless")) == (0, 0)
    resident = Person.objects.filter(household=homes(world)[0], vulnerable=True).get()
    both = {"first": number(grown(homes(world)[1])), "second": number(grown(homes(world)[2])), "how": "talk"}
    assert mend("unpaired", resident.pk, **both) == 302
    assert count("unpaired") == 11
    one = queries.pairs([resident.pk])[resident.pk][1][0]
    actions.withdraw(one, how="talk", by=world.village, place=GRID)
    assert count("unpaired") == 12
    assert mend("undivided", BESIDE) == 302
    assert count("undivided") == 0
    assert Cell.objects.filter(place=BESIDE).count() == 1
