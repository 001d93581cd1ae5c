"""The invented phones and people: the same seed, the same story; scripted where a test needs it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lastmile.alerting.channels.fake.network import Happening, Network
from lastmile.alerting.channels.fake.script import CALM, Script, parse
from lastmile.alerting.channels.shapes import BadShape

TEXT = "【荥阳市】暴雨红色预警，立即转移。http://127.0.0.1:8000/r/AbCdEfGhIjKlMnOpQrS 回复1收到"
END = 10**9


def phone(n: int) -> str:
    return f"+86100{n:08d}"


def tell(network: Network, count: int, *, now: float = 0.0, wave: int = 0, order: list[int] | None = None) -> None:
    for n in order or range(count):
        network.take(f"7-{n}-sms-{wave}", phone(n), TEXT, now)


def story(seed: int, order: list[int] | None = None) -> list[Happening]:
    network = Network(Script(), seed=seed)
    tell(network, 200, order=order)
    return sorted(network.step(END))


def test_the_same_seed_tells_the_same_story_in_whatever_order_messages_come() -> None:
    order = list(range(200))
    random.Random(5).shuffle(order)
    assert story(3) == story(3, order)
    assert story(3) != story(4)


def test_people_differ_and_most_are_reached() -> None:
    told = story(1)
    whats = [h.what for h in told]
    assert whats.count("delivered") > 180
    assert {"failed", "open", "reply"} < set(whats)
    assert {h.text for h in told if h.what == "open"} >= {"confirm", "safe", "moved", "read"}
    delays = sorted(h.at for h in told if h.what in ("open", "reply"))
    assert delays[len(delays) // 2] < 300 < delays[-1]  # half within minutes, some very late


def test_a_key_that_was_seen_is_not_sent_again() -> None:
    network = Network(CALM)
    for _ in range(3):
        assert network.take("7-1-sms-0", phone(1), TEXT, 0).status == "accepted"
    network.step(1)
    assert len(network.inbox(phone(1))) == 1
    assert (network.counts["repeated"], network.counts["doubled"]) == (2, 0)


def test_a_gateway_that_ignores_keys_doubles_and_we_count_it() -> None:
    network = Network(parse({"gateway": {"honours_keys": False}, "devices": {"refused": 0, "off": 0}}))
    for _ in range(3):
        network.take("7-1-sms-0", phone(1), TEXT, 0)
    tell(network, 1, wave=1)
    network.take("7-1-sms-2", phone(1), TEXT, 0)
    network.step(END)
    assert network.stats()["doubled"] == 2
    assert network.stats()["keys_doubled"] == 1  # "send again" has a key of its own and doubles nothing
    assert network.stats()["again"] == 1


def test_a_doubled_message_is_answered_once() -> None:
    named = {phone(1): {"answer": "confirm", "after": 5}}
    network = Network(parse({"gateway": {"honours_keys": False}, "named": named}))
    for _ in range(2):
        network.take("7-1-sms-0", phone(1), TEXT, 0)
    assert [h.what for h in network.step(END)].count("open") == 1


def test_in_a_power_cut_messages_wait_for_its_end() -> None:
    script = parse({
        "devices": {"refused": 0, "off": 0, "latency": [1, 0]},
        "people": {"answers": {}},
        "outages": [{"places": "410182109", "start": 0, "end": 600}],
    })  # fmt: skip
    network = Network(script, places={phone(0): "410182109211001", phone(1): "410182108001001"})
    tell(network, 2, now=1000.0)
    assert [h.phone for h in network.step(1100)] == [phone(1)]
    assert [h.phone for h in network.step(1600)] == []
    assert [(h.phone, h.at) for h in network.step(1602)] == [(phone(0), 1601.0)]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"answer": "needs_help", "after": 20}, ("open", "needs_help", 20.0)),
        ({"answer": "needs_help", "after": 20, "by_sms": True}, ("reply", "3", 20.0)),
        ({"answer": "moved", "by_sms": True}, ("reply", "2", 30.0)),
        ({"off": True}, ("failed", "phone is off", 120.0)),
    ],
)
def test_a_named_phone_does_as_it_is_told(named: dict[str, Any], expected: tuple[str, str, float]) -> None:
    network = Network(parse({"devices": {"latency": [0, 0]}, "named": {phone(1): named}}))
    network.take("7-1-sms-0", phone(1), TEXT, 0)
    last = network.step(END)[-1]
    assert (last.what, last.text, last.at) == expected


def test_one_who_ignores_stays_silent() -> None:
    network = Network(parse({"named": {phone(1): {"answer": "ignore"}}}))
    network.take("7-1-sms-0", phone(1), TEXT, 0)
    assert [h.what for h in network.step(END)] == ["delivered"]
    assert network.next_at() is None


@settings(max_examples=60)
@given(calls=st.lists(st.tuples(st.integers(0, 5), st.text(max_size=20), st.text(max_size=40))), honours=st.booleans())
def test_nothing_is_lost_and_nothing_invented(calls: list[tuple[int, str, str]], *, honours: bool) -> None:
    network = Network(parse({"gateway": {"honours_keys": honours}}))
    for n, odd, text in calls:
        network.take(f"k{n}", odd or phone(n), text, 0)
    network.step(END)
    stats = network.stats()
    assert stats["accepted"] == int(str(stats["delivered"])) + int(str(stats["failed"]))
    assert int(str(stats["accepted"])) + int(str(stats["refused"])) + int(str(stats["repeated"])) == len(calls)
    if honours:
        assert stats["doubled"] == 0


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"people": {"answers": {"dance": 1}}}, "people.answers.dance is not known"),
        ({"people": {"answers": {"confirm": 0.8, "safe": 0.8}}}, "not be below 0 nor above 1"),
        ({"gateway": {"faults": {"fire": 0.1}}}, "gateway.faults.fire is not known"),
        ({"named": {"+86": {"answer": "dance"}}}, "must be one of"),
        ({"outages": [{"start": "now"}]}, r"outages\[0\].start must be a number"),
        ({"devices": {"latency": 3}}, "devices.latency must be a list of 2"),
        ({"devices": {"off": 2}}, "devices.off must be between"),
    ],
)
def test_a_wrong_script_is_a_sentence(data: Any, says: str) -> None:
    with pytest.raises(BadShape, match=says):
        parse(data)
