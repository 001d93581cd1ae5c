"""The voice channel against gateways over real HTTP: what is posted, and what is asked when an outcome is open."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from lastmile.alerting.channels.contract import Message, Outcome, What, WhenUnknown
from lastmile.alerting.channels.tests.rigs import SECRET, Handler, ring_all, voice
from lastmile.alerting.channels.voice.transport import VoiceChannel
from lastmile.alerting.channels.voice.vendor import Vendor, parse

Body = dict[str, Any]
BATCH = [Message(f"7-{n}-voice-0", n, f"+86100{n:08d}", "暴雨红色预警，立即转移。收到请按1。") for n in range(4)]


async def outcomes(handler: Handler, vendor: Vendor | None = None) -> list[Outcome]:
    async with voice(handler, vendor or Vendor(timeout=0.3)) as channel:
        return await channel.send(BATCH)


def kinds(found: list[Outcome]) -> list[What]:
    return [outcome.what for outcome in found]


async def test_a_call_says_whom_what_how_often_and_where_to_report() -> None:
    bodies: list[Body] = []

    async def keep(request: web.Request, body: Body) -> web.Response:
        bodies.append(body)
        return await ring_all(request, body)

    assert kinds(await outcomes(keep)) == [What.ACCEPTED] * 4
    assert bodies[0]["lines"] == 60
    assert bodies[0]["callback"] == "http://127.0.0.1:8000/gateway/voice/reports"
    assert bodies[0]["calls"][1] == {
        "key": "7-1-voice-0",
        "to": "+8610000000001",
        "text": "暴雨红色预警，立即转移。收到请按1。",
        "language": "zh-CN",
        "repeats": 3,
        "keys": "12356",
    }


async def test_what_the_gateway_took_and_did_not_answer_is_asked_for() -> None:
    async def slow(_request: web.Request, body: Body) -> web.Response:
        if "calls" in body:
            await asyncio.sleep(1)
        states = ["ringing", "queued", "hung_up", "unknown"]
        results = [{"key": key, "status": state} for key, state in zip(body["keys"], states, strict=True)]
        return web.json_response({"results": results})

    found = await outcomes(slow)
    assert kinds(found) == [What.ACCEPTED] * 3 + [What.RETRY]
    assert found[3].reason == "the voice gateway has not taken this message"


async def test_what_nobody_can_say_stays_unknown() -> None:
    async def broken(_request: web.Request, _body: Body) -> web.Response:
        return web.Response(status=500)

    assert kinds(await outcomes(broken)) == [What.UNKNOWN] * 4


async def test_the_end_of_calls_is_asked_for() -> None:
    async def ended(_request: web.Request, body: Body) -> web.Response:
        results = [{"key": body["keys"][0], "status": "hung_up", "heard": True, "digit": "1"}]
        return web.json_response({"results": [*results, {"key": body["keys"][1], "status": "unknown"}]})

    async with voice(ended) as channel:
        found = await channel.ask(["7-0-voice-1001", "7-1-voice-1001"])
    assert [(one.key, one.what, one.digit) for one in found] == [
        ("7-0-voice-1001", "heard", ""),
        ("7-0-voice-1001", "key", "1"),
        ("7-0-voice-1001", "hung_up", ""),
    ]


async def test_another_vendor_takes_one_call_in_a_request_under_its_own_names() -> None:
    bodies: list[Body] = []

    async def vendor(request: web.Request, body: Body) -> web.Response:
        bodies.append(body)
        assert request.headers["Authorization"] == f"Bearer {SECRET}"
        return web.json_response({"code": "OK"} if len(bodies) < 4 else {"code": "BUSY"})

    file = {
        "request": {
            "calls": "", "key": "outId", "to": "calledNumber", "text": "ttsText", "number": "national",
            "repeats": "playTimes", "language": "", "keys": "", "lines": "", "callback": "",
            "extra": {"voice": "xiaoyun"},
        },
        "auth": {"signature": False, "header": "Authorization", "value": "Bearer {secret}"},
        "response": {"results": "", "status": "code", "accepted": ["OK"], "retry": ["BUSY"]},
        "status": {"url": ""}, "batch": 1, "lines": 5, "in_flight": 1,
    }  # fmt: skip
    found = await outcomes(vendor, parse(file))
    assert sorted(what.value for what in kinds(found)) == ["accepted"] * 3 + ["retry"]
    assert bodies[0] == {
        "voice": "xiaoyun",
        "outId": "7-0-voice-0",
        "calledNumber": "10000000000",
        "ttsText": BATCH[0].text,
        "playTimes": 3,
    }


def test_it_rings_on_its_lines_at_the_pace_they_allow() -> None:
    made = VoiceChannel(url="", secret="", public_url="", vendor=Vendor(lines=120, honours_keys=False))
    assert (made.can.lines, made.can.per_second) == (120, 3)
    assert made.can.when_unknown is WhenUnknown.ASK_PERSON
    assert Vendor(lines=1).pace == 1


async def test_without_address_and_secret_it_waits_and_says_so() -> None:
    made = VoiceChannel(url="", secret="", public_url="", repeats=0)
    assert [sentence.split(".")[0] for sentence in made.problems()] != []
    assert len(made.problems()) == 3
    assert kinds(await made.send(BATCH)) == [What.RETRY] * 4
    assert not (await made.health()).ok
