"""A real HTTP server that subscribes: it is asked first, gets signed pushes once, and is tried until it is given up."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from lastmile.alerting import watchdog
from lastmile.alerting.cap.read import read
from lastmile.alerting.channels import signing
from lastmile.alerting.models import Delivery, Standstill, Subscription
from lastmile.alerting.subscribers import actions, pushing
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.serving import serving
from tests.world import World

PUBLIC = {"channels": ["sms", "web"]}


@dataclass
class Department:
    """`status` answers every push; `echoes` whether it confirms."""

    status: int = 204
    echoes: bool = True
    topic: str = ""
    got: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?own=1"


@pytest.fixture
def department(settings: Any) -> Iterator[Department]:
    settings.FEED_PRIVATE = True
    found = Department()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            found.topic = asked["hub.topic"][0]
            self.answer(200, asked["hub.challenge"][0].encode() if found.echoes else b"who are you?")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((body, dict(self.headers.items())))
            self.answer(found.status, b"")

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with serving(Handler) as found.port:
        yield found


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen():
        yield World.build()


@pytest.fixture
def subscribed(world: World, department: Department) -> Subscription:
    made, _secret = actions.subscribe(world.officer, world.places["410182"], name="交通局", url=department.url)
    pushing.tick()
    made.refresh_from_db()
    return made


def test_it_is_asked_whether_it_wants_this(subscribed: Subscription, department: Department) -> None:
    assert (subscribed.state, department.topic.partition("?")[2]) == ("active", "place=410182")
    assert department.got == []


def test_who_does_not_confirm_gets_nothing(world: World, desk: Desk, department: Department) -> None:
    department.echoes = False
    made, _secret = actions.subscribe(world.officer, world.places["410182"], name="别人", url=department.url)
    pushing.tick()
    made.refresh_from_db()
    assert made.state == "refused"
    desk.issued(**PUBLIC)
    pushing.tick()
    assert (department.got, Delivery.objects.count()) == ([], 0)
    department.echoes = True
    actions.ask_again(world.officer, made)
    pushing.tick()
    made.refresh_from_db()
    assert made.state == "active"


def test_a_published_message_is_pushed_once_and_signed(world: World, desk: Desk, department: Department) -> None:
    secret = "what both sides know"
    actions.subscribe(world.officer, world.places["410182"], name="局", url=department.url, secret=secret)
    pushing.tick()
    event = desk.issued(**PUBLIC)
    assert [pushing.tick(), pushing.tick()] == [1, 0]
    ((body, headers),) = department.got
    assert read(body).alert.identifier == event.identifier == headers["X-Lastmile-Message"]
    assert headers["Content-Type"] == "application/cap+xml"
    assert headers["X-Hub-Signature"] == "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    signing.verify(secret, body, headers, now=clock.now().timestamp())


@pytest.mark.usefixtures("subscribed")
def test_what_is_not_published_or_concerns_another_county_is_not_pushed(
    world: World, desk: Desk, department: Department
) -> None:
    actions.subscribe(world.neighbour, world.places["410181"], name="邻县", url=department.url)
    pushing.tick()
    desk.issued(channels=["sms"])
    desk.issued(exercise=True, **PUBLIC)
    assert Delivery.objects.count() == 0
    desk.issued(**PUBLIC)
    assert [one.subscription.name for one in Delivery.objects.all()] == ["交通局"]


@pytest.mark.usefixtures("subscribed")
def test_a_dead_subscriber_is_tried_ever_more_rarely_and_then_given_up(desk: Desk, department: Department) -> None:
    department.status = 503
    desk.issued(**PUBLIC)
    tries = []
    for _round in range(200):
        if pushing.tick():
            tries.append(clock.now())
        clock.forward(minutes=30)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(tries)]
    assert pauses[-1] >= 3600
    one = Delivery.objects.get()
    assert one.given_up_at is not None
    assert (one.error, len(department.got), one.due_at) == ("HTTP 503", len(tries), None)
    watchdog.look()
    assert Standstill.objects.filter(kind="subscriber").exists()
    department.status = 200
    assert actions.try_again(one.subscription.created_by, one.subscription) == 1
    pushing.tick()
    one.refresh_from_db()
    assert one.delivered_at == clock.now()
    watchdog.look()
    assert not Standstill.objects.filter(kind="subscriber", ended_at=None).exists()


def test_who_says_gone_is_not_asked_again(desk: Desk, subscribed: Subscription, department: Department) -> None:
    department.status = 410
    desk.issued(**PUBLIC)
    pushing.tick()
    subscribed.refresh_from_db()
    assert subscribed.state == "ended"
    clock.forward(hours=2)
    assert pushing.tick() == 0


def test_a_worker_that_dies_delays_a_push_and_loses_none(
    desk: Desk, subscribed: Subscription, department: Department
) -> None:
    desk.issued(**PUBLIC)
    assert len(pushing._claim()) == 1
    assert pushing.tick() == 0
    clock.forward(minutes=3)
    assert pushing.tick() == 1
    assert len(department.got) == 1


def test_nothing_is_pushed_inside(world: World, settings: Any) -> None:
    settings.FEED_PRIVATE = False
    with pytest.raises(Refusal):
        actions.subscribe(world.officer, world.places["410182"], name="x", url="http://127.0.0.1:1/")


def test_nobody_subscribes_for_another_county(world: World) -> None:
    with pytest.raises(NotAllowed):
        actions.subscribe(world.officer, world.places["410181"], name="x", url="https://example.cn/")


FORM = {"place": "410182", "name": "交通局", "url": "https://example.cn/hook"}


def test_the_page_shows_the_secret_once_and_the_audit_never(client: Client, world: World) -> None:
    world.login(client, "officer")
    page = client.post(reverse("subscribers:listing"), FORM).content.decode()
    one = Subscription.objects.get()
    secret = one.secret.reveal()
    assert secret in page
    assert secret not in client.get(reverse("subscribers:page", args=[one.pk])).content.decode()
    assert secret not in str(AuditEntry.objects.get(action="alerting.subscribed").detail)


@pytest.mark.parametrize(
    "changes", [{"url": "ftp://x/"}, {"secret": "short"}, {"name": ""}, {"place": "410181"}, {"url": "\0"}]
)
def test_what_is_wrong_is_said(client: Client, world: World, changes: dict[str, str]) -> None:
    world.login(client, "officer")
    assert 400 <= client.post(reverse("subscribers:listing"), FORM | changes).status_code < 500
    assert not Subscription.objects.exists()


def test_the_api_subscribes_and_ends(client: Client, world: World) -> None:
    world.login(client, "officer")
    made = client.post("/api/v1/subscriptions", FORM, content_type="application/json").json()
    assert len(made["secret"]) > 20
    (listed,) = client.get("/api/v1/subscriptions").json()
    assert (listed["state"], listed["secret"]) == ("asked", "")
    assert client.post(f"/api/v1/subscriptions/{made['id']}/end").json()["state"] == "ended"
