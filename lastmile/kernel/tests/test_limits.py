"""Not too often: counted per key and minute, across processes, refused in words."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from lastmile.kernel import clock, limits, requestinfo
from lastmile.kernel.doors import public
from lastmile.kernel.refusals import RefusalMiddleware

pytestmark = pytest.mark.django_db


def keys() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM kernel_ratelimit")
        return {key for (key,) in cursor.fetchall()}


def test_it_refuses_after_the_allowance_and_forgives_the_next_minute() -> None:
    for _use in range(3):
        limits.take("k", 3)
    with pytest.raises(limits.TooOften) as caught:
        limits.take("k", 3)
    assert caught.value.status == 429
    assert caught.value.mend
    limits.take("other", 3)
    clock.forward(minutes=1)
    limits.take("k", 3)


def test_what_is_past_is_swept() -> None:
    limits.take("old", 3)
    clock.forward(minutes=5)
    limits.take("new", 3)
    assert keys() == {"new"}


@pytest.mark.django_db(transaction=True)
def test_processes_share_one_allowance() -> None:
    refused: list[int] = []

    def use() -> None:
        for _use in range(5):
            try:
                limits.take("shared", 12)
            except limits.TooOften:
                refused.append(1)
        connection.close()

    with clock.frozen():
        threads = [threading.Thread(target=use) for _number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_ratelimit")
    assert len(refused) == 4 * 5 - 12


@limits.limited("page", per_minute=2)
@public("a test")
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("here")


def visit(address: str = "10.0.0.1", path: str = "/x", **meta: Any) -> HttpResponse:
    request = RequestFactory().get(path, REMOTE_ADDR=address, **meta)

    def respond(asked: HttpRequest) -> HttpResponse:
        try:
            return page(asked)
        except limits.TooOften as refusal:
            answer = RefusalMiddleware(page).process_exception(asked, refusal)
            assert answer is not None
            return answer

    return requestinfo.RequestInfoMiddleware(respond)(request)


def test_a_view_is_limited_by_address_and_keeps_its_door() -> None:
    statuses = [visit().status_code for _visit in range(3)]
    assert statuses == [200, 200, 429]
    assert visit("10.0.0.2").status_code == 200
    assert visit(path="/api/x")["Retry-After"] == "60"
    assert page.door == "public: a test"  # type: ignore[attr-defined]  # set by the door


def test_neighbours_in_one_ipv6_network_share_and_others_do_not() -> None:
    assert [visit(f"2001:db8:1:1::{n}").status_code for n in (1, 2, 3)] == [200, 200, 429]
    assert visit("2001:db8:1:2::1").status_code == 200


def test_only_trusted_proxies_name_the_address(settings: Any) -> None:
    def of(forwarded: str, peer: str = "10.0.0.9") -> str | None:
        return requestinfo.of(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded))

    assert of("1.1.1.1") == "10.0.0.9"
    settings.PROXIES = ["10.0.0.9", "10.0.0.8"]
    assert of("1.1.1.1") == "1.1.1.1"
    assert of("6.6.6.6, 1.1.1.1, 10.0.0.8") == "1.1.1.1"
    assert of("1.1.1.1", peer="9.9.9.9") == "9.9.9.9"
    assert of("") == "10.0.0.9"
