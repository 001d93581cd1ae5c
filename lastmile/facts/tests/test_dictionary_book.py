"""The dictionary as a workbook: out, edited, and back in."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from lastmile.facts import dictionary, dictionary_book
from lastmile.facts.actions import define
from lastmile.facts.models import Definition
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
COUNTY, URL = "410182", "/facts/dictionary/workbook/"
NEW = ["", "应急灯", "整数", "盏", "", "地方", "村社区", "负责人", "应急管理局", "清点", 180]
SIREN = ["", "警报器", "单选", "", "好；坏", "重点场所", "", "信息员", "", "", "30"]


@pytest.fixture
def world(client: Client) -> World:
    world = World.build(people=False)
    world.login(client, "officer")
    return world


def defined(world: World, **more: Any) -> Definition:
    given = {"label": "雨衣", "type": "choice", "unit": "", "choices": ["多", "少"], "subject": "place", "level": 5}
    given |= {"owner": "leader", "department": "", "source": "=1+1", "validity_days": 90}
    return define.define(world.officer, world.places[COUNTY], **given | more)


def exported(client: Client) -> Workbook:
    answer = client.get("/facts/dictionary/", {"export": "xlsx"})
    return load_workbook(io.BytesIO(answer.content))


def row_of(book: Workbook, name: str) -> int:
    return next(int(cell.row) for cell in book["字典"]["A"] if cell.value == name)


def sent(client: Client, book: Workbook) -> Any:
    out = io.BytesIO()
    book.save(out)
    return client.post(URL, {"file": SimpleUploadedFile("字典.xlsx", out.getvalue())})


def sure(page: Any) -> str:
    found = re.search(r'name="sure" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def mistakes(page: Any) -> list[str]:
    assert page.status_code == 400
    return re.findall(r"<strong>字典!([A-Z]+\d+)</strong>", page.content.decode())


def with_rows(*rows: list[Any]) -> Workbook:
    book = Workbook()
    book.worksheets[0].title = "字典"
    book["字典"].append([column.heading for column in dictionary_book.COLUMNS])
    for row in rows:
        book["字典"].append(row)
    return book


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_exported_reads_back_as_nothing_new(client: Client, world: World, language: str) -> None:
    defined(world)
    client.cookies["django_language"] = language
    book = exported(client)
    page = sent(client, book)
    assert page.status_code == 200
    assert 'name="sure"' not in page.content.decode()
    assert page.context["plan"].same == len(dictionary.fields()) == book["字典"].max_row - 2


def test_new_and_changed_fields_are_shown_first_and_stored_after_one_more_click(client: Client, world: World) -> None:
    coat = defined(world)
    book = exported(client)
    line = row_of(book, coat.name)
    for column, value in {"E": "多；少；没有", "H": "信息员", "I": "水利局", "K": "30"}.items():
        book["字典"][f"{column}{line}"] = value
    book["字典"].append(NEW)
    book["字典"].append(SIREN)
    page = sent(client, book)
    assert page.status_code == 200
    assert all(word in page.content.decode() for word in ("应急灯", "警报器", "水利局", "没有"))
    assert Definition.objects.get() == coat  # nothing is written by looking
    assert client.post(URL, {"sure": sure(page)}).status_code == 302
    coat.refresh_from_db()
    assert (coat.choices, coat.owner, coat.department, coat.validity_days, coat.source) == (
        ["多", "少", "没有"],
        "information",
        "水利局",
        30,
        "=1+1",
    )
    lamp, siren = Definition.objects.get(label="应急灯"), Definition.objects.get(label="警报器")
    assert (lamp.type, lamp.unit, lamp.level, lamp.place_id, lamp.name) == ("whole", "盏", 5, COUNTY, f"own.{lamp.pk}")
    assert (siren.subject, siren.choices, siren.owner) == ("site", ["好", "坏"], "information")


def test_an_import_is_in_the_trail_with_what_changed(client: Client, world: World) -> None:
    coat = defined(world)
    book = exported(client)
    book["字典"][f"I{row_of(book, coat.name)}"] = "水利局"
    book["字典"].append(NEW)
    client.post(URL, {"sure": sure(sent(client, book))})
    amended = AuditEntry.objects.get(action="facts.amend")
    assert (amended.detail["before"], amended.detail["after"]) == ({"department": ""}, {"department": "水利局"})
    assert AuditEntry.objects.filter(action="facts.define", detail__label="应急灯").exists()
    assert AuditEntry.objects.get(action="facts.dictionary_import").detail == {"new": 1, "changed": 1}


def changed(row: list[Any], **cells: Any) -> list[Any]:
    names = [column.name for column in dictionary_book.COLUMNS]
    return [cells.get(name, value) for name, value in zip(names, row, strict=True)]


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (changed(NEW, label=""), "B2"),
        (changed(NEW, label="（）"), "B2"),
        (changed(NEW, label="长" * 61), "B2"),
        (changed(NEW, label="能用的抽水泵"), "B2"),
        (changed(NEW, label="户数"), "B2"),
        (changed(NEW, type="很多"), "C2"),
        (changed(NEW, unit="长" * 21), "D2"),
        (changed(NEW, answers="好；坏"), "E2"),
        (changed(SIREN, answers="好"), "E2"),
        (changed(NEW, subject="人"), "F2"),
        (changed(NEW, level=""), "G2"),
        (changed(NEW, level="县"), "G2"),
        (changed(SIREN, level="网格"), "G2"),
        (changed(NEW, owner="局长"), "H2"),
        (changed(NEW, validity="0"), "K2"),
        (changed(NEW, validity="一年"), "K2"),
        (changed(NEW, validity="=1+1"), "K2"),
        (changed(NEW, name="own.999999"), "A2"),
        (changed(NEW, name="village.pumps"), "B2"),
    ],
)
def test_a_mistake_is_named_with_its_cell_and_nothing_is_stored(
    client: Client, world: World, row: list[Any], cell: str
) -> None:
    page = sent(client, with_rows(row, changed(NEW, label="别的")))
    assert cell in mistakes(page)
    assert 'name="sure"' not in page.content.decode()
    assert not Definition.objects.exists()


def test_the_same_question_twice_in_a_workbook_is_a_mistake(client: Client, world: World) -> None:
    assert mistakes(sent(client, with_rows(NEW, changed(NEW, label="应急 灯 数量")))) == ["B3"]


def test_what_is_asked_and_what_may_be_on_record_stays(client: Client, world: World) -> None:
    coat = defined(world)
    book = exported(client)
    line = row_of(book, coat.name)
    for column, value in {"B": "雨鞋", "C": "整数", "E": "多", "G": "网格"}.items():
        book["字典"][f"{column}{line}"] = value
    assert mistakes(sent(client, book)) == [f"{column}{line}" for column in "BCGE"]
    coat.refresh_from_db()
    assert (coat.label, coat.choices) == ("雨衣", ["多", "少"])


def test_a_retired_field_is_no_longer_edited(client: Client, world: World) -> None:
    coat = defined(world)
    book = exported(client)
    define.retire(world.officer, coat)
    assert mistakes(sent(client, book)) == [f"A{row_of(book, coat.name)}"]


def test_another_unit_s_field_is_read_but_not_changed(client: Client, world: World) -> None:
    coat = defined(world)
    world.login(client, "neighbour")
    book = exported(client)
    assert sent(client, book).status_code == 200
    line = row_of(book, coat.name)
    book["字典"][f"I{line}"] = "水利局"
    assert mistakes(sent(client, book)) == [f"I{line}"]
    with pytest.raises(NotAllowed):
        define.amend(world.neighbour, coat, department="水利局")


def test_who_may_not_define_may_not_import(client: Client, world: World) -> None:
    page = sent(client, with_rows(NEW))
    for name in ("village", "grid", "auditor", "approver"):
        world.login(client, name)
        assert client.get(URL).status_code == 403
        assert client.post(URL, {"sure": sure(page)}).status_code == 403
    world.login(client, "township")
    assert client.post(URL, {"sure": sure(page)}).status_code == 409  # somebody else's preview
    assert not Definition.objects.exists()


def test_a_dictionary_that_has_moved_on_since_the_preview_is_not_overwritten(client: Client, world: World) -> None:
    coat = defined(world)
    book = exported(client)
    book["字典"][f"I{row_of(book, coat.name)}"] = "水利局"
    book["字典"].append(NEW)
    page = sent(client, book)
    define.amend(world.officer, coat, department="应急管理局")
    answer = client.post(URL, {"sure": sure(page)})
    assert answer.status_code == 409
    coat.refresh_from_db()
    assert coat.department == "应急管理局"
    assert not Definition.objects.filter(label="应急灯").exists()


def test_a_file_that_is_no_dictionary_gets_a_sentence(client: Client, world: World) -> None:
    for content in (b"no workbook", b""):
        assert client.post(URL, {"file": SimpleUploadedFile("a.xlsx", content)}).status_code == 400
    assert client.post(URL, {"sure": "forged"}).status_code == 409
    assert sent(client, Workbook()).status_code == 400
    merged = with_rows(NEW)
    merged["字典"].merge_cells("B2:C2")
    assert sent(client, merged).status_code == 400
    with pytest.raises(Refusal):
        define.amended(defined(world, type="whole", choices=[]), {"choices": ["多", "少"]})
    assert Definition.objects.count() == 1
