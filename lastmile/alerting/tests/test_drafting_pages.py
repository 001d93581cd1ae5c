"""The pages of a warning, by door: what each person sees, may press, and reads when something is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting import drafting
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Alert, AlertEvent, ApprovalRule, State, Template
from lastmile.alerting.tests.conftest import COUNTY, VILLAGE, Desk


def form(alert: Alert, **changes: Any) -> dict[str, Any]:
    """What the browser posts for this draft."""
    return {
        "version": alert.version,
        "hazard": alert.hazard,
        "colour": alert.colour,
        "starts_at": "2026-11-24T08:00" if alert.starts_at is None else alert.starts_at.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": "" if alert.ends_at is None else alert.ends_at.strftime("%Y-%m-%dT23:59"),
        "instruction": alert.instruction,
        "description": alert.description,
        "shelter": alert.shelter,
        "contact": alert.contact,
        "issuers": "\n".join(alert.issuers),
        "places": alert.audience["places"],
        "groups": alert.audience["groups"],
        "channels": alert.channels,
        **changes,
    }


@pytest.fixture
def officer(desk: Desk, client: Client) -> Client:
    desk.world.login(client, "officer")
    return client


def test_an_officer_begins_a_warning_with_the_template_and_lands_in_the_form(desk: Desk, officer: Client) -> None:
    assert officer.get("/alerts/new/").status_code == 200
    answer = officer.post("/alerts/new/", {"place": COUNTY, "hazard": "flash_flood", "colour": "1"}, follow=True)
    alert = Alert.objects.get()
    assert answer.redirect_chain[0][0] == f"/alerts/{alert.code}/edit/"
    assert "立即离开沟谷" in answer.content.decode()
    assert alert.channels


@pytest.mark.parametrize("place", ["4101", "410181", "410182109", "999999", "x" * 50])
def test_a_warning_can_not_begin_at_someone_elses_place(desk: Desk, officer: Client, place: str) -> None:
    answer = officer.post("/alerts/new/", {"place": place, "hazard": "flood", "colour": "1"})
    assert answer.status_code in (400, 403, 404)
    assert not Alert.objects.exists()


def test_autosave_keeps_the_fields_and_returns_the_next_version(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    answer = officer.post(f"/alerts/{alert.code}/save/", form(alert, shelter="中学礼堂"))
    alert.refresh_from_db()
    assert (alert.shelter, alert.version) == ("中学礼堂", 2)
    assert 'value="2"' in answer.content.decode()
    assert answer["HX-Trigger"] == "alert-saved"


def test_one_bad_field_does_not_lose_the_others(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    crossing = json.dumps(
        {
            "type": "Polygon",
            "coordinates": [[[113.3, 34.6], [113.4, 34.7], [113.4, 34.6], [113.3, 34.7], [113.3, 34.6]]],
        }
    )
    answer = officer.post(
        f"/alerts/{alert.code}/save/", form(alert, shelter="中学礼堂", geojson=crossing, ends_at="明天")
    )
    alert.refresh_from_db()
    assert answer.status_code == 200
    assert alert.shelter == "中学礼堂"
    assert alert.audience["places"] == [VILLAGE]
    assert answer.content.decode().count('role="alert"') == 2


def test_a_second_officer_is_told_and_may_save_over_it(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    drafting.save(desk.world.city, alert, shelter="另一处")
    stale = form(alert, shelter="我的")
    answer = officer.post(f"/alerts/{alert.code}/save/", stale)
    assert "Save mine" in answer.content.decode() or "覆盖" in answer.content.decode()
    alert.refresh_from_db()
    assert alert.shelter == "另一处"
    officer.post(f"/alerts/{alert.code}/save/", {**stale, "force": "1"})
    alert.refresh_from_db()
    assert alert.shelter == "我的"


def test_drawn_areas_circles_and_the_order_of_channels_are_kept(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    square = {"type": "Polygon", "coordinates": [[[113.3, 34.6], [113.4, 34.6], [113.4, 34.7], [113.3, 34.6]]]}
    fields = form(alert, geojson=json.dumps(square), circles="113.33，34.63 2.5", channels=["email", "sms"])
    answer = officer.post(f"/alerts/{alert.code}/save/", fields)
    alert.refresh_from_db()
    assert alert.audience["polygons"][0]["coordinates"] == square["coordinates"]
    assert alert.audience["circles"] == [[113.33, 34.63, 2.5]]
    assert alert.channels == ["email", "sms"]
    assert answer["HX-Trigger"] == "alert-saved, reach-changed"
    assert officer.get(f"/alerts/{alert.code}/edit/").status_code == 200


@pytest.mark.parametrize("text", ["[" * 5000, "{}", "not json", '{"type":"Point","coordinates":[1,2]}', "[[1e999]]"])
def test_pasted_rubbish_is_a_sentence(desk: Desk, officer: Client, text: str) -> None:
    alert = desk.draft()
    answer = officer.post(f"/alerts/{alert.code}/save/", form(alert, geojson=text))
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()


def test_handing_over_what_is_incomplete_shows_the_form_with_what_is_missing(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    answer = officer.post(f"/alerts/{alert.code}/edit/", form(alert, instruction="", submit="1"))
    assert answer.status_code == 400
    assert "王宗店小学二楼" in answer.content.decode()
    alert.refresh_from_db()
    assert alert.state == State.DRAFT


def test_from_form_to_issue_by_clicks(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    officer.post(f"/alerts/{alert.code}/edit/", form(alert, submit="1"))
    leader = Client()
    desk.world.login(leader, "approver")
    page = leader.get(f"/alerts/{alert.code}/").content.decode()
    assert f"/alerts/{alert.code}/judge/" in page
    alert.refresh_from_db()
    leader.post(f"/alerts/{alert.code}/judge/", {"decision": "approve", "version": alert.version})
    confirm = officer.get(f"/alerts/{alert.code}/issue/").content.decode()
    assert "王宗店村委会" in confirm
    assert officer.post(f"/alerts/{alert.code}/issue/", {"version": alert.version}).status_code == 400
    officer.post(f"/alerts/{alert.code}/issue/", {"version": alert.version, "sure": "yes"})
    event = AlertEvent.objects.get()
    page = officer.get(f"/alerts/{alert.code}/").content.decode()
    assert event.identifier in page
    xml = officer.get(f"/alerts/{alert.code}/cap.xml")
    assert xml["Content-Type"] == "application/cap+xml"
    assert event.identifier.encode() in xml.content


def test_the_urgent_path_is_marked_on_every_page_until_it_is_judged(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    officer.post(f"/alerts/{alert.code}/issue/", {"version": alert.version, "sure": "yes", "urgent": "yes"})
    leader = Client()
    desk.world.login(leader, "approver")
    for page in (f"/alerts/{alert.code}/", "/alerts/"):
        assert "审批" in leader.get(page).content.decode()
    leader.post(f"/alerts/{alert.code}/judge-after/", {"decision": "object", "reason": "范围过大"})
    assert "范围过大" in officer.get(f"/alerts/{alert.code}/").content.decode()


def test_a_refused_issue_says_what_to_do(desk: Desk, officer: Client) -> None:
    alert = desk.draft(colour=4)
    answer = officer.get(f"/alerts/{alert.code}/issue/")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "status"),
    [("officer", 200), ("approver", 200), ("city", 200), ("neighbour", 404), ("township", 404), ("auditor", 403)],
)
def test_a_draft_is_seen_by_those_who_write_and_judge_only(desk: Desk, client: Client, name: str, status: int) -> None:
    alert = desk.draft()
    desk.world.login(client, name)
    assert client.get(f"/alerts/{alert.code}/").status_code == status
    assert (alert.code in client.get("/alerts/").content.decode()) == (status == 200)


@pytest.mark.parametrize("name", ["township", "village", "grid"])
def test_what_is_in_force_is_seen_below_without_a_button_to_send(desk: Desk, client: Client, name: str) -> None:
    code = desk.issued().alert.code
    desk.world.login(client, name)
    page = client.get(f"/alerts/{code}/").content.decode()
    assert f"/alerts/{code}/issue/" not in page
    assert f"/alerts/{code}/follow/" not in page
    for door in ("issue", "withdraw", "discard", "copy", "judge", "judge-after", "follow/lift", "save"):
        assert client.post(f"/alerts/{code}/{door}/", {"sure": "yes"}).status_code in (403, 404)


def test_a_village_adds_a_note_for_itself_and_for_nobody_else(desk: Desk, client: Client) -> None:
    code = desk.issued().alert.code
    desk.world.login(client, "village")
    client.post(f"/alerts/{code}/notes/", {"place": VILLAGE, "text": "到村部二楼"})
    assert "到村部二楼" in client.get(f"/alerts/{code}/").content.decode()
    assert client.post(f"/alerts/{code}/notes/", {"place": "410182108", "text": "x"}).status_code == 403
    assert client.post(f"/alerts/{code}/notes/", {"place": VILLAGE, "text": "长" * 201}).status_code == 400
    assert client.post(f"/alerts/{code}/notes/", {"place": "nowhere", "text": "x"}).status_code == 404


def test_lifting_by_click_asks_why_and_makes_a_draft_for_the_same_people(desk: Desk, officer: Client) -> None:
    code = desk.issued().alert.code
    assert officer.post(f"/alerts/{code}/follow/lift/", {"reason": ""}).status_code == 400
    answer = officer.post(f"/alerts/{code}/follow/lift/", {"reason": "雨停了"}, follow=True)
    assert answer.status_code == 200
    draft = Alert.objects.get(kind="lift")
    reach = officer.get(f"/alerts/{draft.code}/reach/")
    assert reach.status_code == 200
    saved = officer.post(f"/alerts/{draft.code}/edit/", form(draft, submit="1"))
    assert saved.status_code == 302


def test_the_panels_count_people_and_name_who_is_in_no_list(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    reach = officer.get(f"/alerts/{alert.code}/reach/").content.decode()
    assert "12" in reach
    readings = officer.get(f"/alerts/{alert.code}/readings/").content.decode()
    assert "【暴雨红色预警】" in readings
    empty = drafting.save(desk.world.officer, alert, audience={"places": [], "groups": ["residents"]})
    assert officer.get(f"/alerts/{empty.code}/reach/").status_code == 200


def test_the_poster_is_one_page_for_the_wall(desk: Desk, officer: Client) -> None:
    page = officer.get(f"/alerts/{desk.issued().alert.code}/poster/").content.decode()
    assert "立即离开河沟" in page
    assert "王宗店小学二楼" in page


def test_rules_are_edited_by_an_approver_and_bound_by_the_city(desk: Desk, client: Client) -> None:
    desk.world.login(client, "approver")
    assert client.get("/alerts/rules/").status_code == 200
    post = {"place": COUNTY, "colour": "3", "approver_place": COUNTY, "urgent_allowed": "on"}
    assert client.post("/alerts/rules/", post).status_code == 302
    assert ApprovalRule.objects.get().urgent_allowed
    city = desk.world.places["4101"]
    ApprovalRule.objects.create(place=city, colour=1, approver_place=city)
    assert client.post("/alerts/rules/", {**post, "colour": "1"}).status_code == 403
    assert client.post("/alerts/rules/", {**post, "approver_place": "410181"}).status_code == 400
    assert client.post("/alerts/rules/", {**post, "colour": "9"}).status_code == 404
    client.post("/alerts/rules/", {**post, "drop": "1"})
    assert ApprovalRule.objects.count() == 1


def test_a_place_writes_its_own_template_and_goes_back(desk: Desk, officer: Client) -> None:
    assert officer.get("/alerts/templates/").status_code == 200
    url = f"/alerts/templates/{COUNTY}/flood/1/"
    assert officer.get(url).status_code == 200
    officer.post(url, {"instruction": "往高处走", "description": "水来了"})
    assert Template.objects.get().instruction == "往高处走"
    assert officer.post(url, {"instruction": ""}).status_code == 400
    officer.post(url, {"drop": "1"})
    assert not Template.objects.exists()
    assert officer.get(f"/alerts/templates/{COUNTY}/nothing/1/").status_code == 404
    assert officer.get("/alerts/templates/410181/flood/1/").status_code == 404


def test_the_list_is_filtered_and_exported(desk: Desk, officer: Client) -> None:
    red, blue = desk.draft(), desk.draft(colour=4)
    page = officer.get("/alerts/", {"colour": "4"}).content.decode()
    assert blue.code in page
    assert red.code not in page
    assert officer.get("/alerts/", {"export": "xlsx"})["Content-Type"].startswith("application/vnd")


def test_a_text_of_ten_megabytes_is_refused_in_words(desk: Desk, officer: Client) -> None:
    alert = desk.draft()
    answer = officer.post(f"/alerts/{alert.code}/save/", form(alert, description="水" * 10_000))
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    answer = officer.post(f"/alerts/{alert.code}/save/", form(alert, description="x" * 10_000_000))
    assert 400 <= answer.status_code < 500
    alert.refresh_from_db()
    assert alert.description.startswith("王宗店")


def test_what_is_issued_opens_its_page_instead_of_the_form(desk: Desk, officer: Client) -> None:
    event = issue(desk.world.officer, desk.draft(), urgent=True)
    code = event.alert.code
    assert officer.get(f"/alerts/{code}/edit/").status_code == 302
    answer = officer.post(f"/alerts/{code}/save/", form(event.alert, shelter="x"))
    assert "Save mine" in answer.content.decode() or "覆盖" in answer.content.decode() or answer.status_code == 409
    event.alert.refresh_from_db()
    assert event.alert.shelter != "x"
