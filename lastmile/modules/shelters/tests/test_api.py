"""Everything of a warning's shelters that a program may ask and do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.answering import make_event
from lastmile.modules.shelters.models import Stay
from lastmile.modules.shelters.tests.conftest import GRID, GRID2, VILLAGE, make_shelter
from tests.world import World


@pytest.fixture
def event(world: World) -> AlertEvent:
    return make_event(world)


class Program:
    def __init__(self, client: Client, event: AlertEvent) -> None:
        self.client, self.base = client, f"/api/v1/alerts/{event.alert.code}"

    def post(self, address: str, **body: Any) -> Any:
        address = address if address.startswith("/api/") else self.base + address
        return self.client.post(address, body, "application/json")

    def roll(self, place: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"{self.base}/shelters?place={place}").json()
        return found


@pytest.fixture
def program(world: World, event: AlertEvent, client: Client) -> Program:
    world.login(client, "village")
    return Program(client, event)


def test_a_program_opens_a_shelter_orders_people_and_reads_who_is_missing(world: World, program: Program) -> None:
    shelter = make_shelter(world)
    opened = program.post("/shelters", shelter=shelter.pk).json()
    assert (opened["free"], opened["state"]) == (100, "room")
    order = program.post("/transfers", place=GRID, opening=opened["opening"], route="走东岭路")
    assert order.status_code == 201
    door = world.households[3].pk
    assert program.post("/transfers", place=GRID2, opening=opened["opening"], household=door).json()["people"] == 2
    found = program.roll()
    assert (found["figures"]["listed"], found["figures"]["missing"], found["over"]) == (8, 8, False)
    assert [row["figures"]["missing"] for row in found["places"]] == [6, 2]
    missing = program.client.get(program.base + f"/missing?place={GRID2}").json()
    assert [(one["name"], one["door"]) for one in missing] == [("李＊＊", "002-1")] * 2
    away = [one["stay"] for one in missing]
    key = str(uuid4())
    for _again in range(2):
        entered = program.post("/elsewhere", key=key, stays=away, where="hotel").json()
    assert entered["entered"] == 0
    assert program.roll()["figures"]["elsewhere"] == 2
    gone = program.post(f"/api/v1/transfers/{order.json()['id']}/withdraw", reason="水退了").json()
    assert gone["state"] == "withdrawn"
    assert program.roll(VILLAGE)["figures"]["missing"] == 0


def test_a_program_changes_an_order_and_closes_the_empty_shelter(world: World, program: Program) -> None:
    first, second = (
        program.post("/shelters", shelter=make_shelter(world, name).pk).json()["opening"] for name in ("一", "二")
    )
    order = program.post("/transfers", place=GRID, opening=first).json()
    blocked = program.post(f"/api/v1/shelters/desks/{first}/close")
    assert blocked.status_code == 409
    changed = program.post(f"/api/v1/transfers/{order['id']}/change", opening=second, reason="路断了").json()
    assert (changed["after"], changed["opening"]) == (order["id"], second)
    assert program.post(f"/api/v1/shelters/desks/{first}/close", home=False).json()["state"] == "closed"
    assert set(Stay.objects.values_list("opening", flat=True)) == {second}


def test_what_is_wrong_is_a_problem_in_words(world: World, program: Program) -> None:
    shelter = make_shelter(world, capacity=3)
    opening = program.post("/shelters", shelter=shelter.pk).json()["opening"]
    full = program.post("/transfers", place=GRID, opening=opening)
    assert (full.status_code, full.headers["Content-Type"]) == (409, "application/problem+json")
    assert "还有 3 个位置" in full.json()["title"]
    assert program.post("/transfers", place="410182109", opening=opening).status_code in {403, 404}
    elsewhere = program.post("/transfers", place=GRID, opening=opening, household=world.households[4].pk)
    assert elsewhere.status_code == 400
    assert program.post("/elsewhere", key=str(uuid4()), stays=[99], where="hotel").status_code == 400
    assert program.post("/shelters", shelter=999_999).status_code == 404


def test_another_county_reads_and_orders_nothing(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "neighbour")
    program = Program(client, event)
    assert program.client.get(program.base + "/shelters").status_code == 404
    assert program.post("/shelters", shelter=make_shelter(world).pk).status_code == 404
