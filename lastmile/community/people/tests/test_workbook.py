"""One workbook onboards a community: every mistake is named by its cell, and nothing is half-imported or doubled."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lastmile.community.org.models import Place, Post, SpecialSite
from lastmile.community.people.models import Appointment, Contact, Household, Person, Upload, Vulnerability
from lastmile.community.people.queries.look import opened
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.sheets.check import check
from lastmile.community.people.sheets.layout import SHEETS
from lastmile.community.people.sheets.template import template
from lastmile.kernel.errors import Conflict, Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE = "410182109205"
GOOD: dict[str, list[list[Any]]] = {
    "网格": [["001", "东片"], ["002", ""]],
    "住户": [["001-1", "001", "1组1号", 113.3, 34.6, 1], ["002-1", "002", "2组1号", "", "", ""]],
    "居民": [
        ["001-1", "张大山", 1950, 10011110001, "", "", "", "独居、高龄", "二楼", "是", "10011110002"],
        ["002-1", "李小河", "1980", "10011110002", "10011110003", "Li@Example.cn", "英文", "", "", "", ""],
    ],
    "岗位人员": [
        ["网格员", "001", "", "A角", "李小河", "10011110002"],
        ["网格员", "001", "", "B角", "王外来", "10011110009"],
    ],
    "重点场所": [["邻村小学", "学校幼儿园", "001", "1组", 300, "", "", "李小河", "10011110002"]],
}


def book(rows: dict[str, list[list[Any]]], change: Callable[[Workbook], None] | None = None) -> bytes:
    made = load_workbook(io.BytesIO(template("邻村")))
    for name, lines in rows.items():
        for line, values in enumerate(lines, start=3):
            for column, value in enumerate(values, start=1):
                made[name].cell(line, column, value if value != "" else None)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def plain(rows: dict[str, list[list[Any]]]) -> bytes:
    """The same without the template's notes and drop-downs, which take long to write."""
    made = Workbook()
    for name, lines in rows.items():
        sheet = made.create_sheet(name)
        sheet.append([column.heading for column in SHEETS[name]])
        for values in lines:
            sheet.append([value or None for value in values])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def village() -> Place:
    return Place.objects.get(code=VILLAGE)


def bring(content: bytes, world: World) -> dict[str, int]:
    upload = uploads.receive(village(), "表.xlsx", content, by=world.township)
    uploads.start(upload, lambda key: uploads.run(key))
    upload.refresh_from_db()
    assert upload.state == Upload.State.DONE, upload.outcome
    outcome: dict[str, int] = upload.outcome
    return outcome


def state() -> list[object]:
    """Everything an import may write, opened, without keys and times."""
    people = [
        (
            p.place_id, p.household.number if p.household else None, o.name, o.born, sorted(o.kinds), o.note,
            p.language,            p.priority, p.left_on, o.address, opened(p.guardian).name if p.guardian else None,
            sorted((c.kind, c.rank, value, c.usable) for c, value in o.contacts),
        )
        for p in Person.objects.filter(place__code__startswith=VILLAGE)
        for o in [opened(p)]
    ]  # fmt: skip
    homes = Household.objects.values_list("number", "place", "residents", "vulnerable", "walking_order", "moved_out_on")
    posts = Appointment.objects.filter(until=None).values_list("post__title", "post__place", "role", "person")
    sites = SpecialSite.objects.values_list("place", "name", "kind", "capacity")
    return [sorted(map(repr, rows)) for rows in (people, homes, posts, sites)]


def mistakes(rows: dict[str, list[list[Any]]], change: Callable[[Workbook], None] | None = None) -> dict[str, str]:
    return dict(check(village(), "表.xlsx", book(GOOD | rows, change)).errors)


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def test_the_template_opens_with_examples_notes_and_drop_downs_and_its_example_is_not_read(world: World) -> None:
    made = load_workbook(io.BytesIO(template("邻村")))
    assert made.sheetnames == ["说明", *SHEETS]
    assert made["居民"]["A1"].comment is not None
    assert made["岗位人员"].data_validations.count == 2
    assert not any(check(village(), "表.xlsx", template("邻村")).rows.values())


