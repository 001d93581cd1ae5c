"""A real feed over HTTP: asked when due, by versions, with growing pauses after errors, by one worker at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lastmile.alerting import watchdog
from lastmile.alerting.models import Received, Source, Standstill
from lastmile.alerting.sources import polling, queries
from lastmile.alerting.sources.tests import samples, server
from lastmile.kernel import clock
from tests.world import World


@pytest.fixture
def feed(settings: Any) -> Iterator[server.Feed]:
    settings.FEED_PRIVATE = True
    with server.serve() as feed:
        feed.messages["1"] = samples.xml(samples.alert(1))
        yield feed


@pytest.fixture
def polled(world: World, feed: server.Feed) -> Source:
    return samples.source("feed", url=feed.url, token="t0ken")


def again(source: Source, seconds: float = 61) -> Source:
    clock.forward(seconds=seconds)
    polling.tick()
    source.refresh_from_db()
    return source


def test_what_the_feed_leads_to_comes_in_and_the_source_is_well(polled: Source, feed: server.Feed) -> None:
    assert polling.tick() == 1
    one = Received.objects.get()
    assert (one.identifier, one.signature, one.link) == (
        "41018241600000_1",
        "trusted",
        feed.url.replace("feed.atom", "1.xml"),
    )
    polled.refresh_from_db()
    assert (polled.failures, polled.form, queries.health(polled).light) == (0, "atom", "green")
    assert feed.headers[0]["Authorization"] == "Bearer t0ken"


def test_it_is_not_asked_before_it_is_due(polled: Source, feed: server.Feed) -> None:
    polling.tick()
    clock.forward(seconds=30)
    assert polling.tick() == 0
    assert len(feed.asked) == 2


def test_what_has_not_changed_does_not_travel_again(polled: Source, feed: server.Feed) -> None:
    polling.tick()
    again(polled)
    assert feed.asked == ["/feed.atom", "/1.xml", "/feed.atom"]
    assert polled.good_at == clock.now()
    feed.messages["2"] = samples.xml(samples.alert(2, "Update", samples.alert(1), minutes=5))
    again(polled)
    assert feed.asked[3:] == ["/feed.atom", "/2.xml"]
    assert Received.objects.count() == 2


def test_errors_make_the_pauses_longer_and_are_said_in_words(polled: Source, feed: server.Feed) -> None:
    feed.status = 503
    pauses = []
    for _round in range(6):
        again(polled, 800)
        assert polled.due_at is not None
        pauses.append((polled.due_at - clock.now()).total_seconds())
    assert pauses[0] <= 75 < pauses[2] <= 300 < pauses[5] <= 750
    assert (polled.failures, queries.health(polled).light) == (6, "red")
    assert "503" in queries.error(polled)
    feed.status = 200
    assert again(polled, 800).failures == 0
    assert Received.objects.count() == 1


def test_a_dead_message_does_not_hide_the_others_and_is_asked_for_again(polled: Source, feed: server.Feed) -> None:
    feed.messages = {"0": b"<nothing/>", "1": feed.messages["1"]}
    polling.tick()
    polled.refresh_from_db()
    assert (Received.objects.count(), polled.failures) == (1, 1)
    again(polled, 200)
    assert (feed.asked.count("/0.xml"), feed.asked.count("/1.xml")) == (1, 1)


def test_two_workers_do_not_ask_it_at_once(polled: Source) -> None:
    assert [one.pk for one in polling.claim()] == [polled.pk]
    assert polling.claim() == []
    clock.forward(minutes=3)  # the worker died
    assert [one.pk for one in polling.claim()] == [polled.pk]


def test_a_paused_source_is_left_alone(polled: Source, feed: server.Feed) -> None:
    Source.objects.update(enabled=False)
    assert (polling.tick(), feed.asked) == (0, [])


def test_addresses_inside_are_not_asked_unless_the_operator_says_so(
    polled: Source, feed: server.Feed, settings: Any
) -> None:
    settings.FEED_PRIVATE = False
    polling.tick()
    polled.refresh_from_db()
    assert (feed.asked, polled.error["code"]) == ([], "fetch_private")


def test_a_dead_source_does_not_delay_a_good_one(polled: Source, feed: server.Feed) -> None:
    samples.source("feed", url="http://127.0.0.1:1/dead", name="dead")
    assert polling.tick() == 2
    assert Received.objects.count() == 1


def test_a_source_that_is_silent_for_long_stands_still(polled: Source, feed: server.Feed) -> None:
    polling.tick()
    watchdog.look()
    assert not Standstill.objects.filter(kind="source").exists()
    feed.status = 500
    again(polled, 1000)
    watchdog.look()
    found = Standstill.objects.get(kind="source")
    assert found.details["error"]["facts"]["status"] == 500
