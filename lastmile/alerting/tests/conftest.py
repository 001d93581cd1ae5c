"""A small city and warnings in each state, for every test of the room."""

from __future__ import annotations

from typing import Any

import pytest

from lastmile.alerting import drafting
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Alert, AlertEvent
from tests.world import World

COUNTY = "410182"
VILLAGE = "410182109211"
CONTENT: dict[str, Any] = {
    "headline": "",
    "description": "王宗店一带有大暴雨，沟河可能在几分钟内涨水。",
    "instruction": "立即离开河沟，到村委会高处集合。\n不要回家取东西。",
    "shelter": "王宗店小学二楼",
    "contact": "0371-64600000",
    "issuers": ["荥阳市气象台"],
    "channels": ["sms", "email"],
    "audience": {"places": [VILLAGE], "groups": ["residents", "responsible", "sites"]},
}


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


class Desk:
    """The duty desk of the county: makes warnings in any state, by the verbs an officer uses."""

    def __init__(self, world: World) -> None:
        self.world = world

    def draft(self, **changes: Any) -> Alert:
        content = {**CONTENT, **changes}
        hazard, colour = content.pop("hazard", "rainstorm"), content.pop("colour", 1)
        place = self.world.places[COUNTY]
        return drafting.create_draft(self.world.officer, place, hazard=hazard, colour=colour, **content)

    def in_review(self, **changes: Any) -> Alert:
        return drafting.submit(self.world.officer, self.draft(**changes))

    def approved(self, **changes: Any) -> Alert:
        return drafting.approve(self.world.approver, self.in_review(**changes))

    def issued(self, **changes: Any) -> AlertEvent:
        return issue(self.world.officer, self.approved(**changes))

    def follow(self, event: AlertEvent, kind: str, **changes: Any) -> AlertEvent:
        draft = drafting.follow_up(self.world.officer, event.alert, kind, reason="雨势变化")
        if changes:
            draft = drafting.save(self.world.officer, draft, **changes)
        draft = drafting.approve(self.world.approver, drafting.submit(self.world.officer, draft))
        return issue(self.world.officer, draft)
