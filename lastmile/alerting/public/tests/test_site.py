"""The rest of the public site: by place, past, colours, map, check, widget, board."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from lastmile.alerting import links
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
WEB = {"channels": ["sms", "web"]}
OTHER = "410182109205"  # a village beside


@pytest.fixture
def red(desk: Desk) -> AlertEvent:
    return desk.issued(**WEB)


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    assert not response.cookies
    return str(response.content.decode())


def asked(client: Client, text: str) -> str:
    answer = client.post("/w/check/", {"text": text})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    return str(answer.content.decode())


def test_a_place_shows_only_what_concerns_it(client: Client, red: AlertEvent) -> None:
    for address in (f"/w/?place={VILLAGE}", "/w/?place=410182", "/w/?place=4101", "/w/?q=王宗店"):
        assert red.alert.code in page(client, address)
    other = page(client, f"/w/?place={OTHER}")
    assert red.alert.code not in other
    assert "当前没有生效的预警" in other


def test_words_that_fit_several_places_are_a_choice_and_none_is_said(client: Client, red: AlertEvent) -> None:
    several = page(client, "/w/?q=村")
    assert "您要看哪个地方" in several
    assert f"?place={VILLAGE}" in several
    assert "没有找到这个地方" in page(client, "/w/?q=亚特兰蒂斯")
    for odd in ("/w/?place=x", "/w/?place=" + "9" * 80, "/w/?q=%00", "/w/?q=%", "/w/?place=410182999"):
        assert red.alert.code in page(client, odd)


def test_past_ones_are_found_by_place_hazard_colour_and_day(client: Client, desk: Desk, red: AlertEvent) -> None:
    assert red.alert.code not in page(client, "/w/past/")  # it is not over
    desk.follow(red, "lift")
    day = clock.today().isoformat()
    for found in ("", f"?place={VILLAGE}", "?hazard=rainstorm", "?colour=1", f"?since={day}&until={day}"):
        assert red.alert.code in page(client, f"/w/past/{found}")
    for missed in (f"?place={OTHER}", "?hazard=heat", "?colour=4", "?until=2020-01-01", "?since=2999-01-01"):
        assert red.alert.code not in page(client, f"/w/past/{missed}")
    for odd in ("?hazard=x&colour=x&since=x&until=2020-99-99&page=x", "?until=9999-12-31&since=0001-01-01"):
        assert red.alert.code in page(client, f"/w/past/{odd}")


def test_what_was_updated_stands_once_among_the_past(client: Client, desk: Desk, red: AlertEvent) -> None:
    update = desk.follow(red, "update", instruction="到学校二楼。")
    desk.follow(update, "lift")
    html = page(client, "/w/past/")
    assert update.alert.code in html
    assert f"/w/{red.alert.code}/" not in html


def test_an_exercise_is_on_no_page(client: Client, desk: Desk) -> None:
    event = desk.issued(**WEB, exercise=True)
    for address in ("/w/", "/w/map/", "/w/map.json", "/w/widget/", "/w/board/", "/w/past/"):
        assert event.alert.code not in page(client, address)
    desk.follow(event, "lift")
    assert event.alert.code not in page(client, "/w/past/")


def test_colours_are_explained_and_each_hazard_says_what_to_do(client: Client) -> None:
    html = page(client, "/w/colours/?hazard=rainstorm")
    assert "特别严重" in html
    assert "不要开车过积水" in html
    assert "Leave stream banks" in page(client, "/w/colours/?hazard=rainstorm&lang=en")
    assert "不要开车过积水" not in page(client, "/w/colours/?hazard=none")


def test_the_map_has_an_area_for_each_warning(client: Client, red: AlertEvent) -> None:
    data = client.get("/w/map.json").json()
    drawn = [one for one in data["features"] if one["properties"].get("colour")]
    assert {one["properties"]["url"] for one in drawn} <= {f"/w/{red.alert.code}/"}
    assert f"/w/{red.alert.code}/" in page(client, "/w/map/")  # and a list for those who see no map


def test_leaflet_is_only_where_the_map_is(client: Client, red: AlertEvent) -> None:
    assert "leaflet" in page(client, "/w/map/")
    for address in ("/w/", f"/w/{red.alert.code}/", "/w/past/", "/w/check/"):
        assert "leaflet" not in page(client, address)


def test_a_message_of_ours_is_known_by_its_link_and_nobody_is_named(client: Client, world: World, desk: Desk) -> None:
    event = desk.issued(channels=["sms"])
    person = world.residents[0]
    link = f"{settings.PUBLIC_URL}/r/{links.token(event.pk, person.pk)}"
    for text in (link, f"【暴雨红色预警】立即离开河沟。详情{link} 回1收到", links.token(event.pk, person.pk)):
        html = asked(client, text)
        assert "是我们发的" in html
        assert "王宗店" in html
        assert str(person.name) not in html
        assert links.token(event.pk, person.pk) not in html


def test_a_number_is_known_if_it_is_public(client: Client, desk: Desk, red: AlertEvent) -> None:
    hidden = desk.issued(channels=["sms"], hazard="flood")
    assert "是我们发的" in asked(client, f"预警编号 {red.alert.code}。")
    assert "是我们发的" in asked(client, red.identifier)
    assert "不是我们发的" in asked(client, hidden.alert.code)  # a number is no secret


def test_what_is_not_ours_is_not_known(client: Client, red: AlertEvent) -> None:
    forged = links.token(red.pk, 1)
    forged = ("A" if forged[0] != "A" else "B") + forged[1:]
    for text in ("中奖了，点 http://evil.example/r/abc", f"{settings.PUBLIC_URL}/r/{forged}", "\0", "x" * 9_000, "%s"):
        assert "不是我们发的" in asked(client, text) or "没有内容" in asked(client, text)
    assert "没有内容" in asked(client, "  ")


def test_an_exercise_and_a_warning_that_is_over_are_said_to_be(client: Client, desk: Desk, red: AlertEvent) -> None:
    drill = desk.issued(channels=["sms"], exercise=True)
    assert "演练" in asked(client, links.token(drill.pk, 1))
    desk.follow(red, "lift")
    assert "已解除" in asked(client, links.token(red.pk, 1))


def test_asking_too_often_is_refused_in_words(client: Client) -> None:
    codes = [client.post("/w/check/", {"text": "x"}).status_code for _time in range(21)]
    assert codes[:20] == [200] * 20
    assert codes[20] == 429


def test_only_the_widget_may_stand_in_pages_of_others(client: Client, red: AlertEvent) -> None:
    widget = client.get("/w/widget/?place=410182")
    assert red.alert.code in widget.content.decode()
    assert "X-Frame-Options" not in widget
    assert "frame-ancestors *" in widget["Content-Security-Policy"]
    for address in ("/w/", "/w/board/", "/w/check/"):
        other = client.get(address)
        assert other["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
    script = client.get("/w/widget.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert "/w/widget/" in script.content.decode()


def test_how_to_follow_speaks_of_the_place(client: Client, red: AlertEvent) -> None:
    html = page(client, f"/w/follow/?place={VILLAGE}")
    assert f"/w/feed.atom?place={VILLAGE}" in html
    assert f"data-place=&quot;{VILLAGE}&quot;" in html


def test_the_board_of_a_place_says_what_to_do(client: Client, red: AlertEvent) -> None:
    html = page(client, f"/w/board/?place={VILLAGE}")
    assert "立即离开河沟" in html
    assert "王宗店小学二楼" in html
    assert "立即离开河沟" not in page(client, f"/w/board/?place={OTHER}")


def test_the_language_of_a_page_changes_without_losing_the_place(client: Client) -> None:
    assert f"?place={VILLAGE}&amp;lang=en" in page(client, f"/w/?place={VILLAGE}")
    assert f"?place={VILLAGE}&amp;lang=zh" in page(client, f"/w/?place={VILLAGE}&lang=en")


def test_a_first_visit_is_small(client: Client, desk: Desk) -> None:
    for hazard in ("rainstorm", "flood", "landslide"):
        desk.issued(**WEB, hazard=hazard)
    size = (Path(__file__).parents[2] / "static/css/public.css").stat().st_size
    for address in ("/w/", "/w/past/", "/w/check/", "/w/colours/", "/w/follow/", "/w/shelters/", "/w/board/"):
        assert len(page(client, address).encode()) + size < 50_000
