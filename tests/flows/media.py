"""The media of a county, each at a real server of its own: SMS centre, telephone gateway, mail, push, the three apps.

People are told by SMPP, by telephone and by e-mail; whoever follows the place, by mail and by push; groups by robots.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from django.test import Client

from lastmile.alerting.channels.tests import rigs
from lastmile.alerting.chat.tests.rig import DINGTALK, FEISHU, WECOM, Apps, Bot
from lastmile.alerting.chat.tests.test_telling import group, passing
from lastmile.alerting.followers.tests import working
from lastmile.alerting.followers.tests.test_mail import follower, letter, words
from lastmile.alerting.followers.tests.test_push import PUSH, Owner, Service, follow
from lastmile.alerting.models import AlertEvent, Fact, Follower, Receipt
from lastmile.alerting.smpp_desk import House
from lastmile.alerting.tests.test_dispatch import asked, work
from lastmile.kernel import clock
from tests.world import World


def reported(event: AlertEvent) -> int:
    """Phones of which the centre's report has come back to the house."""
    return Receipt.objects.filter(event=event.pk, fact=Fact.DELIVERED, channel="smpp").count()


@dataclass
class Media:
    """What each far side has got, warning after warning."""

    apps: Apps
    service: Service
    letters: rigs.Postbox  # of the followers
    texts: list[str] = field(default_factory=list)  # SMS on the phones
    calls: list[dict[str, Any]] = field(default_factory=list)  # as the telephone gateway took them
    mails: list[str] = field(default_factory=list)  # to residents
    bots: list[Bot] = field(default_factory=list)
    browser: Owner = field(default_factory=Owner)

    def settle(self, world: World, place: str) -> None:
        """A robot of each app, a reader and a browser that follow the place."""
        self.bots = [self.apps.bot(WECOM), self.apps.bot(DINGTALK, secret="SECabc123"), self.apps.bot(FEISHU)]
        for bot in self.bots:
            group(world, self.apps, bot, place)
        follower(place)
        assert follow(Client(), self.service.address(), self.browser, place=place).status_code == 201
        working.begin()

    def tell(self, event: AlertEvent) -> None:
        """The workers: people first, then whoever follows, then the groups."""
        asyncio.run(self._tell(event))
        assert working.worked(Follower.Kind.MAIL) + working.worked(PUSH) == 2, event.pk
        passing(12)
        working.begin()

    async def _tell(self, event: AlertEvent) -> None:
        desk, box = House(), rigs.Postbox()
        async with (
            rigs.smpp(desk, now=lambda: clock.now().timestamp()) as smpp,
            rigs.voice(self._ring) as voice,
            rigs.email(box) as email,
        ):
            await asyncio.to_thread(work, smpp, voice, email)
            async with asyncio.timeout(20):
                while await asyncio.to_thread(asked, lambda: reported(event) < smpp.network.counts["accepted"]):
                    await asyncio.sleep(0.05)
        desk.close()
        self.texts += [shown.text for number in smpp.network.devices for shown in smpp.network.inbox(number)]
        self.mails += [words(letter(envelope), "plain") for envelope in box.mails]

    async def _ring(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        self.calls += body.get("calls", [])
        return await rigs.ring_all(request, body)
