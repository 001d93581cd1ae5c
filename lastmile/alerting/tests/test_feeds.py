"""Feeds as a stranger's reader sees them: by place, by language, page by page."""

from __future__ import annotations

from typing import Any

import feedparser
import pytest
from django.test import Client
from django.urls import reverse

from lastmile.alerting import published
from lastmile.alerting.cap.compose import NAMESPACE
from lastmile.alerting.cap.feeds import read_feed
from lastmile.alerting.cap.read import read
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
PUBLIC = {"channels": ["sms", "web"]}
ADDRESSES = ("/w/feed.atom", "/w/feed.rss")


@pytest.fixture
def red(desk: Desk) -> AlertEvent:
    return desk.issued(**PUBLIC)


def parsed(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200
    found: Any = feedparser.parse(response.content)  # type: ignore[attr-defined, no-untyped-call]
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_reader_reads_it(client: Client, red: AlertEvent, address: str) -> None:
    (entry,) = parsed(client, address).entries
    assert entry.title == red.frozen["texts"]["zh"]["headline"]
    assert entry.link.endswith(f"/w/{red.alert.code}/")
    assert [one.href.rpartition("/w/")[2] for one in entry.enclosures] == [f"{red.alert.code}.xml"]
    assert (entry.get("published_parsed") or entry.updated_parsed)[:5] == red.sent_at.utctimetuple()[:5]


@pytest.mark.parametrize("address", ADDRESSES)
def test_our_own_check_has_nothing_against_it(client: Client, red: AlertEvent, address: str) -> None:
    feed = read_feed(client.get(address).content)
    assert (feed.findings, feed.items[0].cap_link.endswith(".xml")) == ([], True)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("place", "listed"),
    [("", 1), ("4101", 1), ("410182", 1), (VILLAGE, 1), (VILLAGE + "001", 1), ("410183", 0), ("4102", 0), ("x' --", 1)],
)
def test_it_is_there_for_every_place_it_concerns(
    client: Client, red: AlertEvent, address: str, place: str, listed: int
) -> None:
    assert len(parsed(client, f"{address}?place={place}").entries) == listed


def test_what_is_drawn_is_missed_by_no_place_it_may_touch(client: Client, desk: Desk) -> None:
    corners = [[113.33, 34.63], [113.34, 34.63], [113.34, 34.64], [113.33, 34.63]]
    desk.issued(
        **PUBLIC, audience={"polygons": [{"type": "Polygon", "coordinates": [corners]}], "groups": ["residents"]}
    )
    assert len(parsed(client, "/w/feed.atom?place=410182109").entries) == 1
    assert len(parsed(client, "/w/feed.atom?place=410183").entries) == 0


@pytest.mark.parametrize("address", ADDRESSES)
def test_english_is_made_where_none_was_written(client: Client, red: AlertEvent, address: str) -> None:
    feed = parsed(client, f"{address}?lang=en")
    assert feed.feed.title == "Warnings in force"
    assert feed.entries[0].title.startswith("Rainstorm: red warning for ")


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_goes_on_page_by_page(
    client: Client, desk: Desk, red: AlertEvent, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "PER_FEED", 1)
    desk.issued(**PUBLIC)
    first = parsed(client, f"{address}?place=4101")
    onward = next(link.href for link in first.feed.links if link.rel == "next")
    assert onward.endswith("?place=4101&page=2")
    second = parsed(client, "/w/" + onward.rpartition("/w/")[2])
    assert {"previous", "first", "last"} <= {link.rel for link in second.feed.links}
    assert first.entries[0].id != second.entries[0].id
    assert len(parsed(client, f"{address}?page=nonsense").entries) == 1


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_has_it_already_gets_304(client: Client, red: AlertEvent, address: str) -> None:
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


def test_an_empty_feed_is_a_feed(client: Client, world: World) -> None:
    assert parsed(client, "/w/feed.rss").entries == []


def test_the_message_is_signed_and_speaks_both_languages(client: Client, red: AlertEvent) -> None:
    message = read(client.get(f"/w/{red.alert.code}.xml").content)
    assert message.conforms, message.findings
    assert [info.language for info in message.alert.info] == ["zh-CN", "en-US"]
    assert len(message.alert.signatures) == 1
    assert message.element.tag == f"{{{NAMESPACE}}}alert"


def test_a_feed_lists_all_clears_of_the_last_day_to_whoever_asks_for_them(client: Client, desk: Desk) -> None:
    event = desk.issued(channels=["web"])
    lifted = desk.follow(event, "lift")
    at = reverse("public_cap", args=[lifted.alert.code])
    assert at not in client.get(reverse("public_feed")).content.decode()
    assert at in client.get(reverse("public_feed"), {"ended": "1", "place": "410182"}).content.decode()
    assert at not in client.get(reverse("public_feed"), {"ended": "1", "place": "410181"}).content.decode()
    clock.forward(hours=25)
    assert at not in client.get(reverse("public_feed"), {"ended": "1"}).content.decode()
