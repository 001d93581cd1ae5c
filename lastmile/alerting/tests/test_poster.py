"""The poster as one page of PDF, and the texts to be read aloud."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from lastmile.alerting import broadcast, poster
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import Desk
from tests.world import World

pytestmark = pytest.mark.django_db
WEB = {"channels": ["sms", "web"]}
LONG = "\n".join(
    f"第{n}步：住在河沟边、山坡下、地下室的人现在就转到高处，不要趟水，不要开车过积水。" for n in range(12)
)


@pytest.fixture
def red(desk: Desk) -> AlertEvent:
    return desk.issued(**WEB)


def sheet(event: AlertEvent, size: str = "a4") -> tuple[int, list[float]]:
    """(pages, width and height in mm)."""
    content = poster.pdf(event, size, "https://a.example/w/x/")
    assert b"NotoSansSC" in content  # the letters are inside
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert box is not None
    pages = re.search(rb"/Count (\d+)", content)
    assert pages is not None
    return int(pages[1]), [round(float(side) * poster.POINT) for side in box.groups()]


def test_it_is_one_page_of_a4_or_a3(red: AlertEvent) -> None:
    assert sheet(red) == (1, [210, 297])
    assert sheet(red, "a3") == (1, [297, 420])
    assert sheet(red, "nonsense") == (1, [210, 297])


def test_long_words_are_set_smaller_and_stay_on_the_page(desk: Desk, red: AlertEvent) -> None:
    long = desk.issued(**WEB, instruction=LONG, description="雨" * 600)
    assert sheet(long) == (1, [210, 297])
    said = poster.words(long)
    assert poster.fitting(said, 1.0) < poster.fitting(poster.words(red), 1.0)
    assert poster.fitting(said, 2**0.5) > poster.fitting(said, 1.0)


def test_it_says_what_to_do_where_to_go_and_who_says_so(red: AlertEvent) -> None:
    said = poster.words(red)
    assert said.steps[0].startswith("立即离开河沟")
    assert ("去哪里", "王宗店小学二楼") in said.boxes
    assert "荥阳市气象台" in said.small[-1]
    assert not said.mark


def test_an_exercise_is_marked_and_an_all_clear_sends_nobody_anywhere(desk: Desk, red: AlertEvent) -> None:
    assert "演练" in poster.words(desk.issued(**WEB, exercise=True)).mark
    assert poster.words(desk.follow(red, "lift")).boxes == []


def test_everybody_and_officers_get_it_as_a_file(client: Client, world: World, desk: Desk, red: AlertEvent) -> None:
    hidden = desk.issued(channels=["sms"])
    public = client.get(f"/w/{red.alert.code}/poster.pdf?size=a3")
    assert (public.status_code, public["Content-Type"]) == (200, "application/pdf")
    assert client.get(f"/w/{hidden.alert.code}/poster.pdf").status_code == 404
    assert client.get("/w/nothing/poster.pdf").status_code == 404
    world.login(client, "officer")
    assert client.get(f"/alerts/{hidden.alert.code}/poster.pdf").content.startswith(b"%PDF")
    assert client.get(f"/alerts/{desk.draft().code}/poster.pdf").status_code == 404


def test_a_script_has_a_length_and_the_short_one_fits(red: AlertEvent) -> None:
    whole, short, line = broadcast.scripts(red)
    assert whole.text == red.frozen["texts"]["zh"]["voice"]
    assert whole.seconds > short.seconds
    assert short.seconds <= broadcast.SHORT
    assert short.text.startswith("荥阳市气象台")
    assert "暴雨红色预警" in short.text
    assert "立即离开河沟" in short.text
    assert "0371-64600000" in line.text
    assert "\n" not in line.text


def test_a_long_first_step_is_said_whole(desk: Desk) -> None:
    event = desk.issued(**WEB, instruction="马上离开。" * 40)
    short = next(one for one in broadcast.scripts(event) if one.text.count("马上离开") and one.seconds)
    assert short.text.count("马上离开") >= 40


def test_a_script_of_an_exercise_says_so_first_and_an_update_says_that(desk: Desk, red: AlertEvent) -> None:
    assert all("演练" in one.text for one in broadcast.scripts(desk.issued(**WEB, exercise=True)))
    assert "更新暴雨红色预警" in broadcast.scripts(desk.follow(red, "update", instruction="到学校二楼。"))[1].text


def test_the_page_of_scripts_is_for_those_who_read_warnings(client: Client, world: World, red: AlertEvent) -> None:
    address = f"/alerts/{red.alert.code}/script/"
    assert client.get(address).status_code == 302
    world.login(client, "officer")
    html = client.get(address).content.decode()
    assert "播报稿" in html
    assert "秒" in html
