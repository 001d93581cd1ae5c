"""The API of people: masked, scoped, and no way round the reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.community.org.models import Post
from lastmile.community.people.models import Household, Look, Person
from tests.world import World

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
GRID = "410182109211001"


@pytest.fixture
def world() -> World:
    return World.build()


def post(client: Client, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(V1 + path, body or {}, content_type="application/json")


def test_households_are_listed_masked_and_only_of_the_own_area(world: World, client: Client) -> None:
    world.login(client, "grid")
    rows = client.get(f"{V1}/households").json()
    assert {row["place"] for row in rows} == {GRID}
    assert rows[0]["address"] == "第＊＊"
    page = client.get(f"{V1}/households/{rows[0]['id']}").json()
    assert page["members"][0]["name"] == "李＊＊"
    assert "＊＊" in page["members"][0]["contacts"][0]["value"]
    world.login(client, "neighbour")
    assert client.get(f"{V1}/households").json() == []
    assert client.get(f"{V1}/households/{rows[0]['id']}").status_code == 404


def test_a_look_needs_a_reason_and_is_logged(world: World, client: Client) -> None:
    world.login(client, "grid")
    path = f"/people/{world.residents[0].pk}/look"
    assert post(client, path, {"reason": ""}).status_code == 400
    assert post(client, path, {"reason": "转移"}).json()["name"] == "李村民"
    assert Look.objects.count() == 1
    world.login(client, "approver")
    assert post(client, path, {"reason": "转移"}).status_code == 403


def test_a_household_is_entered_with_a_resident_and_a_contact(world: World, client: Client) -> None:
    world.login(client, "village")
    home = post(client, "/households", {"place": GRID, "number": "77", "address": "7组"})
    assert home.status_code == 201
    person = post(client, f"/households/{home.json()['id']}/residents", {"name": "张三", "care": ["deaf"]})
    assert person.status_code == 201
    contact = post(client, f"/people/{person.json()['id']}/contacts", {"kind": "phone", "value": "10099998888"})
    assert contact.status_code == 201
    assert client.delete(f"{V1}/people/contacts/{contact.json()['id']}").status_code == 204
    assert Household.objects.get(number="77").vulnerable == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/households", {"place": "410182109205", "number": "1", "address": "x"}, 404),
        ("/households", {"place": GRID, "number": "001-1", "address": "x"}, 409),
        ("/households", {"place": "410182109211", "number": "", "address": "x"}, 422),
        ("/households/999999/residents", {"name": "张三"}, 404),
    ],
)
def test_bad_input_is_a_problem_in_words(
    world: World, client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    world.login(client, "village")
    before = Household.objects.count(), Person.objects.count()
    answer = post(client, path, body)
    assert answer.status_code == status
    assert answer.json()["title"]
    assert (Household.objects.count(), Person.objects.count()) == before


def test_holders_and_appointments(world: World, client: Client) -> None:
    world.login(client, "village")
    held = client.get(f"{V1}/places/410182109211/holders").json()
    assert held[0]["answers_today"] == "王＊＊"
    leader = Post.objects.get(place="410182109211", kind=Post.Kind.LEADER)
    made = post(client, f"/posts/{leader.pk}/appoint", {"role": "deputy", "phone": "10044443333", "name": "钱新"})
    assert made.status_code == 201
    assert post(client, f"/appointments/{made.json()['appointment']}/end").status_code == 204


def test_leaving_and_moving_are_undone_by_the_same_address(world: World, client: Client) -> None:
    world.login(client, "village")
    person, home = world.residents[0].pk, world.households[0].pk
    assert post(client, f"/people/{person}/leave").json()["left_on"]
    assert post(client, f"/people/{person}/leave?gone=false").json()["left_on"] is None
    assert post(client, f"/households/{home}/move").json()["moved_out_on"]
    assert post(client, f"/households/{home}/move?out=false").json()["moved_out_on"] is None
