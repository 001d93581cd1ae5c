"""Tables with a row for each household or special site: masked, opened for a reason, in the superior's own list."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pytest_django import Settings

from lastmile.community.accounts import second, signin
from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.generate.clear import clear
from lastmile.community.people.models import Household, Look
from lastmile.facts import dictionary
from lastmile.facts.actions import answer as answers
from lastmile.facts.actions import layout as layouts
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.request import Wish, planned, register
from lastmile.facts.layouts.fill import fill
from lastmile.facts.models import Cell, Entry, Layout, Request, Via
from lastmile.facts.queries import sheet, table
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
COUNTY, TOWNSHIP, VILLAGE, GRID = "410182", "410182109", "410182109211", "410182109211001"
VEHICLE, RESIDENTS, NAMES, PHONES, CARE = "home.vehicle", "home.residents", "home.names", "home.phones", "home.care"


def ask(world: World, *names: str, subject: str = "household", under: str = VILLAGE, **more: Any) -> Request:
    given: dict[str, Any] = {
        "place": world.places[COUNTY],
        "title": "转移人员名册",
        "basis": "防汛预案",
        "reason": "转移准备",
        "fields": dictionary.named(names or (RESIDENTS, NAMES, PHONES, CARE, VEHICLE)),
        "under": [under],
        "subject": subject,
        "level": 5,
        "due_at": clock.now() + timedelta(days=3),
    }
    return register(world.officer, Wish(**(given | more)))


def shown(request: Request, actor: Any = None) -> list[list[str]]:
    lines = table.lines(request, actor)
    table.fill(request, lines)
    return [[line.name, *(cell.text if cell else "?" for cell in line.cells)] for line in lines]


def form(head: list[str], *, footer: bool = True) -> bytes:
    """A superior's list: a merged title, headings in row 2, one empty line, and who signs below."""
    book, out = Workbook(), io.BytesIO()
    page = book.active
    assert isinstance(page, Worksheet)
    page.merge_cells("A1:D1")
    page["A1"] = "名册"
    for index, words in enumerate(head, start=1):
        page.cell(2, index, words)
    if footer:
        page["A4"] = "填表人："
        page.merge_cells("A4:B4")
        page.row_dimensions[4].height = 33
    book.save(out)
    return out.getvalue()


def first(content: bytes) -> Worksheet:
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    assert isinstance(page, Worksheet)
    return page


def test_households_are_rows_with_what_is_known_and_only_the_rest_is_asked_of_the_grid_worker() -> None:
    world = World.build()
    worker = Post.objects.create(place=world.places[GRID], kind="grid_worker", title="网格员")
    clock.forward(days=4)
    request = ask(world)
    assert {cell.state for cell in request.cells.exclude(field=VEHICLE)} == {"known"}
    assert {cell.state for cell in request.cells.filter(field=VEHICLE)} == {"asked"}
    assert worker in {one.post for one in request.asks.all()}
    lines = table.lines(request)
    table.fill(request, lines)
    assert [cell.days for cell in lines[0].cells if cell][:3] == [4, 4, 4]
    assert [line.name for line in lines] == [f"00{grid}-{n}" for grid in (1, 2) for n in (1, 2, 3)]


def test_personal_columns_are_masked_and_never_copied_into_the_table() -> None:
    world = World.build()
    request = ask(world)
    row = shown(request)[0]
    assert row[:3] == ["001-1", "2 人", "李＊＊、李＊＊"]
    assert row[3].count("＊＊") == 2
    assert row[4] == "李＊＊：＊＊"
    assert set(request.cells.filter(field__in=[NAMES, PHONES, CARE]).values_list("value", flat=True)) == {""}
    assert not Look.objects.exists()


def test_an_answer_about_a_door_serves_the_next_request_too() -> None:
    world = World.build()
    request = ask(world, VEHICLE, under=GRID)
    mine = request.asks.get()
    cells = answers.waiting(mine)
    assert [cell.of for cell in cells] == ["001-1", "001-2", "001-3"]
    assert answers.answer(world.village, mine, {f"c{cells[0].pk}": "是", f"c{cells[1].pk}": "否"}) == 1
    assert answers.answer(world.village, mine, {f"cannot-c{cells[2].pk}": "长期外出"}) == 0
    again = ask(world, VEHICLE, under=GRID, department="交通局")
    assert (again.state, shown(again)) == ("refused", [["001-1", "是"], ["001-2", "否"], ["001-3", ""]])


