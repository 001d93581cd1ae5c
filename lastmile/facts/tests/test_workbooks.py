"""Facts in workbooks: out and back in, and into a superior's own form."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.org.models import SpecialSite
from lastmile.facts import dictionary, sheets
from lastmile.facts.actions import layout as layouts
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.request import Wish, register
from lastmile.facts.layouts.fill import fill
from lastmile.facts.models import Entry, Layout, Request, Via
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
COUNTY, TOWNSHIP, VILLAGE, OTHER = "410182", "410182109", "410182109211", "410182109205"
PUMPS = "village.pumps"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    for row in rows:
        sheet.append(row)
    return saved(book)


def first(content: bytes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def head_of(world: World, *names: str) -> list[str]:
    return [sheets.CODE, sheets.NAME, *(sheets.heading(dictionary.field(name)) for name in names)]


def test_what_is_exported_reads_back_as_known() -> None:
    world = World.build(people=False)
    enter(world.village, [Said(dictionary.field(PUMPS), VILLAGE, None, "3")], Via.PAGE)
    head, body = sheets.exported(world.places[TOWNSHIP], 5)
    found = sheets.read(world.places[TOWNSHIP], 5, "a.xlsx", book_of([head, *body]))
    assert (found.errors, found.said, found.same) == ([], [], 1)


def test_new_values_are_read_and_mistakes_named_by_cell() -> None:
    world = World.build(people=False)
    head = head_of(world, PUMPS, "village.clinic")
    rows: list[list[Any]] = [head, [VILLAGE, "", "4 台", "有"], [OTHER, "", "viele", ""], ["410181", "", 1, ""], [""]]
    found = sheets.read(world.places[TOWNSHIP], 5, "a.xlsx", book_of(rows))
    assert [(said.place, said.value) for said in found.said] == [(VILLAGE, "4"), (VILLAGE, "yes")]
    assert [cell for cell, _says in found.errors] == ["C3", "A4"]


@pytest.mark.parametrize(
    "rows",
    [
        [["Ort", "x"]],
        [[]],
        [["区划代码", "名称"], [VILLAGE, "王宗店村"]],
    ],
)
def test_a_table_without_its_columns_gets_a_sentence(rows: list[list[Any]]) -> None:
    world = World.build(people=False)
    with pytest.raises(Refusal):
        sheets.read(world.places[TOWNSHIP], 5, "a.xlsx", book_of(rows))


def test_unknown_and_doubled_columns_and_formulas_are_mistakes() -> None:
    world = World.build(people=False)
    head = [*head_of(world, PUMPS, PUMPS), "海拔"]
    found = sheets.read(world.places[TOWNSHIP], 5, "a.xlsx", book_of([head, [VILLAGE, "", "=1+1", "", ""]]))
    assert [cell for cell, _says in found.errors] == ["D1", "E1", "C2"]
    assert not found.said


def test_a_workbook_is_stored_after_its_preview(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "township")
    url = f"/facts/workbook/{TOWNSHIP}/upload/"
    content = book_of([head_of(world, PUMPS), [VILLAGE, "", 4], [OTHER, "", 5]])
    seen = client.post(url, {"file": SimpleUploadedFile("a.xlsx", content)})
    assert (seen.status_code, Entry.objects.count()) == (200, 0)
    sure = seen.context["sure"]
    world.login(client, "village")
    assert client.post(f"/facts/workbook/{VILLAGE}/upload/", {"sure": sure}).status_code == 409
    world.login(client, "township")
    assert client.post(url, {"sure": sure + "x"}).status_code == 409
    assert client.post(url, {"sure": sure}).status_code == 302
    assert dict(Entry.objects.values_list("place", "value")) == {VILLAGE: "4", OTHER: "5"}
    wrong = SimpleUploadedFile("a.xlsx", book_of([head_of(world, PUMPS), [VILLAGE, "", "x"]]))
    assert client.post(url, {"file": wrong}).status_code == 400
    assert client.post(url, {"file": SimpleUploadedFile("a.xlsx", b"PK")}).status_code == 400
    assert client.get(f"/facts/workbook/{TOWNSHIP}/?level=5").status_code == 200
    assert client.get(f"/facts/workbook/{TOWNSHIP}/?level=99&all=1").status_code == 200


def test_sites_and_doors_have_their_tables_too(client: Client) -> None:
    world = World.build()
    site = SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name="小学")
    world.login(client, "village")
    for kind, name, value, row in (
        ("site", "site.plan", "是", [VILLAGE, "小学"]),
        ("household", "home.vehicle", "否", [VILLAGE + "001", "001-2"]),
    ):
        url = f"/facts/workbook/{VILLAGE}/upload/?rows={kind}"
        head = head_of(world, name)
        wrong = book_of([head, [row[0], "无此", value]])
        assert client.post(url, {"file": SimpleUploadedFile("a.xlsx", wrong)}).status_code == 400
        seen = client.post(url, {"file": SimpleUploadedFile("a.xlsx", book_of([head, [*row, value]]))})
        assert client.post(url, {"sure": seen.context["sure"]}).status_code == 302
        out = client.get(f"/facts/workbook/{VILLAGE}/?rows={kind}").content
        again = client.post(url, {"file": SimpleUploadedFile("a.xlsx", out)})
        assert (again.context["errors"], again.context["new"], again.context["same"]) == ([], [], 1)
    assert set(Entry.objects.values_list("site", "home", "value")) == {
        (site.pk, None, "yes"),
        (None, world.households[1].pk, "no"),
    }


def form(change: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    """A superior's form: a merged title, headings in row 3, places in column B, a line for the total."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.merge_cells("A1:E1")
    sheet["A1"] = "防汛物资统计表"
    for letter, words in zip("ABCDE", ["序号", "单位", "能用的抽水泵（台）", "户数", "备注"], strict=True):
        sheet[f"{letter}3"] = words
    for number, (index, name) in enumerate([(1, "王宗店村"), (2, "邻村")], start=4):
        sheet[f"A{number}"], sheet[f"B{number}"] = index, name
    sheet["B6"] = "崔庙镇"
    sheet["A6"] = "合计"
    change(sheet)
    return saved(book)