def test_a_whole_community_comes_in(world: World) -> None:
    outcome = bring(book(GOOD), world)
    assert (outcome["households_new"], outcome["residents_new"], outcome["grids_new"]) == (2, 2, 2)
    first = Person.objects.get(household__number="001-1")
    fields = opened(first)
    assert (fields.name, fields.born, fields.note, first.priority) == ("张大山", 1950, "二楼", 3)
    assert set(fields.kinds) == {Vulnerability.ALONE, Vulnerability.ELDERLY}
    second = Person.objects.get(household__number="002-1")
    assert first.guardian == second
    assert sorted(value for _c, value in opened(second).contacts) == [
        "+8610011110002",
        "+8610011110003",
        "li@example.cn",
    ]
    assert Place.objects.get(code=f"{VILLAGE}002").name == "第2网格"
    worker = Post.objects.get(kind=Post.Kind.GRID_WORKER)
    assert Appointment.objects.get(post=worker, role="holder").person == second
    assert SpecialSite.objects.get().capacity == 300
    assert Appointment.objects.get(post__kind=Post.Kind.SITE).person == second
    assert Household.objects.get(number="001-1").vulnerable == 1


def test_importing_again_changes_nothing(world: World) -> None:
    bring(book(GOOD), world)
    before = state()
    assert bring(book(GOOD), world) == {}
    assert state() == before


def test_only_filled_cells_change_somebody_known(world: World) -> None:
    bring(book(GOOD), world)
    row = ["001-1", "张大山", "", 10011110001, "", "", "", "", "", "", ""]
    assert "residents_new" not in bring(book(GOOD | {"居民": [row], "岗位人员": [], "重点场所": []}), world)
    assert opened(Person.objects.get(household__number="001-1")).kinds
    row = ["001-1", "张大山", 1950, 10022220001, "", "", "", "卧床", "", "", ""]
    outcome = bring(book(GOOD | {"居民": [row], "岗位人员": [], "重点场所": []}), world)
    assert (outcome["residents_changed"], outcome["contacts_new"]) == (1, 1)
    fields = opened(Person.objects.get(household__number="001-1"))
    assert fields.kinds == [Vulnerability.BEDRIDDEN]
    assert [value for _c, value in fields.contacts] == ["+8610022220001", "+8610011110001"]


def test_somebody_who_moved_within_the_village_is_not_doubled(world: World) -> None:
    bring(book(GOOD), world)
    row = ["002-1", "张大山", 1950, 10011110001, "", "", "", "", "", "", ""]
    bring(book(GOOD | {"居民": [row], "岗位人员": [], "重点场所": []}), world)
    assert Household.objects.get(number="001-1").residents == 0
    assert Household.objects.get(number="002-1").residents == 2


def test_holder_and_deputy_can_swap(world: World) -> None:
    bring(book(GOOD), world)
    swapped = [
        ["网格员", "001", "", "B角", "李小河", "10011110002"],
        ["网格员", "001", "", "A角", "王外来", "10011110009"],
    ]
    bring(book(GOOD | {"岗位人员": swapped}), world)
    held = Appointment.objects.filter(post__kind=Post.Kind.GRID_WORKER, until=None)
    assert {(a.role, a.person.name.reveal()) for a in held} == {("holder", "王外来"), ("deputy", "李小河")}


