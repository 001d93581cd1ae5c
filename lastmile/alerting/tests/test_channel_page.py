"""The page of the channels, for those who use them and those who run them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from lastmile.alerting import close, coverage
from lastmile.alerting import desk as desk_page
from lastmile.alerting.channels import checks, registry
from lastmile.alerting.channels.tests.rigs import gateway
from lastmile.alerting.models import AlertEvent, Manifest, Sent
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
SECRET = "not for any page 9f3"


@pytest.fixture(autouse=True)
def _settings(settings: Settings) -> None:
    settings.CHANNELS = ["sms", "email", "web"]
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:9/batch"
    settings.SMS_GATEWAY_SECRET = SECRET
    settings.EMAIL_HOST_PASSWORD = SECRET


@pytest.fixture
def open_gateway(settings: Settings) -> Iterator[str]:
    """A gateway that accepts everything, in a thread of its own, since the pages are not asynchronous."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    context = gateway()
    url = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(5)
    settings.SMS_GATEWAY_URL = url
    yield url
    asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def settle(event: AlertEvent, states: bytes, error: str = "") -> None:
    """The newest SMS batch as a worker leaves it."""
    batch = Manifest.objects.filter(event=event, channel="sms").first()
    assert batch is not None
    batch.states, batch.settled_at, batch.error, batch.due_at = states, clock.now(), error, None
    batch.person_ids = list(range(1_000_001, 1_000_001 + len(states)))  # people whom no other batch holds
    batch.save()
    coverage.recount(event.pk)  # the sums were written with the people of the issue
    coverage.fold()


def test_an_officer_sees_what_each_channel_proves_but_no_settings(client: Client, world: World) -> None:
    world.login(client, "officer")
    html = client.get("/channels/").content.decode()
    assert "只有点开链接或回复短信" in html
    assert "LASTMILE_SMS_URL" not in html
    assert "发测试" not in html


def test_a_system_administrator_sees_settings_without_secrets(client: Client, world: World) -> None:
    world.login(client, "system")
    html = client.get("/channels/").content.decode()
    assert "http://127.0.0.1:9/batch" in html
    assert SECRET not in html


def test_others_do_not_see_the_page(client: Client, world: World) -> None:
    assert client.get("/channels/").status_code == 302
    for name in ("auditor", "security"):
        world.login(client, name)
        assert client.get("/channels/").status_code == 403


def test_it_counts_what_went_out_and_names_what_went_wrong(client: Client, world: World, desk: Desk) -> None:
    event = desk.issued(channels=["sms"])
    settle(event, bytes([Sent.ACCEPTED] * 7 + [Sent.REFUSED, Sent.UNKNOWN]), "no answer within 10 s")
    world.login(client, "system")
    html = client.get("/channels/").content.decode()
    assert "10 秒内没有响应" in html
    assert ">7</dd>" in html
    clock.forward(hours=25)
    close.expire()
    clock.forward(hours=25)
    html = client.get("/channels/").content.decode()
    assert "10 秒内没有响应" not in html
    assert ">7</dd>" not in html


def test_a_channel_is_not_hidden_behind_the_many_batches_of_another(world: World, desk: Desk) -> None:
    event = desk.issued(channels=["sms"])
    settle(event, bytes([Sent.ACCEPTED] * 7), "no answer within 10 s")
    many(event, "email", 6_000)
    sms, email, web = desk_page.standings()
    assert [one.channel.name for one in (sms, email, web)] == ["sms", "email", "web"]
    assert (sms.handed, sms.last is not None, len(sms.troubles)) == (7, True, 1)
    assert email.per_second == pytest.approx(10, abs=0.01)
    assert email.troubles == []


def test_the_page_asks_as_often_for_three_channels_as_for_one(world: World, desk: Desk, settings: Settings) -> None:
    settle(desk.issued(channels=["sms"]), bytes([Sent.ACCEPTED]))
    asked = []
    for names in (["sms"], ["sms", "email", "web"]):
        settings.CHANNELS = names
        with CaptureQueriesContext(connection) as queries:
            desk_page.standings()
        asked.append(len(queries))
    assert asked == [3, 3]


def test_what_the_page_asks_has_its_indexes() -> None:
    """Each channel's batches by time, without reading those of the others."""
    found = {index.name: index for index in Manifest._meta.indexes}
    for name in ("manifest_settled", "manifest_failed"):
        assert found[name].fields == ["channel", "settled_at"]
        assert found[name].condition is not None


def many(event: AlertEvent, channel: str, count: int) -> None:
    """Settled batches of one person, newer than all others, one every tenth of a second."""
    values: dict[str, Any] = {"event": event.pk, "channel": channel, "count": count, "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO alerting_manifest (event_id, place, channel, wave, part, priority, person_ids, states,
                                              lease_owner, attempts, error, settled_at)
               SELECT %(event)s, '410182109211', %(channel)s, 9, n, 1, ARRAY[n], '\\x02', '', 1, '',
                      %(now)s - n * interval '100 ms'
                 FROM generate_series(1, %(count)s) AS n""",
            values,
        )


def test_health_is_asked_when_somebody_looks(client: Client, world: World, settings: Settings) -> None:
    world.login(client, "officer")
    assert "无法使用" in client.get("/channels/sms/health/").content.decode()
    assert "正常" in client.get("/channels/web/health/").content.decode()
    assert client.get("/channels/pigeon/health/").status_code == 404
    assert client.get("/channels/fake/health/").status_code == 404  # known, but not in service here


def test_health_is_good_when_the_gateway_answers(client: Client, world: World, open_gateway: str) -> None:
    world.login(client, "officer")
    assert "正常" in client.get("/channels/sms/health/").content.decode()


def test_a_test_message_goes_out_and_leaves_a_trace_without_the_number(
    client: Client, world: World, open_gateway: str
) -> None:
    world.login(client, "system")
    response = client.post("/channels/sms/test/", {"address": "10012345678"}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "已受理测试消息" in response.content.decode()
    entry = AuditEntry.objects.get(action="channels.test")
    assert entry.object_id == "sms"
    assert entry.detail == {"outcome": "accepted"}
    assert "10012345678" not in str(entry.__dict__)


def test_a_test_that_fails_says_why(client: Client, world: World) -> None:
    world.login(client, "system")
    html = client.post("/channels/sms/test/", {"address": "10012345678"}).content.decode()
    assert "连不上短信网关" in html


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [("sms", "hello", 400), ("sms", "", 400), ("email", "10012345678", 400), ("web", "x", 400), ("pigeon", "x", 404)],
)
def test_a_wrong_test_is_refused_in_words(client: Client, world: World, name: str, address: str, status: int) -> None:
    world.login(client, "system")
    response = client.post(f"/channels/{name}/test/", {"address": address})
    assert response.status_code == status
    assert not AuditEntry.objects.filter(action="channels.test").exists()


def test_only_the_system_administrator_sends_tests_and_not_too_many(client: Client, world: World) -> None:
    world.login(client, "officer")
    assert client.post("/channels/sms/test/", {"address": "10012345678"}).status_code == 403
    world.login(client, "system")
    statuses = [client.post("/channels/sms/test/", {"address": "10012345678"}).status_code for _ in range(8)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_the_checks_name_an_unknown_channel_and_what_is_not_set(settings: Settings) -> None:
    assert checks.channels_are_known() == []
    settings.CHANNELS = ["sms", "pigeon"]
    settings.SMS_GATEWAY_URL = ""
    registry.forget()
    assert "pigeon" in str(checks.channels_are_known()[0].msg)
    assert "LASTMILE_SMS_URL" in str(checks.channels_are_set_up()[0].msg)
