"""The receipt door: what a resident meets on their link, and a gateway on its callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import override_settings
from pytest_django.fixtures import Settings

from lastmile.alerting import door, links
from lastmile.alerting.channels import signing, speech
from lastmile.alerting.channels.voice import audio
from lastmile.alerting.door import warning
from lastmile.alerting.door.batch import Batcher
from lastmile.alerting.door.http import Pace
from lastmile.alerting.models import AlertEvent, Fact, LocalNote, Receipt, State
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from tests.world import World


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


async def ask(
    path: str, *, method: str = "GET", body: bytes = b"", query: str = "", headers: dict[str, str] | None = None
) -> Got:
    """One request, worked off in the test's own thread and transaction."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await door.application(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Got(sent[0]["status"], found, sent[1]["body"].decode("utf-8", "replace"))


def go(*args: Any, **kwargs: Any) -> Got:
    """`ask` without an event loop: with the work done inline nothing in it ever waits."""
    step = ask(*args, **kwargs)
    try:
        step.send(None)
    except StopIteration as done:
        result: Got = done.value
        return result
    raise AssertionError("the door waited for something")


class Inline(Batcher[Any, Any]):
    """The same work without its thread, so that it sees the test's transaction."""

    async def __call__(self, item: Any) -> Any:
        return self.work([item])[0]


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(door, "visits", Inline(door.visits.work))
    monkeypatch.setattr(door, "gateway", Inline(door.gateway.work))
    monkeypatch.setattr(door.sound, "voices", Inline(door.sound.voices.work))
    monkeypatch.setattr(door, "paces", Pace(60, 60.0))
    warning.forget()
    yield
    warning.forget()


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def event(world: World) -> AlertEvent:
    made = make_event(world)
    listed(made, world.residents)
    return made


def link(event: AlertEvent, world: World, number: int = 0) -> str:
    return "/r/" + links.token(event.pk, world.residents[number].pk)


def tap(path: str, act: str, nonce: str = "n1", **more: str) -> Got:
    body = "&".join(f"{key}={value}" for key, value in {"a": act, "n": nonce, **more}.items())
    return go(path, method="POST", body=body.encode())


def facts(event: AlertEvent) -> list[int]:
    return list(Receipt.objects.filter(event=event).order_by("id").values_list("fact", flat=True))


def test_opening_the_link_shows_what_to_do_first_and_records_that_it_was_opened(
    world: World, event: AlertEvent
) -> None:
    got = go(link(event, world))
    assert got.status == 200
    assert got.text.index("立即离开河边") < got.text.index("过去3小时")
    assert "崔庙镇中心小学" in got.text
    assert facts(event) == [Fact.READ]
    go(link(event, world))
    assert facts(event) == [Fact.READ]


def test_the_page_is_small_and_safe(world: World, event: AlertEvent) -> None:
    got = go(link(event, world))
    assert len(got.text.encode()) < 50_000
    assert "<script" not in got.text
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in got.headers


def test_one_tap_confirms_and_the_page_says_so(world: World, event: AlertEvent) -> None:
    got = tap(link(event, world), "ok")
    assert got.status == 200
    assert "您已知晓" in got.text
    assert facts(event) == [Fact.CONFIRMED]


def test_the_same_page_sent_twice_is_one_answer(world: World, event: AlertEvent) -> None:
    tap(link(event, world), "safe")
    tap(link(event, world), "safe")
    assert facts(event) == [Fact.SAFE]


def test_help_takes_a_word_and_it_is_sealed(world: World, event: AlertEvent) -> None:
    got = tap(link(event, world), "help", t="轮椅")
    assert "119" in got.text
    note = Receipt.objects.get(fact=Fact.NEEDS_HELP).note
    assert str(note) != "轮椅"
    assert note.reveal() == "轮椅"


def test_taking_back_leaves_the_question_open_again(world: World, event: AlertEvent) -> None:
    tap(link(event, world), "help")
    got = tap(link(event, world), "undo", "n2")
    assert facts(event) == [Fact.NEEDS_HELP, Fact.UNDONE]
    assert "我已知晓" in got.text


def test_the_page_speaks_english_by_switch(world: World, event: AlertEvent) -> None:
    got = go(link(event, world), query="lang=en")
    assert "Cross no bridge" in got.text
    assert 'lang="en"' in got.text