@pytest.mark.parametrize(
    ("sheet", "row", "cell"),
    [
        ("网格", ["1a", ""], "网格!A3"),
        ("住户", ["", "001", "1组", "", "", ""], "住户!A3"),
        ("住户", ["9", "077", "1组", "", "", ""], "住户!B3"),
        ("住户", ["9", "001", "1组", "abc", "", ""], "住户!D3"),
        ("住户", ["9", "001", "1组", "", "99", ""], "住户!E3"),
        ("住户", ["9", "001", "1组", "", "", "-1"], "住户!F3"),
        ("居民", ["nowhere", "张", "", "", "", "", "", "", "", "", ""], "居民!A3"),
        ("居民", ["001-1", "", "", "", "", "", "", "", "", "", ""], "居民!B3"),
        ("居民", ["001-1", "张", "58", "", "", "", "", "", "", "", ""], "居民!C3"),
        ("居民", ["001-1", "张", "", "1001", "", "", "", "", "", "", ""], "居民!D3"),
        ("居民", ["001-1", "张", "", "", "", "no mail", "", "", "", "", ""], "居民!F3"),
        ("居民", ["001-1", "张", "", "", "", "", "法文", "", "", "", ""], "居民!G3"),
        ("居民", ["001-1", "张", "", "", "", "", "", "独居、有钱", "", "", ""], "居民!H3"),
        ("居民", ["001-1", "张", "", "", "", "", "", "", "", "", "10099999999"], "居民!K3"),
        ("岗位人员", ["村长", "001", "", "A角", "王", "10011110002"], "岗位人员!A3"),
        ("岗位人员", ["网格员", "001", "", "C角", "王", "10011110002"], "岗位人员!D3"),
        ("岗位人员", ["网格员", "001", "", "A角", "王", ""], "岗位人员!F3"),
        ("重点场所", ["学校", "大学", "001", "", "", "", "", "", ""], "重点场所!B3"),
        ("重点场所", ["学校", "学校幼儿园", "001", "", "many", "", "", "", ""], "重点场所!E3"),
        ("重点场所", ["学校", "学校幼儿园", "001", "", "", "", "", "王", ""], "重点场所!I3"),
    ],
)
def test_a_mistake_is_named_by_its_cell_and_blocks_the_import(
    world: World, sheet: str, row: list[Any], cell: str
) -> None:
    rows: dict[str, list[list[Any]]] = {"岗位人员": [], "重点场所": []}
    rows[sheet] = [row] if sheet in rows else [row, *GOOD[sheet]]
    content = book(GOOD | rows)
    found = dict(check(village(), "表.xlsx", content).errors)
    assert list(found) == [cell]
    upload = uploads.receive(village(), "表.xlsx", content, by=world.township)
    with pytest.raises(Conflict):
        uploads.start(upload, lambda key: None)
    assert not Household.objects.exists()


def test_rows_that_come_twice_are_named_with_the_first(world: World) -> None:
    found = mistakes({"住户": [*GOOD["住户"], GOOD["住户"][0]], "居民": [*GOOD["居民"], GOOD["居民"][1]]})
    assert set(found) == {"住户!A5", "居民!B5"}
    assert "3" in found["住户!A5"]


def test_formulas_merged_cells_and_moved_headings_are_named(world: World) -> None:
    def formula(made: Workbook) -> None:
        made["居民"]["D3"] = "=1+1"

    def merged(made: Workbook) -> None:
        made["住户"].merge_cells("C3:C4")

    def heading(made: Workbook) -> None:
        made["居民"]["C1"] = "生日"

    def gone(made: Workbook) -> None:
        del made["住户"]

    assert "居民!D3" in mistakes({}, formula)
    assert "住户!C3:C4" in mistakes({}, merged)
    assert "居民!C1" in mistakes({}, heading)
    assert "住户" in mistakes({}, gone)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    return out.getvalue()


