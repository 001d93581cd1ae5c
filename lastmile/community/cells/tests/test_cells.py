"""Cells and pairs: divided by hand or as suggested, undone, agreed to and taken back, out of the workbook and in."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.cells import actions, queries, sample, sheets
from lastmile.community.cells.models import Cell, Helper, Member, Pair
from lastmile.community.cells.suggesting import Door, suggest
from lastmile.community.people.models import Household, Person
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE, GRID = "410182109211", "410182109211001"


@pytest.fixture
def world() -> World:
    return World.build(households=12)


def homes(world: World, grid: str = GRID) -> list[Household]:
    return [home for home in world.households if home.place_id == grid]


def grown(home: Household) -> Person:
    return Person.objects.filter(household=home).earliest("pk")


def divided(world: World) -> list[Cell]:
    """Two cells of six."""
    wanted = {home.pk: 1 + at // 6 for at, home in enumerate(homes(world))}
    actions.arrange(world.places[GRID], wanted, by=world.village)
    return list(Cell.objects.filter(place=GRID).order_by("number"))


# --- the suggestion


@pytest.mark.parametrize("doors", [5, 9, 10, 11, 13, 40, 99, 500])
def test_a_suggestion_is_balanced_complete_and_always_the_same(doors: int) -> None:
    rows = [Door(key, f"001-{key:04d}", key) for key in range(1, doors + 1)]
    found = suggest(rows)
    assert found == suggest(rows[::-1])
    sizes = [list(found.values()).count(number) for number in set(found.values())]
    assert set(found) == set(range(1, doors + 1))
    assert max(sizes) - min(sizes) <= 1
    assert all(5 <= size <= 10 for size in sizes)
    assert list(found.values()) == sorted(found.values())  # along the walk


def test_buildings_stay_together_and_a_small_one_goes_with_its_neighbour() -> None:
    rows = [
        Door(key, f"{building}-{key}", key)
        for building, keys in (("1", range(1, 9)), ("2", range(9, 17)), ("3", range(17, 19)))
        for key in keys
    ]
    found = suggest(rows)
    assert {found[key] for key in range(1, 9)} == {1}
    assert {found[key] for key in range(9, 19)} == {2}
    assert suggest([]) == {}
    assert suggest([Door(1, "1", None), Door(2, "2", None)]) == {1: 1, 2: 1}


# --- dividing by hand


def test_a_division_is_kept_and_the_last_change_is_undone_once(world: World) -> None:
    first = divided(world)
    assert [queries.of_cell(cell).doors == homes(world)[at : at + 6] for cell, at in zip(first, (0, 6), strict=True)]
    actions.agree(first[0], "head", grown(homes(world)[0]), how="talk", by=world.village)
    actions.arrange(world.places[GRID], {homes(world)[0].pk: 3}, by=world.village)
    assert queries.arranged(GRID) == {homes(world)[0].pk: 3}
    assert not queries.helpers_now().exists()  # cell 1 is no more
    assert actions.undo(world.places[GRID], by=world.village) == 12
    assert sorted(queries.arranged(GRID).values()) == [1] * 6 + [2] * 6
    assert queries.of_cell(first[0]).head is not None
    with pytest.raises(Conflict):
        actions.undo(world.places[GRID], by=world.village)
    assert AuditEntry.objects.filter(action="cells.arrange").count() == 2


def test_nobody_is_in_two_cells_and_a_cell_has_ten_at_most(world: World) -> None:
    divided(world)
    assert Member.objects.filter(until=None).count() == 12
    with pytest.raises(Refusal, match="11"):
        actions.arrange(world.places[GRID], {home.pk: 1 for home in homes(world)[:11]}, by=world.village)
    with pytest.raises(Refusal):
        actions.arrange(world.places[GRID], {homes(world, GRID[:-1] + "2")[0].pk: 1}, by=world.village)
    with pytest.raises(Refusal):
        actions.arrange(world.places[GRID], {homes(world)[0].pk: 0}, by=world.village)
    assert actions.arrange(world.places[GRID], queries.arranged(GRID), by=world.village) == 0


def test_a_number_used_again_is_a_new_cell_to_its_old_head(world: World) -> None:
    cell = divided(world)[0]
    actions.agree(cell, "head", grown(homes(world)[0]), how="talk", by=world.village)
    actions.arrange(world.places[GRID], {}, by=world.village)
    actions.arrange(world.places[GRID], {homes(world)[0].pk: 1}, by=world.village)
    assert queries.of_cell(cell).head is None


# --- consent


def test_only_somebody_grown_of_the_cell_becomes_head_and_not_twice(world: World) -> None:
    first, second = divided(world)
    head = grown(homes(world)[0])
    actions.agree(first, "head", head, how="paper", by=world.village)
    with pytest.raises(Refusal):
        actions.agree(second, "head", head, how="talk", by=world.village)
    with pytest.raises(Refusal):
        actions.agree(first, "deputy", head, how="talk", by=world.village)
    with pytest.raises(Refusal):
        actions.agree(first, "deputy", grown(homes(world)[1]), how="", by=world.village)
    tomorrow = clock.today() + timedelta(days=1)
    with pytest.raises(Refusal):
        actions.agree(first, "deputy", grown(homes(world)[1]), how="talk", on=tomorrow, by=world.village)
    child = grown(homes(world)[1])
    child.minor = True
    child.save()
    with pytest.raises(Refusal):
        actions.agree(first, "deputy", child, how="talk", by=world.village)
    held = queries.of_cell(first).head
    assert held is not None
    assert (held.person, held.agreed_how, held.noted_name) == (head, "paper", "village")


def test_one_tap_takes_it_back_and_it_stays_in_the_history(world: World, client: Client) -> None:
    cell = divided(world)[0]
    helper = actions.agree(cell, "head", grown(homes(world)[0]), how="talk", by=world.village)
    world.login(client, "village")
    assert client.post(f"/cells/helpers/{helper.pk}/withdraw/").status_code == 302
    assert queries.of_cell(cell).head is None
    helper.refresh_from_db()
    assert helper.withdrawn_at is not None
    assert "收回" in client.get(f"/cells/{cell.pk}/").content.decode()
    assert client.post(f"/cells/helpers/{helper.pk}/withdraw/").status_code == 409


def test_a_pair_has_two_neighbours_from_other_doors(world: World) -> None:
    resident = Person.objects.filter(household=homes(world)[0]).latest("pk")
    one, two, three = (grown(homes(world)[at]) for at in (1, 2, 3))
    pair = actions.pair_with(resident, [one, two], how="talk", by=world.village)
    assert queries.pairs([resident.pk])[resident.pk][0] == pair
    actions.pair_with(resident, [two, three], how="phone", by=world.village)
    assert {helper.person for helper in queries.pairs([resident.pk])[resident.pk][1]} == {two, three}
    assert Pair.objects.count() == 1
    for wrong in ([one, one], [one, grown(homes(world)[0])], [one]):
        with pytest.raises(Refusal):
            actions.pair_with(resident, wrong, how="talk", by=world.village)
    with pytest.raises(Refusal):
        actions.pair_with(one, [two, three], how="talk", by=world.village)
    assert actions.withdraw_all(two.pk) == 1
    assert [helper.person for helper in queries.pairs([resident.pk])[resident.pk][1]] == [three]


# --- pages


def test_dividing_on_the_page_by_one_click_by_hand_and_back(world: World, client: Client) -> None:
    world.login(client, "village")
    page = client.get(f"/cells/in/{GRID}/doors/").content.decode()
    assert page.count("data-cell-number=") == 12
    assert client.post(f"/cells/in/{GRID}/suggest/").status_code == 302
    assert set(queries.arranged(GRID).values()) == {1, 2}
    assert "/suggest/" not in client.get(f"/cells/in/{GRID}/doors/").content.decode()
    first = homes(world)[0].pk
    wrong = client.post(f"/cells/in/{GRID}/doors/", {f"door-{first}": "甲"})
    assert wrong.status_code == 400
    assert "甲" in wrong.content.decode()
    client.post(f"/cells/in/{GRID}/doors/", {f"door-{first}": "7"})
    assert queries.arranged(GRID) == {first: 7}
    client.post(f"/cells/in/{GRID}/undo/")
    assert len(queries.arranged(GRID)) == 12
    assert client.post(f"/cells/in/{VILLAGE}/suggest/").status_code == 400  # grid by grid
    listed = client.get(f"/cells/in/{VILLAGE}/", {"missing": "head"}).content.decode()
    assert "第1网格" in listed
    assert client.get(f"/cells/in/{GRID}/print/").status_code == 200


def test_head_and_pair_are_entered_on_their_pages(world: World, client: Client) -> None:
    cell = divided(world)[0]
    world.login(client, "village")
    head = grown(homes(world)[0])
    client.post(f"/cells/{cell.pk}/agree/head/", {"person": head.pk, "how": "talk", "on": ""})
    assert queries.cell(world.village, cell.pk).has_head  # type: ignore[attr-defined]  # annotated
    resident = Person.objects.filter(household=homes(world)[0]).latest("pk")
    both = {"first": grown(homes(world)[1]).pk, "second": grown(homes(world)[2]).pk, "how": "talk", "on": ""}
    assert client.post(f"/cells/pairs/of/{resident.pk}/", both).status_code == 302
    page = client.get(f"/cells/in/{GRID}/pairs/", {"state": "paired"}).content.decode()
    assert homes(world)[1].number in page
    assert "李村民" not in page
    twice = client.post(f"/cells/pairs/of/{resident.pk}/", both | {"second": both["first"]})
    assert twice.status_code == 400
    pair = Pair.objects.get()
    assert client.post(f"/cells/pairs/{pair.pk}/end/").status_code == 302
    assert not queries.pairs([resident.pk])


# --- workbook


def book(world: World, change: Any) -> SimpleUploadedFile:
    found = load_workbook(io.BytesIO(sheets.exported(world.places[GRID])))
    change(found)
    out = io.BytesIO()
    found.save(out)
    return SimpleUploadedFile("cells.xlsx", out.getvalue())


def test_the_workbook_goes_out_is_filled_in_and_comes_back(world: World, client: Client) -> None:
    divided(world)
    world.login(client, "village")

    def fill(found: Any) -> None:
        for at, value in enumerate(["1", "组长", "李村民"], start=2):
            found[sheets.CELLS].cell(3, at, value)
        found[sheets.CELLS].cell(14, 2, "1")  # the last door goes to cell 1
        for at, value in enumerate(
            ["001-1", "李村民", "001-2", "李村民", "001-3", "李村民", "书面", "2026-01-02"], start=1
        ):
            found[sheets.PAIRS].cell(3, at, value)

    answer = client.post(f"/cells/in/{GRID}/workbook/", {"file": book(world, fill)})
    page = answer.content.decode()
    assert answer.status_code == 400  # two people of the door bear this name: nothing is guessed
    assert "互助单元!D3" in page
    for person in Person.objects.filter(place=GRID, vulnerable=True):
        person.name = "张阿婆"
        person.save()

    def right(found: Any) -> None:
        fill(found)
        found[sheets.PAIRS].cell(3, 2, "张阿婆")

    answer = client.post(f"/cells/in/{GRID}/workbook/", {"file": book(world, right)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert not Helper.objects.exists()  # only looked at
    sure = page.split('name="sure" value="')[1].split('"')[0]
    assert client.post(f"/cells/in/{GRID}/workbook/", {"sure": sure}).status_code == 302
    assert Helper.objects.filter(role="head").count() == 1
    assert Helper.objects.filter(role="pair", agreed_how="paper").count() == 2
    assert sorted(queries.arranged(GRID).values()) == [1] * 7 + [2] * 5
    again = client.post(f"/cells/in/{GRID}/workbook/", {"file": book(world, lambda found: None)})
    assert "都已经是这样" in again.content.decode()  # exported with masked names, it changes nothing
    assert client.post(f"/cells/in/{GRID}/workbook/", {"sure": sure}).status_code == 409
    assert client.post(f"/cells/in/{GRID}/workbook/", {"sure": sure + "x"}).status_code == 409


def test_every_mistake_of_a_workbook_has_its_cell_and_nothing_is_written(world: World, client: Client) -> None:
    world.login(client, "village")

    def spoil(found: Any) -> None:
        sheet = found[sheets.CELLS]
        sheet.cell(3, 1, "没有-1")
        sheet.cell(4, 2, "甲")
        sheet.cell(5, 2, "1")
        sheet.cell(5, 3, "班长")
        sheet.cell(6, 2, "1")
        sheet.cell(6, 3, "组长")
        sheet.cell(6, 4, "赵无此人")
        sheet.cell(6, 6, "2199-01-01")

    page = client.post(f"/cells/in/{GRID}/workbook/", {"file": book(world, spoil)}).content.decode()
    for cell in ("互助单元!A3", "互助单元!B4", "互助单元!C5", "互助单元!D6", "互助单元!F6"):
        assert cell in page
    assert not Cell.objects.exists()


# --- programs


def test_programs_divide_agree_and_pair(world: World, client: Client) -> None:
    world.login(client, "village")
    assert client.post(f"/api/v1/cells/in/{GRID}/suggest", content_type="application/json").json() == {"moved": 12}
    rows = client.get("/api/v1/cells", {"place": GRID}).json()
    assert [row["doors"] for row in rows] == [6, 6]
    head = {"person": grown(homes(world)[0]).pk, "role": "head"}
    made = client.post(f"/api/v1/cells/{rows[0]['id']}/helpers", head, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["name"] == "李＊＊"
    one = client.get(f"/api/v1/cells/{rows[0]['id']}").json()
    assert one["households"] == [home.pk for home in homes(world)[:6]]
    doors = {"doors": {str(homes(world)[0].pk): 4}}
    assert client.put(f"/api/v1/cells/in/{GRID}/doors", doors, content_type="application/json").json()["moved"] == 12
    assert client.post(f"/api/v1/cells/in/{GRID}/undo", content_type="application/json").json()["moved"] == 12
    resident = Person.objects.filter(household=homes(world)[0]).latest("pk").pk
    pair = {"neighbours": [grown(homes(world)[at]).pk for at in (1, 2)], "how": "phone"}
    made = client.put(f"/api/v1/pairs/{resident}", pair, content_type="application/json")
    assert len(made.json()["helpers"]) == 2
    assert client.post(f"/api/v1/pairs/{made.json()['id']}/end", content_type="application/json").status_code == 204
    world.login(client, "neighbour")
    assert client.get("/api/v1/cells", {"place": GRID}).json() == []
    assert client.put(f"/api/v1/cells/in/{GRID}/doors", doors, content_type="application/json").status_code == 404


# --- the demo


def test_the_demo_gets_cells_once_some_without_a_head(world: World) -> None:
    made = sample.fill(VILLAGE, world.village)
    assert made == Cell.objects.filter(until=None).count() == 4
    assert Helper.objects.filter(role="head").count() == 4
    assert Pair.objects.exists()
    assert sample.fill(VILLAGE, world.village) == 0


def test_a_volunteer_is_entered_door_first_listed_and_taken_out(world: World, client: Client) -> None:
    world.login(client, "village")
    url = f"/cells/in/{GRID}/volunteers/"
    assert "还没有人报名" in client.get(url).content.decode()
    door, person = homes(world)[4].number, grown(homes(world)[4])
    assert client.get(f"{url}add/?number=nobody").status_code == 404
    page = client.get(f"{url}add/?number={door}").content.decode()
    assert f'value="{person.pk}"' in page
    assert "李村民" not in page
    asked = {"person": person.pk, "how": "talk", "on": ""}
    assert client.post(f"{url}add/?number={door}", asked).status_code == 302
    again = client.post(f"{url}add/?number={door}", asked)
    assert again.status_code == 409
    assert "已经报名" in again.content.decode()
    helper = Helper.objects.get(person=person, role="volunteer")
    assert f"/cells/volunteers/{helper.pk}/" in client.get(url).content.decode()
    assert client.post(f"/cells/helpers/{helper.pk}/withdraw/")["Location"] == url
    assert "还没有人报名" in client.get(url).content.decode()
    assert AuditEntry.objects.filter(action="cells.withdraw").count() == 1


def test_only_somebody_grown_of_the_village_volunteers(world: World) -> None:
    place, child = world.places[GRID], grown(homes(world)[0])
    Person.objects.filter(pk=child.pk).update(minor=True)
    child.refresh_from_db()
    with pytest.raises(Refusal):
        actions.volunteer(place, child, how="talk", by=world.village)
    with pytest.raises(Refusal):
        actions.volunteer(world.places["410182109205"], grown(homes(world)[1]), how="talk", by=world.village)
    assert not Helper.objects.filter(role="volunteer").exists()


def test_programs_enter_volunteers_in_their_own_area_only(world: World, client: Client) -> None:
    world.login(client, "village")
    person = grown(homes(world)[2])
    url = f"/api/v1/cells/in/{VILLAGE}/volunteers"
    made = client.post(url, {"person": person.pk, "how": "phone"}, content_type="application/json")
    assert (made.status_code, made.json()["role"], made.json()["place"]) == (201, "volunteer", VILLAGE)
    assert [one["person"] for one in client.get(url).json()] == [person.pk]
    world.login(client, "neighbour")
    assert client.get(url).status_code == 404
    assert client.post(url, {"person": person.pk}, content_type="application/json").status_code == 404