def test_the_local_note_reaches_its_own_people_only(world: World, event: AlertEvent) -> None:
    for code, text in (("410182109211", "村口有大巴"), ("410182108", "去镇政府")):
        LocalNote.objects.create(
            alert=event.alert, place=world.places[code], text=text, author=world.village, at=clock.now()
        )
    got = go(link(event, world))
    assert "村口有大巴" in got.text
    assert "去镇政府" not in got.text


def test_a_lifted_warning_says_so_first(world: World, event: AlertEvent) -> None:
    event.alert.state = State.LIFTED
    event.alert.save(update_fields=["state"])
    AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now())
    got = go(link(event, world))
    assert "已解除" in got.text
    assert "现在要做的" not in got.text


def test_a_week_after_the_end_the_link_is_gone_and_records_nothing(world: World, event: AlertEvent) -> None:
    clock.forward(days=8)
    got = tap(link(event, world), "ok")
    assert got.status == 410
    assert "早已结束" in got.text
    assert facts(event) == []


@pytest.mark.parametrize("token", ["", "x", "A" * 19, "A" * 20, "../../etc/passwd", "中文"])
def test_a_forged_link_is_a_sentence_and_records_nothing(world: World, event: AlertEvent, token: str) -> None:
    got = go("/r/" + token)
    assert got.status == 404
    assert "链接不对" in got.text
    assert not Receipt.objects.exists()


def test_an_event_or_person_that_is_no_more_is_the_same_404(world: World, event: AlertEvent) -> None:
    assert go("/r/" + links.token(99_999, world.residents[0].pk)).status == 404
    assert go("/r/" + links.token(event.pk, 4_000_000)).status == 404
    assert go("/r/" + links.token(event.pk, 4_000_000_000)).status == 404
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"a=kill&n=1", 400), (b"a=ok", 400), (b"a=ok&n=" + b"x" * 40, 400), (b"a=ok&n=1" + b"x" * 9000, 413)],
)
def test_a_wrong_form_is_refused_in_words(world: World, event: AlertEvent, body: bytes, status: int) -> None:
    got = go(link(event, world), method="POST", body=body)
    assert got.status == status
    assert "再点一次" in got.text
    assert ("写短一些" in got.text) is (status == 413)
    assert facts(event) == []


def test_other_methods_and_paths_are_refused(world: World, event: AlertEvent) -> None:
    assert go(link(event, world), method="DELETE").status == 405
    assert go("/gateway/sms/reports").status == 405
    assert go("/gateway/other", method="POST").status == 404


def test_a_loop_on_one_link_is_slowed_down(world: World, event: AlertEvent) -> None:
    answers = [go(link(event, world)) for _ in range(61)]
    assert answers[-1].status == 429
    assert "等一分钟" in answers[-1].text
    assert {one.status for one in answers[:-1]} == {200}


SECRET = "a secret of the gateway"


@override_settings(SMS_GATEWAY_SECRET=SECRET)
def test_an_unsigned_call_changes_nothing(world: World, event: AlertEvent) -> None:
    body = b'{"reports": []}'
    assert go("/gateway/sms/reports", method="POST", body=body).status == 401
    forged = signing.signed("another secret", body, now=clock.now().timestamp())
    assert go("/gateway/sms/reports", method="POST", body=body, headers=forged).status == 401
    good = signing.signed(SECRET, b"[", now=clock.now().timestamp())
    assert go("/gateway/sms/reports", method="POST", body=b"[", headers=good).status == 400
    assert go("/gateway/sms/replies", method="POST", body=b"x" * 5_000_001).status == 413
    assert not Receipt.objects.exists()


def test_a_gateway_fetches_what_a_call_plays_by_its_sealed_address(settings: Settings) -> None:
    if speech.problem():
        pytest.skip("the extra speech is not installed")
    address = audio.url("", "暴雨红色预警，请立即转移。收到请按1。")
    found = go(address)
    assert (found.status, found.headers["content-type"]) == (200, "audio/wav")
    assert go(f"{address[:-8]}AAAA.wav").status == 404
    assert go(address, method="POST").status == 405
    settings.SPEECH = "none"
    assert go(audio.url("", "另一段话")).status == 503