def request_of(world: World) -> Request:
    wish = Wish(
        place=world.places[COUNTY],
        title="=SUM(1)",
        basis="条例",
        reason="检查",
        fields=dictionary.named([PUMPS, "people.households"]),
        under=[TOWNSHIP],
        subject="place",
        level=5,
        due_at=clock.now() + timedelta(days=3),
        department="应急局",
    )
    return register(world.officer, wish)


def keep(world: World, content: bytes | None = None) -> Layout:
    return layouts.keep(world.officer, world.places[COUNTY], "水利局表", "表.xlsx", content or form())


def test_headings_and_places_are_recognised() -> None:
    world = World.build(people=False)
    made = keep(world)
    assert made.mapping == {
        "columns": {"C": PUMPS, "D": "people.households"},
        "rows": {"4": VILLAGE, "5": OTHER, "6": TOWNSHIP},
        "cells": {},
    }


def test_a_form_is_filled_with_values_sums_and_words() -> None:
    world = World.build()
    layout = keep(world)
    given = layout.mapping | {"cells": {"A1": "@title", "E3": "@unit", "E6": f"@total:{PUMPS}"}}
    layouts.remap(world.officer, layout, layout.sheet, given)
    request = request_of(world)
    pumps = dictionary.field(PUMPS)
    enter(world.township, [Said(pumps, VILLAGE, None, "3")], Via.PAGE)
    partly = fill(request, layout)
    assert "C5" in partly.open_cells
    assert "C6" in partly.open_cells, "a sum of half the answers would be taken for the sum of all"
    enter(world.township, [Said(pumps, OTHER, None, "4")], Via.PAGE)
    made = fill(request, layout)
    sheet = first(made.content)
    assert made.open_cells == []
    assert [sheet[cell].value for cell in ("C4", "C5", "C6", "D4", "D6", "E6")] == [3, 4, 7, 6, 6, 7]
    assert sheet["A1"].value == "'=SUM(1)"
    assert sheet["A1"].data_type == "s"
    assert "A1:E1" in [str(merged) for merged in sheet.merged_cells.ranges]
    assert sheet["E3"].value == "荥阳市 应急局"


