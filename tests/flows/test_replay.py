"""Zhengzhou, July 2021, through two deployments: the city's five red signals come down to the county as a chain, go out
on all channels, are heard from the loudspeakers of Wangzongdian, and what was reached goes back up to the city.

The times are those of the events (../shared/cn/timelines.json). The city is a process with a database of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lastmile.alerting import coverage
from lastmile.alerting.channels import speech
from lastmile.alerting.channels.tests.mosquitto import mosquitto
from lastmile.alerting.chat.tests.conftest import apps
from lastmile.alerting.chat.tests.rig import Apps
from lastmile.alerting.deployments import pairing, sending, writing
from lastmile.alerting.followers.tests.test_mail import mail_server
from lastmile.alerting.followers.tests.test_push import Service, service
from lastmile.alerting.models import AlertEvent, Deployment, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.sources import polling, rules
from lastmile.alerting.terminals import hub
from lastmile.alerting.terminals.hub import Hub
from lastmile.community.people.actions import add_person
from lastmile.kernel import clock
from tests.flows.house import House
from tests.flows.media import Media
from tests.flows.test_deployments import databases
from tests.flows.test_loudspeakers import VILLAGE, WARNINGS, Village, call, recordings, sounds_right, until
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
assert all((databases, apps, service))  # fixtures


def signals(shared: Path) -> list[tuple[datetime, str]]:
    """(when, what) of the five."""
    events = json.loads((shared / "cn" / "timelines.json").read_text())["zhengzhou_2021_720"]["events"]
    reds = [(at, says) for at, says, *_source in events if says.startswith("暴雨红色预警")]
    return [(datetime.fromisoformat(at).replace(tzinfo=clock.BEIJING), says) for at, says in reds]


def forward(to: datetime) -> None:
    clock.forward(seconds=(to - clock.now()).total_seconds())


class County(Village):
    """The county of this process: all its media, and a link to the city above."""

    media: Media

    def join(self, city: House, url: str) -> None:
        place = self.world.places["410182"]
        pairing.join(self.world.system, place, url=url, code=city("invite"), name="郑州市")
        sending.tick()
        source = Deployment.objects.get().sources.get()
        rule = rules.propose(self.world.officer, source, colour=1, hazard="rainstorm", action="issue")
        rules.confirm(self.world.approver, rule)

    def takes_in(self) -> AlertEvent:
        """The feed is asked, the rule issues, phones ring, people answer."""
        clock.forward(minutes=1)
        polling.tick()
        rules.run()
        event = AlertEvent.objects.latest("pk")
        self.media.tell(event)
        for person in self.world.residents[::2]:
            key = f"{event.pk}:{person.pk}"
            append([NewReceipt(key, event.pk, person.pk, Fact.CONFIRMED, "link", clock.now())])
        return event

    def tells(self) -> None:
        clock.forward(seconds=10)
        while coverage.fold():
            pass
        writing.tick()
        sending.tick()


@pytest.fixture
def city(databases: list[str], shared: Path) -> Iterator[House]:
    made = House(databases[0], LASTMILE_CAP_SENDER="city@example.cn")
    begin = signals(shared)[0][0] - timedelta(minutes=10)
    try:
        made("now", at=begin.isoformat())
        made("settle", url=f"http://127.0.0.1:{made.port}", people=False)
        forward(begin)
        yield made
    finally:
        made.end()


@pytest.fixture
def county(
    city: House, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, apps: Apps, service: Service
) -> Iterator[County]:
    monkeypatch.setattr(hub, "LOOK", 0.1)
    settings.FEED_PRIVATE = True
    with mosquitto(tmp_path / "broker") as broker:
        settings.CHANNELS, settings.MQTT_URL = ["smpp", "voice", "email", "mqtt", "web"], broker.broker.url
        made = County(World.build(), broker, tmp_path / "heard")
        home = made.world.households[0]
        add_person(name="赵读信", place=home.place, household=home, email="zhao@example.cn")
        with mail_server(settings) as letters:
            made.media = Media(apps, service, letters)
            yield made


async def test_five_red_signals_come_down_are_heard_and_what_was_reached_goes_back_up(
    city: House, county: County, settings: Any, shared: Path, tmp_path: Path
) -> None:
    runner = await recordings(settings)
    await call(county.media.settle, county.world, VILLAGE)
    await call(county.join, city, f"http://127.0.0.1:{city.port}")
    tasks = [asyncio.create_task(box.run()) for box in county.boxes.values()]
    tasks.append(asyncio.create_task(Hub("w", call).run()))
    try:
        for number, (at, says) in enumerate(signals(shared), 1):
            city("now", at=at.isoformat())
            city(
                "warn", reason="" if number == 1 else "雨还在下", description=f"{says}：三小时内将下一百毫米以上的雨。"
            )
            forward(at)
            event = await call(county.takes_in)
            await until(partial(county.is_played, event))
            await call(county.tells)
            assert city("reports")["people"] == (await call(city_own, event))["people"]
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
        await runner.cleanup()

    await call(look_back, city, county)
    if not speech.problem():
        sounds_right(tmp_path / "heard", county.boxes["WZD-01"])


def city_own(event: AlertEvent) -> dict[str, Any]:
    return {"people": coverage.of(event, "410182").all.as_dict()}


def look_back(city: House, county: County) -> None:
    """One warning and four updates; each told everybody once, played once, and counted once above."""
    kinds = list(AlertEvent.objects.order_by("pk").values_list("alert__kind", flat=True))
    assert kinds == ["alert", *["update"] * (WARNINGS - 1)]
    everywhere(county)
    for code in ("WZD-01", "WZD-02"):
        assert len(county.boxes[code].played) == WARNINGS
    seen = city("reports")
    assert (seen["doors"]["doors"], seen["doors"]["confirmed"]) == (6, 6)
    link = Deployment.objects.get()
    assert (link.have, link.failures) == (link.number, 0)
    assert city("link")["have"] == link.number


def everywhere(county: County) -> None:
    """On every medium each of the five, once. The first comes at ten in the evening and rings everybody; by day the
    frail are rung up, the others have an SMS, and who has only mail gets a mail."""
    media, frail = county.media, len(county.world.residents) // 2
    others = frail + len(county.world.staff)
    assert len(media.texts) == (WARNINGS - 1) * others
    assert len(media.calls) == len({one["key"] for one in media.calls}) == WARNINGS * frail + others
    assert len(media.mails) == len(media.letters.mails) == len(media.service.got) == WARNINGS
    for said in (*media.texts, *(one["text"] for one in media.calls), *media.mails):
        assert "暴雨" in said
    for _path, _headers, body in media.service.got:
        assert "暴雨" in json.dumps(media.browser.opened(body), ensure_ascii=False)
    for bot in media.bots:
        assert len(bot.got) == WARNINGS, bot.kind