def test_what_was_said_of_a_household_moves_with_it_and_goes_with_it() -> None:
    world = World.build()
    home = world.households[0]
    enter(world.village, [Said(dictionary.field(VEHICLE), GRID, None, "是", home=home.pk)], Via.PAGE)
    Household.objects.filter(pk=home.pk).update(place=world.places[VILLAGE + "002"])
    home.refresh_from_db()
    assert {line.field.name: line.shown for line in sheet.lines(home)}[VEHICLE] == "是"
    request = ask(world, VEHICLE)
    assert request.cells.get(home=home).state == "known"
    world.residents[0].delete()
    home.delete()
    assert not Entry.objects.exists()
    assert not Cell.objects.filter(home=home.pk).exists()


def test_what_was_said_of_a_place_is_still_never_deleted() -> None:
    world = World.build()
    enter(world.village, [Said(dictionary.field("village.pumps"), VILLAGE, None, "3")], Via.PAGE)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Entry.objects.all().delete()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Entry.objects.update(value="4")


def test_a_generated_population_goes_with_its_facts() -> None:
    world = World.build()
    ask(world)
    said = Said(dictionary.field(VEHICLE), GRID, None, "是", home=world.households[0].pk)
    enter(world.village, [said], Via.PAGE)
    clear(COUNTY)
    assert not Household.objects.exists()
    assert not Entry.objects.exists()


def test_a_fact_of_a_household_that_is_not_there_any_more_is_refused() -> None:
    world = World.build()
    home = world.households[0]
    field = dictionary.field(VEHICLE)
    Household.objects.filter(pk=home.pk).update(moved_out_on=clock.today())
    for place, at, name in ((GRID, home.pk, VEHICLE), (GRID, 10**6, VEHICLE), (VILLAGE + "002", home.pk, VEHICLE)):
        with pytest.raises(Refusal):
            enter(world.village, [Said(dictionary.field(name), place, None, "是", home=at)], Via.PAGE)
    with pytest.raises(Refusal):
        enter(world.village, [Said(field, GRID, None, "是")], Via.PAGE)
    with pytest.raises(Refusal):
        enter(world.village, [Said(dictionary.field(NAMES), GRID, None, "x", home=home.pk)], Via.PAGE)
    assert not Entry.objects.exists()


def test_in_clear_only_for_a_reason_and_every_resident_can_see_who_looked(client: Client) -> None:
    world = World.build()
    request = ask(world)
    url = f"/facts/requests/{request.pk}/open/"
    world.login(client, "officer")
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": " "}).status_code == 400
    assert client.post(url, {"reason": "x"}).status_code == 400
    assert not Look.objects.exists()
    book = first(client.post(url, {"reason": "今晚转移，逐户打电话"}).content)
    line = [cell.value for cell in book[2]]
    assert "李村民、李村民" in line
    assert "李村民：独居" in line
    assert Look.objects.count() == 12
    assert set(Look.objects.values_list("reason", "actor_name")) == {("今晚转移，逐户打电话", str(world.officer))}
    trail = AuditEntry.objects.filter(action="people.look_homes")
    assert {entry.place for entry in trail} == {GRID, VILLAGE + "002"}
    assert "李村民" not in str(list(AuditEntry.objects.values()))
    masked = first(client.get(f"/facts/requests/{request.pk}/?export=xlsx").content)
    assert "李村民" not in str([[cell.value for cell in row] for row in masked.rows])


def test_who_may_not_open_names_does_not_get_them(client: Client) -> None:
    world = World.build()
    request = ask(world)
    url = f"/facts/requests/{request.pk}/open/"
    for name, status in (("village", 403), ("approver", 403), ("neighbour", 404), ("auditor", 403)):
        world.login(client, name)
        assert client.post(url, {"reason": "看看"}).status_code == status, name
    assert not Look.objects.exists()
    plain = ask(world, RESIDENTS)
    world.login(client, "officer")
    assert client.get(f"/facts/requests/{plain.pk}/open/").status_code == 404


