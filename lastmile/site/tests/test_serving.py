"""Serving: the one ASGI callable, health, metrics, request ids, and the API's root."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lastmile.site import asgi, logs, metrics
from tests.world import World


class Wire:
    """Collects what an ASGI application sends."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")


async def get(path: str, **headers: str) -> Wire:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"localhost"), *sent]}
    scope |= {"query_string": b"", "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80]}
    scope |= {"scheme": "http", "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"}}
    wire = Wire()
    inbox = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return inbox.pop() if inbox else await asyncio.Future()

    await asgi.application(scope, receive, wire)
    return wire


async def test_a_static_file_comes_without_django_and_is_not_sent_twice() -> None:
    first = await get("/static/css/console.css")
    assert (first.status, first.headers["content-type"]) == (200, 'text/css; charset="utf-8"')
    assert len(first.body) == int(first.headers["content-length"])
    again = await get("/static/css/console.css", if_modified_since=first.headers["last-modified"])
    assert (again.status, again.body) == (304, b"")


async def test_a_missing_file_and_a_climb_out_of_the_folder_are_not_found() -> None:
    assert (await get("/static/css/none.css")).status == 404
    assert (await get("/static/../settings.py")).status == 404


@pytest.mark.django_db(transaction=True)
async def test_everything_else_is_djangos() -> None:
    wire = await get("/")
    assert (wire.status, wire.headers["location"]) == (302, "/setup/")


async def test_the_receipt_paths_go_to_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    async def door(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    monkeypatch.setattr(asgi, "door", door)
    assert (await get("/r/abc")).body == b"/r/abc"
    assert (await get("/gateway/sms/report")).status == 299


async def test_starting_and_stopping_are_answered() -> None:
    inbox = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await asgi.application({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.django_db
def test_health_says_whether_the_database_answers(client: Client) -> None:
    assert client.get("/healthz").json() == {"database": "answers"}


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_a_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "long secret"
    assert b"lastmile_alerts_in_force 0.0" in client.get("/metrics").content
    through_proxy = {"X-Forwarded-For": "127.0.0.1"}
    assert client.get("/metrics", headers=through_proxy).status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403
    assert client.get("/metrics", headers=through_proxy | {"Authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers=through_proxy | {"Authorization": "Bearer long secret"}).status_code == 200
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"Authorization": "Bearer "}).status_code == 403


@pytest.mark.django_db
def test_every_answer_has_a_request_id_and_a_log_line_without_the_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="lastmile.access"):
        answer = client.get("/healthz?q=13800138000", headers={"X-Request-ID": "from-the-proxy"})
        made_up = client.get("/healthz", headers={"X-Request-ID": "a b\n"})
    assert answer["X-Request-ID"] == "from-the-proxy"
    assert len(made_up["X-Request-ID"]) == 16
    assert "GET /healthz 200" in caplog.text
    assert "13800138000" not in caplog.text


def test_a_log_line_can_be_json_for_machines() -> None:
    config = logs.config("json", "INFO")["formatters"]["line"]
    made = config.pop("()")(**config)
    record = logging.LogRecord("lastmile.x", logging.WARNING, "f", 1, "预警 %s", ("红",), None)
    assert '"event": "预警 红"' in made.format(record)


@pytest.mark.django_db
def test_an_api_error_says_what_and_how_to_mend_it(client: Client) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert set(answer.json()) == {"title", "detail", "status", "fields"}


@pytest.mark.django_db
def test_the_api_documentation_is_for_log_ins_and_served_from_here(client: Client) -> None:
    assert client.get("/api/v1/docs").status_code == 302
    world = World.build(people=False)
    world.login(client, "officer")
    page = client.get("/api/v1/docs").content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in page
    assert "//cdn" not in page
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "Lastmile"


@pytest.mark.django_db
def test_an_unknown_address_and_an_old_form_are_answered_in_sentences() -> None:
    client = Client(enforce_csrf_checks=True)
    missing = client.get("/no-such-page")
    assert (missing.status_code, "没有这个页面" in missing.content.decode()) == (404, True)
    old = client.post("/i18n/setlang/", {"language": "en"})
    assert (old.status_code, "这张表单已经失效" in old.content.decode()) == (403, True)


@pytest.mark.django_db
def test_our_own_fault_is_said_so_without_asking_the_database(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def broken() -> bytes:
        raise RuntimeError("boom")

    monkeypatch.setattr(metrics, "exposition", broken)
    client = Client(raise_request_exception=False)
    with django_assert_num_queries(0):
        answer = client.get("/metrics")
    assert (answer.status_code, "系统出了故障" in answer.content.decode()) == (500, True)
