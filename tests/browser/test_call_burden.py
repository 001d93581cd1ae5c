"""The burden of 叫应, counted in Chromium on a phone: at the command post, and on the personal link."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from lastmile.alerting import coverage, links
from lastmile.alerting.cascade import tick
from lastmile.alerting.models import AlertEvent, Call, CallState
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.browser.conftest import House
from tests.browser.thumb import Thumb, on_phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOWN, VILLAGE = "410182109", "410182109211"


def silent(house: House) -> AlertEvent:
    """A warning of seven minutes ago that nobody has answered: the township is told of the village."""
    clock.forward(minutes=-7)
    event = Desk(house.world).issued(channels=["sms"])
    for _minute in range(7):
        tick.run()
        clock.forward(minutes=1)
    return event


def call(event: AlertEvent) -> Call:
    return Call.objects.get(event=event, place=VILLAGE, post__kind="leader")


def taps(house: House, event: AlertEvent, person: int, *names: str) -> int:
    """On the personal link of somebody: how many taps, with nothing typed."""

    def answer(thumb: Thumb) -> None:
        for name in names:
            thumb.press(name, within="main")

    done, fields = on_phone(house, "", f"{links.PATH}{links.token(event.pk, person)}", answer)
    assert fields == 0
    coverage.fold()
    return done


def by_link(house: House, event: AlertEvent) -> None:
    holder, superior = house.world.staff[VILLAGE].pk, house.world.staff[TOWN].pk
    assert taps(house, event, superior, "我已联系到，本人已知晓") == 1
    assert (call(event).confirmed_via, call(event).state) == ("superior", CallState.CONFIRMED)
    clock.forward(seconds=1)
    assert taps(house, event, superior, "点错了，撤回") == 1
    assert call(event).confirmed_at is None
    assert taps(house, event, superior, "这个由我接手") == 1
    assert call(event).taken_at is not None
    assert taps(house, event, holder, "我已知晓") == 1
    assert call(event).state == CallState.CONFIRMED
    assert taps(house, event, holder, "我已向下传达") == 1
    assert call(event).state == CallState.DONE


def at_the_post(house: House, event: AlertEvent) -> None:
    board = f"/alerts/{event.alert.code}/calls/"

    def first(name: str) -> tuple[int, int]:
        def act(thumb: Thumb) -> None:
            card = thumb.page.locator(".unwoken .call-card").filter(has_text="王宗店村委会 · 负责人")
            thumb.tap(card.get_by_role("button", name=name))
            expect(thumb.page.locator("#messages")).to_contain_text("已办，并已记录")

        return on_phone(house, "township", board, act)

    assert first("立即叫应") == (1, 0)
    assert first("我去处理") == (1, 0)
    assert call(event).taken_by != ""
    assert first("已通知到本人") == (1, 0)
    assert call(event).confirmed_via == "staff"


def in_words(house: House, event: AlertEvent) -> None:
    """A note is one field; an answer with its own time and words are two."""
    one = f"/alerts/{event.alert.code}/calls/{call(event).pk}/"

    def note(thumb: Thumb) -> None:
        thumb.fill(thumb.page.locator("#text"), "手机落在家里")
        thumb.press("记为备注")
        expect(thumb.page.locator("#content")).to_contain_text("手机落在家里")

    def radio(thumb: Thumb) -> None:
        at = (event.sent_at + timedelta(minutes=1)).astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")
        thumb.fill(thumb.page.locator("#at"), at)
        thumb.fill(thumb.page.locator("#words"), "对讲机里答应了")
        thumb.press("已通知到本人")
        expect(thumb.page.locator("#content")).to_contain_text("已通知")

    assert on_phone(house, "township", one, note) == (1, 1)
    assert on_phone(house, "township", one, radio) == (1, 2)
    assert call(event).confirmed_via == "staff"


def test_calls_stay_within_their_burden(house: House) -> None:
    """In one test: the database is emptied after each, and the city with it."""
    by_link(house, silent(house))
    in_words(house, silent(house))
    at_the_post(house, silent(house))