def with_part(name: str, text: bytes) -> bytes:
    out = io.BytesIO(book(GOOD))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("表.xls", b"\xd0\xcf\x11\xe0" + b"0" * 100),
        ("表.xlsm", b"PK\x03\x04"),
        ("表.csv", b"a,b"),
        ("表.xlsx", b"not a zip"),
        ("表.xlsx", b"PK\x03\x04 broken"),
        ("表.xlsx", lambda: with_part("xl/vbaProject.bin", b"macro")),
        ("表.xlsx", lambda: with_part("xl/extra.xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>')),
        ("表.xlsx", bomb),
        ("表.xlsx", lambda: b"PK\x03\x04" + b"0" * 21_000_000),
    ],
    ids=["xls", "macro name", "csv", "text", "damaged", "macro inside", "entities", "bomb", "too large"],
)
def test_a_file_that_is_no_plain_workbook_is_refused_with_a_sentence(
    world: World, client: Client, name: str, content: Any
) -> None:
    world.login(client, "township")
    data = content() if callable(content) else content
    answer = client.post(f"/households/in/{VILLAGE}/workbook/", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code in {400, 413}
    assert "alert-danger" in answer.content.decode()
    assert not Upload.objects.exists()


def test_the_pages_lead_from_upload_over_preview_to_import(world: World, client: Client) -> None:
    world.login(client, "township")
    assert client.get(f"/households/in/{VILLAGE}/template.xlsx").status_code == 200
    file = SimpleUploadedFile("邻村.xlsx", book(GOOD))
    preview = client.post(f"/households/in/{VILLAGE}/workbook/", {"file": file}, follow=True).content.decode()
    assert "张大山" in preview
    assert not Household.objects.exists()
    upload = Upload.objects.get()
    done = client.post(f"/people/uploads/{upload.pk}/import/", follow=True).content.decode()
    assert "张大山" not in done
    assert Household.objects.count() == 2
    upload.refresh_from_db()
    assert upload.content is None
    assert client.post(f"/people/uploads/{upload.pk}/import/").status_code == 409


def test_a_dropped_workbook_is_destroyed(world: World, client: Client) -> None:
    world.login(client, "township")
    upload = uploads.receive(village(), "表.xlsx", book(GOOD), by=world.township)
    client.post(f"/people/uploads/{upload.pk}/drop/")
    upload.refresh_from_db()
    assert (upload.state, upload.content) == (Upload.State.DROPPED, None)
    assert "张大山" not in upload.report.reveal()


def test_nobody_uploads_for_somebody_elses_village_nor_for_a_township(world: World, client: Client) -> None:
    world.login(client, "neighbour")
    assert client.get(f"/households/in/{VILLAGE}/workbook/").status_code == 404
    world.login(client, "grid")
    assert client.get("/households/in/410182109211001/workbook/").status_code == 403
    with pytest.raises(Refusal):
        uploads.receive(Place.objects.get(code="410182109"), "表.xlsx", book(GOOD), by=world.township)


def test_a_failure_in_the_middle_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> None:
        raise Refusal("停", "再试")

    monkeypatch.setattr(uploads, "write_sites", broken)
    upload = uploads.receive(village(), "表.xlsx", book(GOOD), by=world.township)
    uploads.start(upload, lambda key: None)
    upload.refresh_from_db()
    assert (upload.state, upload.outcome["says"]) == (Upload.State.FAILED, "停")
    assert not Household.objects.exists()
    assert not Person.objects.filter(place__code__startswith=VILLAGE).exists()
    assert not Contact.objects.exists()


PHONES = st.sampled_from(["", "10011110001", "10011110002", "10011110003"])
NAMES = st.sampled_from(["张三", "李四", "王五", "赵六", "钱七"])
YEARS = st.sampled_from(["", "1950", "1980"])
RESIDENT = st.tuples(
    st.sampled_from(["a", "b"]), NAMES, YEARS, PHONES, PHONES,
    st.sampled_from(["", "x@example.cn"]), st.sampled_from(["", "中文", "英文"]),
    st.sampled_from(["", "独居", "卧床、高龄"]), st.sampled_from(["", "二楼"]), st.sampled_from(["", "是", "否"]),
    PHONES,
)  # fmt: skip
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # a failing workbook is small enough to read unshrunk


@settings(max_examples=30, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.lists(RESIDENT, max_size=6), second=st.lists(RESIDENT, max_size=6))
def test_importing_twice_is_importing_once(world: World, first: list[Any], second: list[Any]) -> None:
    with transaction.atomic():
        doors = [["a", "", "1号", "", "", ""], ["b", "", "2号", "", "", ""]]
        for residents in (first, second):
            sheets = check(village(), "表.xlsx", plain({"住户": doors, "居民": [list(row) for row in residents]}))
            if sheets.error_count:
                continue
            uploads.import_sheets(village(), sheets, by=world.township)
            once, count = state(), Person.objects.count()
            again = uploads.import_sheets(village(), sheets, by=world.township)
            assert Person.objects.count() == count
            assert state() == once
            assert not again
        transaction.set_rollback(True)
