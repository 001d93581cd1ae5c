"""The public pages: what is in force, what is over, for people and for programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from lastmile.alerting import notes
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
PUBLIC = {"channels": ["sms", "web"]}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def red(desk: Desk) -> AlertEvent:
    return desk.issued(**PUBLIC)


def page(client: Client, address: str = "/w/", **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_with_no_warning_it_says_so(client: Client, world: World) -> None:
    assert "当前没有生效的预警" in page(client)
    assert client.get("/w/active.json").json() == {"warnings": []}


def test_a_warning_shows_what_to_do_before_what_happens(client: Client, red: AlertEvent) -> None:
    assert "立即离开河沟" in page(client)
    html = page(client, f"/w/{red.alert.code}/")
    assert html.index("立即离开河沟") < html.index("王宗店小学二楼") < html.index("大暴雨")
    assert 'href="tel:0371' in html


def test_an_english_reader_gets_english_words_around_a_chinese_text(client: Client, red: AlertEvent) -> None:
    html = page(client, f"/w/{red.alert.code}/?lang=en")
    assert '<html lang="en">' in html
    assert "What to do now" in html
    assert "written in Chinese only" in html
    assert "What to do now" in page(client, f"/w/{red.alert.code}/", Accept_Language="en")


def test_a_warning_with_an_english_text_is_read_in_english(client: Client, desk: Desk) -> None:
    english = {"headline": "Red rainstorm warning", "description": "It rains.", "instruction": "Leave the gully now."}
    event = desk.issued(**PUBLIC, english=english)
    html = page(client, f"/w/{event.alert.code}/?lang=en")
    assert "Leave the gully now." in html
    assert "written in Chinese only" not in html


def test_the_all_clear_takes_it_off_and_stays_listed_for_a_day(client: Client, desk: Desk, red: AlertEvent) -> None:
    lifted = desk.follow(red, "lift")
    html = page(client)
    assert "当前没有生效的预警" in html
    assert f"/w/{lifted.alert.code}/" in html
    assert client.get("/w/active.json").json() == {"warnings": []}
    old = page(client, f"/w/{red.alert.code}/")
    assert "有新的消息" in old
    assert f"/w/{lifted.alert.code}/" in old
    clock.forward(hours=25)
    assert f"/w/{lifted.alert.code}/" not in page(client)
    assert client.get(f"/w/{red.alert.code}/").status_code == 200  # its own page stays


def test_an_update_takes_the_place_of_what_it_updates(client: Client, desk: Desk, red: AlertEvent) -> None:
    update = desk.follow(red, "update", instruction="到学校二楼。")
    (only,) = client.get("/w/active.json").json()["warnings"]
    assert only["code"] == update.alert.code
    html = page(client, f"/w/{update.alert.code}/")
    assert f"/w/{red.alert.code}/" in html  # the history
    assert "雨势变化" in html  # why


def test_a_warning_that_ran_out_is_over_before_any_worker_comes_by(client: Client, red: AlertEvent) -> None:
    clock.forward(hours=13)
    assert client.get("/w/active.json").json() == {"warnings": []}
    assert "已结束" in page(client)


def test_an_exercise_is_kept_out_unless_asked_for_and_then_marked(client: Client, desk: Desk) -> None:
    event = desk.issued(**PUBLIC, exercise=True)
    assert client.get("/w/active.json").json() == {"warnings": []}
    assert event.alert.code not in page(client)
    asked = page(client, "/w/?exercises=1")
    assert event.alert.code in asked
    assert "演练" in asked
    assert client.get("/w/active.json?exercises=1").json()["warnings"][0]["exercise"] is True
    assert "演练" in page(client, f"/w/{event.alert.code}/")


def test_what_was_not_issued_for_the_page_is_not_on_it(client: Client, desk: Desk) -> None:
    event = desk.issued(channels=["sms"])
    draft = desk.draft(**PUBLIC)
    assert client.get("/w/active.json").json() == {"warnings": []}
    for code in (event.alert.code, draft.code, "nothing"):
        for address in (f"/w/{code}/", f"/w/{code}.xml"):
            assert client.get(address).status_code == 404


def test_the_most_dangerous_comes_first(client: Client, desk: Desk) -> None:
    for colour in (4, 1, 3):
        desk.issued(**PUBLIC, colour=colour, hazard="flood")
    assert [w["colour"] for w in client.get("/w/active.json").json()["warnings"]] == [1, 3, 4]


def test_local_notes_stand_on_the_page(client: Client, world: World, red: AlertEvent) -> None:
    notes.add(world.village, red.alert, world.places[VILLAGE], "到村委会二楼，找王主任。")
    html = page(client, f"/w/{red.alert.code}/")
    assert "到村委会二楼，找王主任。" in html
    assert "王宗店村委会" in html


def test_programs_read_it_from_anywhere_and_ask_by_etag(client: Client, red: AlertEvent) -> None:
    first = client.get("/w/active.json")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in first["Cache-Control"]
    (warning,) = first.json()["warnings"]
    assert warning["texts"]["zh"]["instruction"].startswith("立即离开河沟")
    assert "sms" not in warning["texts"]["zh"]  # the personal link's place is nobody's business
    again = client.get("/w/active.json", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_etag_changes_with_the_warnings(client: Client, desk: Desk, red: AlertEvent) -> None:
    before = client.get("/w/active.json")["ETag"]
    desk.follow(red, "update")
    assert client.get("/w/active.json", headers={"If-None-Match": before}).status_code == 200


def test_the_feed_leads_to_page_and_cap(client: Client, red: AlertEvent) -> None:
    response = client.get("/w/feed.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = etree.fromstring(response.content)
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    links = {link.get("rel"): link.get("href", "") for link in entry.findall(f"{ATOM}link")}
    assert links["alternate"].endswith(f"/w/{red.alert.code}/")
    assert links["enclosure"].endswith(f"/w/{red.alert.code}.xml")
    assert entry.findtext(f"{ATOM}title") == red.frozen["texts"]["zh"]["headline"]


def test_an_empty_feed_is_a_feed(client: Client, world: World) -> None:
    feed = etree.fromstring(client.get("/w/feed.atom").content)
    assert feed.findtext(f"{ATOM}updated")
    assert feed.find(f"{ATOM}entry") is None


def test_cap_is_served_as_cap(client: Client, red: AlertEvent) -> None:
    response = client.get(f"/w/{red.alert.code}.xml")
    assert response["Content-Type"] == "application/cap+xml"
    assert str(etree.fromstring(response.content).tag).endswith("}alert")


def test_text_can_not_become_markup(client: Client, desk: Desk) -> None:
    event = desk.issued(**PUBLIC, description="<script>alert(1)</script> & \x0b 大暴雨，注意山洪。")
    assert "<script>alert" not in page(client, f"/w/{event.alert.code}/")
    etree.fromstring(client.get("/w/feed.atom").content)
    etree.fromstring(client.get(f"/w/{event.alert.code}.xml").content)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_written(client: Client, red: AlertEvent, method: str) -> None:
    for address in ("/w/", "/w/active.json", "/w/feed.atom", f"/w/{red.alert.code}/", f"/w/{red.alert.code}.xml"):
        assert getattr(client, method)(address).status_code == 405


def test_a_page_is_under_50_kb_with_everything_and_sets_no_cookie(client: Client, red: AlertEvent) -> None:
    for address in ("/w/", f"/w/{red.alert.code}/"):
        response = client.get(address)
        assert not response.cookies
        html = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=", html)  # nothing inline; it reads without any script
        sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', html)
        css = sum(
            (Path(__file__).parents[2] / "static" / re.sub(r"\.[0-9a-f]{12}", "", s)).stat().st_size for s in sheets
        )
        assert len(response.content) + css < 50_000


def test_the_page_takes_few_queries_however_many_warnings(
    client: Client, desk: Desk, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        desk.issued(**PUBLIC)
    with django_assert_max_num_queries(3):
        page(client)
    with django_assert_max_num_queries(1):
        client.get("/w/active.json")