def test_what_the_form_has_no_room_for_is_said() -> None:
    world = World.build(people=False)
    layout = keep(world)
    layouts.remap(world.officer, layout, layout.sheet, {"columns": {"C": PUMPS}, "rows": {"4": VILLAGE}, "cells": {}})
    made = fill(request_of(world), layout)
    assert (made.places_left, made.fields_left) == ([OTHER], ["people.households"])


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"columns": {}, "rows": {}, "cells": {}}, "表格"),
        ({"columns": {"C": PUMPS}, "rows": {"4": "火星"}, "cells": {}}, "第 4 行"),
        ({"columns": {"B": PUMPS}, "rows": {"1": VILLAGE}, "cells": {}}, "B1"),
        ({"columns": {}, "rows": {}, "cells": {"B1": "@date"}}, "B1"),
        ({"columns": {}, "rows": {}, "cells": {"?": "@date"}}, "?"),
        ({"columns": {}, "rows": {}, "cells": {"E9": "@nothing"}}, "E9"),
    ],
)
def test_a_layout_that_can_not_be_filled_is_not_kept(given: dict[str, dict[str, str]], named: str) -> None:
    world = World.build(people=False)
    layout = keep(world)
    with pytest.raises(Refusal) as refused:
        layouts.remap(world.officer, layout, layout.sheet, given)
    assert named in refused.value.fields
    layout.refresh_from_db()
    assert layout.mapping["columns"]


def _formula(sheet: Worksheet) -> None:
    sheet["C9"] = "=SUM(C4:C8)"


def _tall(sheet: Worksheet) -> None:
    sheet["A1500"] = "x"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("表.xlsx", form(_formula)),
        ("表.xlsx", form(_tall)),
        ("表.xlsm", form()),
        ("表.xls", form()),
        ("表.xlsx", b"PK\x03\x04nothing"),
        ("表.xlsx", b""),
    ],
    ids=["formula", "tall", "macros", "old", "damaged", "empty"],
)
def test_a_dangerous_or_damaged_form_is_refused(name: str, content: bytes) -> None:
    world = World.build(people=False)
    with pytest.raises(Refusal):
        layouts.keep(world.officer, world.places[COUNTY], "表", name, content)
    assert not Layout.objects.exists()


def test_the_pages_of_layouts(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "officer")
    file = SimpleUploadedFile("表.xlsx", form())
    assert client.post("/facts/layouts/", {"title": "水利局表", "subject": "place", "file": file}).status_code == 302
    bad = SimpleUploadedFile("表.xlsx", form(_formula))
    assert client.post("/facts/layouts/", {"title": "x", "subject": "place", "file": bad}).status_code == 400
    made, request = Layout.objects.get(), request_of(world)
    assert client.get("/facts/layouts/").status_code == 200
    url = f"/facts/layouts/{made.pk}/"
    assert client.get(url).status_code == 200
    kept = {"sheet": made.sheet, "column-C": PUMPS, "row-4": "王宗店", "address-0": "e9", "meaning-0": "@date"}
    assert client.post(url, kept | {"row-4": "火星"}).status_code == 400
    assert client.post(url, kept | {"row-x": "王宗店", "column-7": PUMPS}).status_code == 302
    made.refresh_from_db()
    assert made.mapping == {"columns": {"C": PUMPS}, "rows": {"4": VILLAGE}, "cells": {"E9": "@date"}}
    page = f"/facts/requests/{request.pk}/layouts/{made.pk}/"
    assert client.get(page).status_code == 200
    assert first(client.get(page + "?file=1").content)["E9"].value
    world.login(client, "village")
    assert client.get(page).status_code == 403
    assert client.post(url + "remove/").status_code == 403
    world.login(client, "neighbour")
    assert client.get(url).status_code == 404
    world.login(client, "officer")
    assert client.post(url + "remove/").status_code == 302
