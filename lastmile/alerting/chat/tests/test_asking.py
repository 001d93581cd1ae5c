"""The daily look at the robots: it finds out who does not work before a warning does, and posts nothing anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client

from lastmile.alerting import desk as channel_desk
from lastmile.alerting.channels.contract import Health, What
from lastmile.alerting.chat import asking, keeping, robots, troubles
from lastmile.alerting.chat.tests.rig import DINGTALK, FEISHU, WECOM, Apps
from lastmile.alerting.chat.tests.test_telling import KINDS, WEB, group, worked
from lastmile.alerting.models import ChannelCheck, ChatGroup
from lastmile.alerting.readiness import channels
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.clock import BEIJING
from tests.world import World


@pytest.fixture(autouse=True)
def _morning(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(channel_desk, "health", lambda _name: Health(True, ""))  # of all other channels
    with clock.frozen(datetime(2026, 11, 24, 10, 0, tzinfo=BEIJING)):
        yield


def owed(kind: str = "alerting.chat_group") -> list[tuple[str, str]]:
    return sorted(Obligation.objects.filter(kind=kind, closed_at=None).values_list("key", "place"))


def results() -> list[channels.Result]:
    return [one for one in channels.results() if one.channel.startswith("chat:")]


def morning() -> None:
    """The round of the next day."""
    clock.forward(days=1)
    channels.tick()


def test_every_app_is_asked_once_a_day_and_nothing_appears_in_any_group(world: World, apps: Apps) -> None:
    bots = [apps.bot(WECOM), apps.bot(DINGTALK, secret="SECabc123"), apps.bot(FEISHU, secret="feishusecret")]
    bots += [apps.bot(DINGTALK, keyword="预警"), apps.bot(FEISHU, keyword="预警")]
    for bot in bots:
        group(world, apps, bot)
    channels.tick()
    assert channels.tick() == 0
    assert [bot.asked for bot in bots] == [1] * 5
    assert [bot.got for bot in bots] == [[]] * 5
    found = results()
    assert [(one.channel, one.ok) for one in found] == [(f"chat:{kind}", True) for kind in KINDS]
    assert "认得 2 个群的机器人，没有发出任何消息" in found[1].says
    assert (owed(), owed("alerting.channel")) == ([], [])
    assert not ChatGroup.objects.exclude(failure="").exists()
    morning()
    assert [bot.asked for bot in bots] == [2] * 5


def test_a_robot_that_is_gone_is_found_and_owed_before_a_warning_needs_it(world: World, apps: Apps) -> None:
    gone, well = apps.bot(DINGTALK), apps.bot(DINGTALK)
    lost = group(world, apps, gone)
    group(world, apps, well)
    gone.stopped = True
    channels.tick()
    lost.refresh_from_db()
    assert "机器人已停用" in lost.failure
    assert troubles.light(lost).light == "red"
    assert owed() == [(str(lost.pk), VILLAGE)]
    assert "有 1 个不能用" in results()[0].says
    assert owed("alerting.channel") == []  # the app itself answers
    gone.stopped = False
    morning()
    lost.refresh_from_db()
    assert (lost.failure, owed()) == ("", [])
    assert gone.got == []


@pytest.mark.parametrize("kind", [DINGTALK, FEISHU])
def test_a_secret_that_was_changed_in_the_app_is_found(world: World, apps: Apps, kind: str) -> None:
    bot = apps.bot(kind, secret="SECbefore")
    one = group(world, apps, bot)
    bot.secret = "SECafter"
    channels.tick()
    one.refresh_from_db()
    assert "310000" in one.failure or "19021" in one.failure
    keeping.change(world.officer, one, {"name": one.name, "audience": "staff", "secret": "SECafter"})
    morning()
    one.refresh_from_db()
    assert one.failure == ""


def test_what_a_card_has_found_is_not_taken_back_by_a_look_that_says_less(world: World, desk: Desk, apps: Apps) -> None:
    bot = apps.bot(DINGTALK, keyword="水位")  # no card of ours holds it
    one = group(world, apps, bot)
    desk.issued(**WEB)
    worked()
    one.refresh_from_db()
    assert "keywords not in content" in one.failure
    morning()
    one.refresh_from_db()
    assert bot.asked == 2
    assert "keywords not in content" in one.failure
    assert owed() == [(str(one.pk), VILLAGE)]


def test_an_app_that_does_not_answer_is_nobodys_robots_fault(
    client: Client, world: World, apps: Apps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 2)
    bots = [apps.bot(WECOM, status=502) for _ in range(5)]
    for bot in bots:
        group(world, apps, bot)
    channels.tick()
    assert sum(bot.asked for bot in bots) == 2  # the rest is not asked
    assert (owed(), [key for key, _place in owed("alerting.channel")]) == ([], ["chat:wecom"])
    assert not ChatGroup.objects.exclude(failure="").exists()
    world.login(client, "officer")
    page = client.get("/readiness/").content.decode()
    assert "群机器人 · 企业微信" in page
    assert "应用没有应答" in page
    assert ChannelCheck.objects.get(channel="chat:wecom").ok is False
    for bot in bots:
        bot.status = 0
    clock.forward(hours=1)
    channels.tick()
    assert owed("alerting.channel") == []
    assert sum(bot.asked for bot in bots) == 7


def test_a_robot_with_a_card_to_post_is_not_asked_and_one_that_was_asked_keeps_its_pace(
    world: World, desk: Desk, apps: Apps
) -> None:
    busy, off = apps.bot(WECOM), apps.bot(WECOM)
    group(world, apps, busy)
    keeping.switch(world.officer, group(world, apps, off), on=False)
    desk.issued(**WEB)
    channels.tick()
    assert (busy.asked, off.asked) == (0, 0)
    worked()
    morning()
    assert (busy.asked, off.asked) == (2, 0)
    desk.issued(**WEB, hazard="flood")
    worked()
    assert len(busy.got) == 1
    clock.forward(seconds=4)
    worked()
    assert len(busy.got) == 2


def test_a_robot_that_took_a_card_long_ago_and_is_known_today_is_green_and_a_new_one_is_not(
    world: World, desk: Desk, apps: Apps
) -> None:
    one = group(world, apps, apps.bot(WECOM))
    channels.tick()
    one.refresh_from_db()
    assert troubles.light(one).light == "yellow"  # a keyword, a wrong group: nobody knows before the first card
    clock.forward(seconds=10)
    assert keeping.test(world.officer, one).what is What.ACCEPTED
    clock.forward(days=100)
    one.refresh_from_db()
    assert troubles.light(one).light == "yellow"
    morning()
    one.refresh_from_db()
    assert troubles.light(one).light == "green"


def test_whoever_does_not_speak_as_the_app_does_is_not_the_app() -> None:
    assert robots.known(WECOM, 200, b"<html>log in to the network</html>").what is What.UNKNOWN
    assert robots.known(FEISHU, 403, b"").what is What.UNKNOWN
    assert robots.known(FEISHU, 200, b'{"code": 19002, "msg": "params error, msg_type need"}').what is What.ACCEPTED
    assert robots.known(DINGTALK, 200, b'{"errcode": 130101, "errmsg": "send too fast"}').after == 600
