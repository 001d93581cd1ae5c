"""密云 2025 and 郑州 2021 played on the engine: what would have been red, who would have been called, and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting import known
from lastmile.alerting.models import Alert, AlertEvent, Call, Manifest, SiteAnswer
from lastmile.alerting.models.calls import OVER
from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place
from lastmile.community.people.models import Person
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.site.models import ScenarioRun
from lastmile.site.scenarios import plans
from lastmile.site.scenarios.play import play
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
TIMELINES = Path(__file__).resolve().parents[3] / "shared" / "cn" / "timelines.json"
HOME = "太师屯镇养老照料中心"


@pytest.fixture
def played(settings: Any) -> Callable[[str], Played]:
    settings.CHANNELS = ["fake"]
    return lambda name: Played(play(plans.plan(name)))


class Played:
    def __init__(self, run: ScenarioRun) -> None:
        self.run = run

    def at(self, text: str) -> dict[str, Any]:
        """What was shown at a minute."""
        moment = plans.moment(text).timestamp()
        found: dict[str, Any] = [frame for frame in self.run.frames if frame["at"] <= moment][-1]
        return found

    def climbed(self) -> list[tuple[str, str, str]]:
        """(minute, what, post) of the village that is silent."""
        steps = [frame for frame in self.run.frames if frame.get("village")][-1]["village"]["steps"]
        return [(local(step["at"]), step["what"], step["post"]) for step in steps]


def local(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, clock.BEIJING).strftime("%d %H:%M")


def test_miyun_2025(played: Callable[[str], Played], client: Client) -> None:
    found = played("miyun-2025")
    the_care_home_is_in_no_list_before_anything_is_sent_and_red_until_the_end(found)
    the_silent_village_climbs_to_township_district_and_city_by_the_minute(found)
    the_page_tells_both_columns_to_whoever_may_read_warnings_there(client)


def test_zhengzhou_2021(played: Callable[[str], Played], client: Client) -> None:
    found = played("zhengzhou-2021")
    the_silence_is_known_twelve_hours_before_the_water(found)
    it_ends_as_an_exercise_that_nobody_owes_anything_for(found, client)
    a_second_play_changes_nothing(played, found.run)


def the_care_home_is_in_no_list_before_anything_is_sent_and_red_until_the_end(found: Played) -> None:
    before = found.at("2025-07-26T21:05")
    assert before["draft"]
    assert before["names"][0] == HOME  # shown beside the draft, first of all
    for minute in ("26T21:06", "27T05:00", "28T06:44", "28T12:45"):
        shown = found.at(f"2025-07-{minute}")
        assert not shown["draft"]
        assert HOME in shown["names"]
        assert shown["alone"]  # in no list: nobody answers for it
    assert found.at("2025-07-28T06:44")["red"] < found.at("2025-07-26T21:06")["red"]  # the others have answered
    assert not SiteAnswer.objects.filter(site__name=HOME).exists()


def the_silent_village_climbs_to_township_district_and_city_by_the_minute(found: Played) -> None:
    assert found.climbed() == [
        ("26 21:06", "called", "黄峪口村民委员会 村(社区)党组织书记"),
        ("26 21:11", "deputy", "黄峪口村民委员会 村(社区)党组织书记"),
        ("26 21:16", "superior", "石城镇 乡镇(街道)主要负责人"),
        ("26 21:21", "door", "黄峪口村民委员会 村(社区)党组织书记"),
        ("26 21:36", "owed", "密云区 分管副县(市、区)长"),
        ("26 21:41", "owed", "北京市 分管副市长"),
        ("27 05:00", "confirmed", "黄峪口村民委员会 村(社区)党组织书记"),  # on record: in contact again
    ]
    assert [level["level"] for level in found.at("2025-07-26T21:07")["levels"]] == [2, 3, 4, 5]
    silent = found.at("2025-07-26T21:07")["levels"][3]
    assert silent["confirm"]
    assert local(silent["due"]) == "26 21:11"  # five minutes to confirm


def the_silence_is_known_twelve_hours_before_the_water(found: Played) -> None:
    steps = {what: (minute, post) for minute, what, post in reversed(found.climbed())}
    assert steps["superior"] == ("19 22:09", "崔庙镇 乡镇(街道)主要负责人")
    assert steps["owed"] == ("19 22:29", "荥阳市 分管副县(市、区)长")
    assert "confirmed" not in steps
    assert found.at("2021-07-20T10:40")["village"]["state"] == "door"
    assert found.at("2021-07-20T10:40")["code"] != found.at("2021-07-20T06:00")["code"]  # two updates carried it on
    assert Alert.objects.count() == 3
    for level in found.at("2021-07-19T22:10")["levels"][:3]:
        assert level["confirmed"] == level["posts"] > 0


def it_ends_as_an_exercise_that_nobody_owes_anything_for(found: Played, client: Client) -> None:
    run = found.run
    assert set(Alert.objects.values_list("exercise", flat=True)) == {True}
    assert run.event.closed_at is not None
    assert not Call.objects.exclude(state__in=OVER).exists()
    assert not Obligation.objects.filter(closed_at=None, kind__startswith="alerting.").exists()
    assert not Manifest.objects.filter(due_at__isnull=False).exists()
    assert run.event.alert.code not in client.get("/w/").content.decode()
    assert set(known.warnings(["410182"]).values()) == {0}


def a_second_play_changes_nothing(played: Callable[[str], Played], first: ScenarioRun) -> None:
    counts = [model.objects.count() for model in (AlertEvent, Call, Person, User, AuditEntry)]
    assert played(first.name).run == first
    assert [model.objects.count() for model in (AlertEvent, Call, Person, User, AuditEntry)] == counts


def the_page_tells_both_columns_to_whoever_may_read_warnings_there(client: Client) -> None:
    place = Place.objects.get(pk="110118")
    reader = create_user("reader", PASSWORD, name="reader", role=Role.DUTY_OFFICER, place=place, temporary=False)
    client.force_login(reader)
    page = client.get("/scenarios/miyun-2025/").content.decode()
    for words in ("exercise-mark", HOME, "没有任何人负责应答", "48 人脱险", "石城镇 乡镇(街道)主要负责人", "69 位老人"):
        assert words in page
    code = ScenarioRun.objects.get().event.alert.code
    for link in (f"/alerts/{code}/calls/", f"/alerts/{code}/coverage/", f"/alerts/{code}/visits/"):
        assert link in page
        assert client.get(link).status_code == 200
    assert "/scenarios/zhengzhou-2021/" not in client.get("/scenarios/").content.decode()
    assert client.get("/scenarios/zhengzhou-2021/").status_code == 404
    assert client.get("/scenarios/nowhere/").status_code == 404
    keeper = create_user("audit", PASSWORD, name="audit", role=Role.AUDITOR, place=place, temporary=False)
    client.force_login(keeper)
    assert client.get("/scenarios/miyun-2025/").status_code == 403


def test_it_is_played_on_invented_phones_alone(settings: Any) -> None:
    settings.CHANNELS = ["sms"]
    with pytest.raises(Refusal):
        play(plans.plan("miyun-2025"))
    assert not ScenarioRun.objects.exists()


@pytest.mark.skipif(not TIMELINES.exists(), reason="the collected timelines are not on this machine: nothing compared")
@pytest.mark.parametrize(("name", "key"), [("miyun-2025", "miyun_2025_0728"), ("zhengzhou-2021", "zhengzhou_2021_720")])
def test_the_times_are_those_of_the_collected_timelines(name: str, key: str) -> None:
    ours = {one["at"][:16] for one in plans.plan(name)["real"] if one["sure"] == "read"}
    theirs = {at[:16] for at, *_rest in json.loads(TIMELINES.read_text())[key]["events"]}
    exact = {at for at in theirs if len(at) == 16}
    assert exact <= ours | {"2021-07-20T16:00"}  # told with the fifth signal, a minute later
    assert {one["at"] for one in plans.plan(name)["signals"]} <= exact
    home = plans.plan(name)["site"]
    assert home is None or home["capacity"] == json.loads(TIMELINES.read_text())[key]["totals"]["residents"]
