"""What every channel of the registry must do, whatever it is made of. A channel without a rig fails here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Installed, Message, Outcome, What, key, read_key
from lastmile.alerting.channels.mqtt.transport import MqttChannel
from lastmile.alerting.channels.tests.mosquitto import mosquitto
from lastmile.alerting.channels.tests.rigs import RIGS

NAMES = sorted(registry.MAKERS)
ADDRESSES = {"phone": "+86100{:08d}", "email": "person{}@example.cn", "": "{}"}
ANYTHING = st.text(st.characters(codec=None), max_size=60)  # lone surrogates and control characters included


def messages(channel: Installed, count: int, text: str = "暴雨红色预警 🌧 立即转移") -> list[Message]:
    form = ADDRESSES[channel.can.contact]
    return [Message(key(1, n, channel.name, 0), n, form.format(n), text, "暴雨") for n in range(count)]


def send(name: str, make: object, *, close: bool = True) -> tuple[list[Outcome], Sequence[Message]]:
    """Open the channel's rig, send what `make(channel)` gives, and close it again."""

    async def go() -> tuple[list[Outcome], Sequence[Message]]:
        async with RIGS[name]() as channel:
            await channel.open()
            batch = make(channel)  # type: ignore[operator]  # a function of the channel
            outcomes = await channel.send(batch)
            await channel.close()
            return outcomes, batch

    return asyncio.run(go())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_one_outcome_for_each_message(name: str) -> None:
    outcomes, batch = send(name, lambda channel: messages(channel, 7))
    assert len(outcomes) == len(batch)
    expected = What.ACCEPTED if registry.capabilities(name).contact else What.REFUSED  # a page tells nobody in person
    assert {outcome.what for outcome in outcomes} == {expected}


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_an_empty_batch(name: str) -> None:
    assert send(name, lambda _channel: [])[0] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_takes_more_than_it_declares(name: str) -> None:
    outcomes, batch = send(name, lambda channel: messages(channel, channel.can.batch + 3))
    assert len(outcomes) == len(batch)
    assert What.UNKNOWN not in {outcome.what for outcome in outcomes}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(odd=[("\ud800", "", ""), ("", "\ud800", ""), ("", "", "\ud800")])
@given(odd=st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING), min_size=1, max_size=4))
def test_no_text_address_or_subject_makes_it_raise(name: str, odd: list[tuple[str, str, str]]) -> None:
    def mixed(channel: Installed) -> list[Message]:
        good = messages(channel, 2)
        return [good[0], *(Message(f"odd-{n}", n, a, t, s) for n, (a, t, s) in enumerate(odd)), good[1]]

    outcomes, batch = send(name, mixed)
    assert len(outcomes) == len(batch)
    assert outcomes[0].what == outcomes[-1].what  # an odd one does not spoil its neighbours
    if registry.capabilities(name).contact:
        assert outcomes[0].what is What.ACCEPTED


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_used_again_after_close_and_in_another_loop(name: str) -> None:
    async def twice() -> list[Outcome]:
        async with RIGS[name]() as channel:
            first = await channel.send(messages(channel, 1))
            await channel.close()
            return first + await channel.send(messages(channel, 1))

    outcomes = asyncio.run(twice())
    assert outcomes[0].what == outcomes[1].what


@pytest.mark.parametrize("name", NAMES)
def test_what_it_declares_is_sound(name: str) -> None:
    channel = registry.channel(name)
    can = channel.can
    assert channel.name == name
    assert can.batch >= 1
    assert can.in_flight >= 1
    assert can.per_second >= 0
    assert can.contact in ("phone", "email", "")
    assert not (can.receipts or can.replies or can.personal) or can.contact  # nobody answers what addresses nobody


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_itself_in_chinese_and_english(name: str) -> None:
    channel = registry.channel(name)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert channel.label
            assert len(channel.meaning) > 20
            assert all(isinstance(sentence, str) for sentence in channel.problems())
            assert all(
                setting.shown() != setting.value for setting in channel.settings() if setting.secret and setting.value
            )


@pytest.mark.parametrize("name", NAMES)
def test_its_health_answers_within_seconds(name: str, tmp_path: Path) -> None:
    async def go(channel: Installed) -> bool:
        health = await asyncio.wait_for(channel.health(), timeout=5)
        await channel.close()
        return health.ok and bool(health.says)

    async def rigged() -> bool:
        async with RIGS[name]() as channel:
            return await go(channel)

    if name == "mqtt":  # its rig hands nothing to people and has no broker
        with mosquitto(tmp_path) as broker:
            assert asyncio.run(go(MqttChannel(broker.broker)))
    else:
        assert asyncio.run(rigged())


@given(event=st.integers(1, 2**24), person=st.integers(1, 2**31), wave=st.integers(0, 99))
def test_a_key_says_what_it_stands_for(event: int, person: int, wave: int) -> None:
    for name in NAMES:
        text = key(event, person, name, wave)
        assert len(text) <= 40
        assert read_key(text) == (event, person, name, wave)