def test_taking_names_away_as_a_file_needs_the_second_factor(client: Client, settings: Settings) -> None:
    world = World.build()
    request = ask(world)
    url, said = f"/facts/requests/{request.pk}/open/", {"reason": "今晚转移，逐户打电话"}
    settings.SECOND_FACTOR = "required"
    world.login(client, "officer")
    assert client.post(url, said)["Location"] == "/account/second/"
    assert client.get(f"/api/v1/facts/requests/{request.pk}").status_code == 403
    assert not Look.objects.exists()
    session = client.session
    session[signin.PROVEN] = True
    session.save()
    assert client.post(url, said).status_code == 200
    assert not second.required(world.village), "whoever looks at one door needs none"


def test_a_grid_worker_sees_the_doors_of_the_own_grid_only() -> None:
    world = World.build()
    request = ask(world)
    assert {row[0] for row in shown(request, world.grid)} == {"001-1", "001-2", "001-3"}
    for name in ("approver", "auditor"):
        with pytest.raises(NotAllowed):
            planned(world.users[name], Wish(world.places[COUNTY], "t", "b", "r", [], [], "household", 5, clock.now()))


def test_a_household_list_is_filled_into_the_superiors_form_however_long_it_is() -> None:
    world = World.build()
    request = ask(world)
    content = form(["序号", "户号", "常住人口数（人）", "住户姓名", "需车辆转移"])
    layout = layouts.keep(world.officer, world.places[COUNTY], "名册", "名册.xlsx", content, "household")
    assert layout.mapping["first"] == 3
    given = {"columns": {"A": "@number", "B": "@name", "C": RESIDENTS, "D": NAMES, "E": VEHICLE}, "rows": {}}
    layouts.remap(world.officer, layout, layout.sheet, given | {"cells": {"C4": "@date"}, "first": "3"})
    made = fill(request, layout)
    page = first(made.content)
    assert [page.cell(3, n).value for n in range(1, 5)] == [1, "001-1", 2, "李＊＊、李＊＊"]
    assert page["B8"].value == "002-3"
    assert page["A9"].value == "填表人："  # what stood below the list has moved down, merged as it was
    assert page["C9"].value == clock.today().isoformat()
    assert "A9:B9" in {str(one) for one in page.merged_cells.ranges}
    assert (page.row_dimensions[9].height, page.row_dimensions[4].height) == (33, None)
    assert made.open_cells == [f"E{n}" for n in range(3, 9)]
    assert made.fields_left == [PHONES, CARE]


def test_sites_fill_a_list_too(client: Client) -> None:
    world = World.build()
    for name in ("阳光敬老院", "王宗店小学"):
        SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name=name, capacity=40)
    request = ask(world, "org.site_capacity", "site.plan", subject="site")
    head = ["序号", "名称", "所在村", "最多人数", "有疏散方案"]
    content = form(
        [*head[:3], str(dictionary.field("org.site_capacity").label), str(dictionary.field("site.plan").label)]
    )
    layout = layouts.keep(world.officer, world.places[COUNTY], "场所表", "场所.xlsx", content, "site")
    assert set(layout.mapping["columns"].values()) == {"@number", "@name", "@place", "org.site_capacity", "site.plan"}
    page = first(fill(request, layout).content)
    assert [page.cell(3, n).value for n in range(1, 5)] == [1, "王宗店小学", "王宗店村委会", 40]
    assert page["A5"].value == "填表人："
    world.login(client, "officer")
    shown_page = client.get(f"/facts/requests/{request.pk}/").content.decode()
    assert "阳光敬老院" in shown_page
    assert "场所表" in shown_page


def test_a_layout_of_other_rows_or_without_any_of_the_columns_gets_a_sentence(client: Client) -> None:
    world = World.build()
    request = ask(world)
    unit = world.places[COUNTY]
    places = layouts.keep(world.officer, unit, "村表", "a.xlsx", form(["单位", "户数"]), "place")
    bare = layouts.keep(world.officer, unit, "空表", "a.xlsx", form(["甲", "乙"]), "household")
    world.login(client, "officer")
    for layout in (places, bare):
        with pytest.raises(Refusal):
            fill(request, layout)
        answer = client.get(f"/facts/requests/{request.pk}/layouts/{layout.pk}/")
        assert answer.status_code == 400
        assert "没有" in answer.content.decode()
    url = f"/facts/requests/{request.pk}/open/"
    assert client.post(url, {"reason": "今晚转移", "layout": bare.pk}).status_code == 400
    assert not Look.objects.exists(), "no look is noted for a file that was not made"


