"""Addresses of audio: sealed, expiring, equal for equal texts; and what the channel posts in place of a text."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.contract import Message
from lastmile.alerting.channels.tests.rigs import voice
from lastmile.alerting.channels.voice import audio
from lastmile.kernel import clock

BASE = "http://127.0.0.1:8000"
TEXT = "大峪沟镇王宗店村书记没有应答“暴雨红色预警”。您已接手请按6。"


def token(text: str) -> str:
    return audio.url(BASE, text).removeprefix(BASE + audio.PATH).removesuffix(".wav")


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_an_address_gives_back_the_text_and_shows_none_of_it(text: str) -> None:
    made = token(text)
    assert audio.text(made) == text
    assert made.isascii()
    assert "/" not in made


def test_the_same_text_has_the_same_address_within_an_hour_and_none_after_a_day() -> None:
    with clock.frozen():
        made = token(TEXT)
        assert token(TEXT) == made
        assert token(f"{TEXT}。") != made
        clock.forward(hours=23)
        assert audio.text(made) == TEXT
        clock.forward(hours=3)
        with pytest.raises(audio.BadAddress):
            audio.text(made)


@pytest.mark.parametrize("forged", ["", "x", "AAAA", "…", "A" * 100, "A" * 5000])
def test_a_forged_address_gives_nothing(forged: str) -> None:
    with pytest.raises(audio.BadAddress):
        audio.text(forged)
    made = token(TEXT)
    with pytest.raises(audio.BadAddress):
        audio.text(f"{made[:-4]}AAAA")


def test_a_long_message_stays_an_address_that_servers_take() -> None:
    assert len(audio.url(BASE, TEXT * 12)) < 2_000


async def test_the_gateway_gets_an_address_instead_of_a_text() -> None:
    bodies: list[dict[str, Any]] = []

    async def keep(_request: web.Request, body: dict[str, Any]) -> web.Response:
        bodies.append(body)
        return web.json_response({"results": [{"key": "7-1-voice-0", "status": "accepted"}]})

    async with voice(keep, says="audio") as channel:
        await channel.send([Message("7-1-voice-0", 1, "+8610000000001", TEXT)])
    call = bodies[0]["calls"][0]
    assert "text" not in call
    assert call["audio"].startswith(f"{BASE}{audio.PATH}")
    assert audio.text(call["audio"].removeprefix(BASE + audio.PATH).removesuffix(".wav")) == TEXT


async def test_without_a_voice_the_channel_says_so(settings: Settings) -> None:
    settings.SPEECH = "none"
    async with voice(says="audio") as channel:
        assert channel.problems() == [speech.problem()]
    async with voice(says="song") as channel:
        assert "LASTMILE_VOICE_SAYS" in channel.problems()[0]
