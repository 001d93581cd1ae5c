"""Lists: only declared columns sort, only declared filters narrow, and a cell is never a formula."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from lastmile.community.org.models import Level, Place
from lastmile.kernel import clock, lists
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, Days, ListPage, plain, xlsx_response
from lastmile.kernel.models import AuditEntry
from tests.world import TREE, World, add_place

COLUMNS = [
    Column("code", "Code", sort="code", link=lambda row: f"/places/{row.code}/"),
    Column("name", "Name", sort="name"),
    Column("level", "Level", number=True),
]


@pytest.fixture
def places(db: None) -> QuerySet[Place]:
    for code, name in TREE.items():
        add_place(code, name)
    return Place.objects.all()


def shown(rows: QuerySet[Any], query: str = "", **more: Any) -> ListPage:
    request = RequestFactory().get("/" + query)
    return ListPage(request, rows, COLUMNS, search=["name"], filters=[Choice("level", "L", Level.choices)], **more)


def codes(page: ListPage) -> list[str]:
    return [row.pk for row in page.page.object_list]


def test_it_sorts_by_declared_columns_both_ways(places: QuerySet[Place]) -> None:
    ascending = codes(shown(places, "?sort=code"))
    assert ascending == sorted(TREE)
    assert codes(shown(places, "?sort=-code")) == ascending[::-1]


@pytest.mark.parametrize("wish", ["level", "parent__name", "pk", "--code", "code;drop", "name__length", "?", "-"])
def test_it_sorts_by_nothing_else(places: QuerySet[Place], wish: str) -> None:
    page = shown(places, "?sort=" + wish, order=("code",))
    assert codes(page) == sorted(TREE)


def test_it_searches_and_filters(places: QuerySet[Place]) -> None:
    assert codes(shown(places, "?q=王宗店")) == ["410182109211"]
    assert codes(shown(places, f"?level={Level.CITY}")) == ["4101"]
    assert shown(places, f"?level={Level.CITY}").narrowed
    assert not shown(places, "").narrowed
    assert len(codes(shown(places, "?level=99"))) == len(TREE)
    assert codes(shown(places, "?q=%25")) == []


@pytest.mark.parametrize(("page", "number"), [("2", 2), ("0", 4), ("999", 4), ("x", 1), ("-1", 4), ("", 1)])
def test_a_page_out_of_range_is_the_nearest(places: QuerySet[Place], page: str, number: int) -> None:
    assert shown(places, f"?page={page}", page_size=3).page.number == number


def test_paging_shows_every_row_once(places: QuerySet[Place]) -> None:
    seen = [code for number in (1, 2, 3, 4) for code in codes(shown(places, f"?sort=name&page={number}", page_size=3))]
    assert sorted(seen) == sorted(TREE)


def test_its_addresses_keep_the_search_and_escape_it(places: QuerySet[Place]) -> None:
    page = shown(places, '?q="><script>&level=2&page=3')
    assert "<script>" not in page.export_url
    assert "level=2" in page.export_url
    assert "export=xlsx" in page.export_url
    assert page.headers()[0]["url"].count("page=1") == 1
    assert page.headers()[2]["url"] == ""


def test_an_export_holds_every_row_and_no_formula(places: QuerySet[Place]) -> None:
    Place.objects.filter(pk="4101").update(name="=HYPERLINK('evil')")
    sheet = load_workbook(io.BytesIO(shown(places, "?page=2", page_size=3).xlsx().content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Code", "Name", "Level")
    assert len(rows) == 1 + len(TREE)
    assert ("4101", "'=HYPERLINK('evil')", 2) in rows


def test_an_export_has_a_limit_in_words(places: QuerySet[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "EXPORT_LIMIT", 3)
    with pytest.raises(Refusal) as caught:
        shown(places).xlsx()
    assert caught.value.mend
    assert shown(places, f"?level={Level.GRID}").xlsx().status_code == 200


@given(st.text(min_size=1))
def test_no_text_becomes_a_formula(text: str) -> None:
    assert str(plain(text))[:1] not in set("=+-@\t\r")


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_can_be_exported(cells: list[str]) -> None:
    assert xlsx_response("x", ["a"] * len(cells), [cells]).status_code == 200


def test_a_time_is_exported_in_beijing_time() -> None:
    assert plain(datetime(2021, 7, 20, 1, 8, tzinfo=UTC)) == datetime(2021, 7, 20, 9, 8)  # noqa: DTZ001  (a cell)
    assert plain(3) == 3


def test_days_are_beijing_days_and_both_ends_count(db: None) -> None:
    for hour in (15, 16):  # 23:00 on the 20th and 00:00 on the 21st in Beijing
        AuditEntry.objects.create(at=datetime(2021, 7, 20, hour, tzinfo=UTC), actor_name="x", action=f"h{hour}")

    def acts(query: str) -> list[str]:
        request = RequestFactory().get("/" + query)
        page = ListPage(request, AuditEntry.objects.all(), [], days=[Days("at", "T")], order=("at",))
        return [row.action for row in page.page.object_list]

    assert acts("?at_from=2021-07-20&at_to=2021-07-20") == ["h15"]
    assert acts("?at_from=2021-07-21") == ["h16"]
    assert acts("?at_from=yesterday&at_to=2021-13-99") == ["h15", "h16"]


@pytest.mark.django_db
def test_a_search_by_function_has_its_box_and_times_read_at_a_glance(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "auditor")
    page = client.get("/audit/").content.decode()
    assert 'id="list-q"' in page
    assert f"{clock.now().astimezone(clock.BEIJING):%Y-%m-%d %H:}" in page


def test_an_empty_cell_stays_empty_and_a_formula_becomes_text() -> None:
    assert [plain(value) for value in ("", "=1+1", "-", "x", 0)] == ["", "'=1+1", "'-", "x", 0]


def test_a_heading_that_somebody_typed_is_no_formula_either() -> None:
    sheet = load_workbook(io.BytesIO(xlsx_response("x", ["=1+1", "姓名"], []).content)).active
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet[1]] == [("'=1+1", "s"), ("姓名", "s")]