@pytest.mark.parametrize("first_row", ["", "0", "x", "1001", "三"])
def test_a_list_must_say_where_it_begins(first_row: str) -> None:
    world = World.build(people=False)
    content = form(["户号", "常住人口"])
    layout = layouts.keep(world.officer, world.places[COUNTY], "表", "a.xlsx", content, "household")
    with pytest.raises(Refusal):
        layouts.remap(
            world.officer,
            layout,
            layout.sheet,
            {"columns": {"B": RESIDENTS}, "rows": {}, "cells": {}, "first": first_row},
        )


def test_a_city_gets_one_row_for_each_place_without_naming_them() -> None:
    world = World.build()
    enter(world.village, [Said(dictionary.field("village.pumps"), VILLAGE, None, "3")], Via.PAGE)
    request = ask(world, "village.pumps", subject="place", under=TOWNSHIP)
    content = form(["序号", "区划代码", "村", "能用的抽水泵"], footer=False)
    layout = layouts.keep(world.officer, world.places[COUNTY], "表", "a.xlsx", content)
    assert layout.mapping["first"] == 3
    page = first(fill(request, layout).content)
    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=3)] == [
        [1, "410182109205", "邻村村委会", None],
        [2, VILLAGE, "王宗店村委会", 3],
    ]


def test_the_pages_of_a_household(client: Client) -> None:
    world = World.build()
    home = world.households[0]
    world.login(client, "village")
    page = client.get(f"/facts/households/{home.pk}/").content.decode()
    assert "李村民" not in page
    assert client.post(f"/facts/households/{home.pk}/{VEHICLE}/", {"value": "yes"}).status_code == 302
    assert client.get(f"/facts/households/{home.pk}/{VEHICLE}/").status_code == 200
    assert client.get(f"/facts/households/{home.pk}/village.pumps/").status_code == 404
    assert Entry.objects.get().home == home
    world.login(client, "neighbour")
    assert client.get(f"/facts/households/{home.pk}/").status_code == 404
    assert not Layout.objects.exists()


def test_programs_read_and_enter_facts_of_a_household(client: Client) -> None:
    world = World.build()
    home = world.households[0]
    world.login(client, "village")
    url = f"/api/v1/facts/households/{home.pk}"
    made = client.post(url, {"facts": [{"field": VEHICLE, "value": "是"}]}, content_type="application/json")
    assert made.status_code == 201, made.content
    told = {one["field"]: one["value"] for one in client.get(url).json()}
    assert told[VEHICLE] == "yes"
    assert told[NAMES] == "＊＊"


def test_a_grid_of_many_doors_is_answered_part_by_part(client: Client) -> None:
    """A page with an input for each of 700 doors would be too long to read, and too long to be sent."""
    world = World.build()
    grid = world.places[GRID]
    now = clock.now()
    Household.objects.bulk_create(
        Household(place=grid, number=f"9-{n:03}", walking_order=1_000 + n, updated_at=now) for n in range(697)
    )
    mine = ask(world, VEHICLE, under=GRID).asks.get()
    cells, url = answers.waiting(mine), f"/facts/asks/{mine.pk}/"
    client.force_login(world.village)
    first = client.get(url).content.decode()
    assert "第 1 部分，共 12 部分" in first
    assert (f'name="c{cells[59].pk}"' in first, f'name="c{cells[60].pk}"' in first) == (True, False)

    turned = client.post(url, {f"c{cells[0].pk}": "yes", "go": "12"})
    assert turned["Location"] == f"{url}?part=12"
    assert f'name="c{cells[-1].pk}"' in client.get(f"{url}?part=12").content.decode()
    client.post(f"{url}draft/", {f"c{cells[-1].pk}": "no"})
    mine.refresh_from_db()
    assert mine.draft == {f"c{cells[0].pk}": "yes", f"c{cells[-1].pk}": "no"}  # the first page's word is still there

    sent = client.post(f"{url}?part=1", {f"c{cell.pk}": "yes" for cell in cells[:60]})
    assert sent["Location"] == f"{url}?part=1"
    rest = client.get(sent["Location"]).content.decode()
    assert (f'name="c{cells[0].pk}"' in rest, f'name="c{cells[60].pk}"' in rest) == (False, True)
    mine.refresh_from_db()
    assert mine.draft == {f"c{cells[-1].pk}": "no"}
    for odd in ("0", "999", "x", "²"):
        assert client.get(url, {"part": odd}).status_code == 200
        assert client.post(url, {"go": odd}).status_code == 302
