"""The SMS channel against gateways that misbehave, over real HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import Message, Outcome, What, WhenUnknown
from lastmile.alerting.channels.sms.transport import SmsChannel
from lastmile.alerting.channels.sms.vendor import Vendor, parse
from lastmile.alerting.channels.tests.rigs import SECRET, Handler, accept_all, gateway, sms
from lastmile.kernel import clock

Body = dict[str, Any]
BATCH = [Message(f"7-{n}-sms-0", n, f"+86100{n:08d}", "暴雨红色预警") for n in range(4)]


async def outcomes(handler: Handler, **vendor: Any) -> list[Outcome]:
    async with sms(handler, Vendor(**{"timeout": 0.3, **vendor})) as channel:
        return await channel.send(BATCH)


def kinds(found: list[Outcome]) -> list[What]:
    return [outcome.what for outcome in found]


async def test_a_gateway_that_accepts_and_times_out_leaves_the_outcome_unknown() -> None:
    taken: list[str] = []

    async def slow(_request: web.Request, body: Body) -> web.Response:
        taken.extend(m["key"] for m in body["messages"])
        await asyncio.sleep(1)
        return web.Response()

    found = await outcomes(slow)
    assert len(taken) == 4
    assert kinds(found) == [What.UNKNOWN] * 4


async def test_an_error_5xx_may_have_been_accepted() -> None:
    async def broken(_request: web.Request, _body: Body) -> web.Response:
        return web.Response(status=500)

    assert kinds(await outcomes(broken)) == [What.UNKNOWN] * 4


async def test_a_busy_gateway_is_tried_again_when_it_says() -> None:
    async def busy(_request: web.Request, _body: Body) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "17"})

    assert await outcomes(busy) == [Outcome(What.RETRY, "the SMS gateway answers 429", 17.0)] * 4


async def test_half_a_batch_is_half_accepted_and_half_unknown() -> None:
    async def half(_request: web.Request, body: Body) -> web.Response:
        return web.json_response({"results": [{"key": m["key"], "status": "accepted"} for m in body["messages"][:2]]})

    assert kinds(await outcomes(half)) == [What.ACCEPTED, What.ACCEPTED, What.UNKNOWN, What.UNKNOWN]


async def test_answers_are_matched_by_key_not_by_order() -> None:
    async def reversed_order(_request: web.Request, body: Body) -> web.Response:
        results = [{"key": m["key"], "status": "accepted"} for m in body["messages"]]
        results[1] |= {"status": "refused", "reason": "blacklisted"}
        results[2] |= {"status": "retry", "retry_after": 9}
        return web.json_response({"results": results[::-1]})

    found = await outcomes(reversed_order)
    assert kinds(found) == [What.ACCEPTED, What.REFUSED, What.RETRY, What.ACCEPTED]
    assert found[1].reason == "blacklisted"
    assert found[2].after == 9


async def test_a_dropped_connection_is_unknown() -> None:
    async def drop(request: web.Request, _body: Body) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    assert kinds(await outcomes(drop)) == [What.UNKNOWN] * 4


async def test_no_gateway_at_all_has_taken_nothing() -> None:
    async with gateway() as url:
        pass
    channel = SmsChannel(url=url, secret=SECRET)
    assert kinds(await channel.send(BATCH)) == [What.RETRY] * 4
    assert not (await channel.health()).ok
    await channel.close()


async def test_a_wrong_secret_is_our_fault_and_not_the_numbers() -> None:
    async def forbid(_request: web.Request, _body: Body) -> web.Response:
        return web.Response(status=401)

    found = await outcomes(forbid)
    assert kinds(found) == [What.RETRY] * 4
    assert found[0].after >= 30


async def test_a_redirect_is_not_followed() -> None:
    async def elsewhere(_request: web.Request, _body: Body) -> web.Response:
        return web.Response(status=307, headers={"Location": "http://198.51.100.1/"})

    assert kinds(await outcomes(elsewhere)) == [What.RETRY] * 4


async def test_nonsense_in_the_answer_is_unknown() -> None:
    for body in (b"<html>", b"[]", b'{"results": 3}', b'{"results": [1, null]}', b'{"results": [{"key": {}}]}'):

        async def nonsense(_request: web.Request, _body: Body, body: bytes = body) -> web.Response:
            return web.Response(body=body)

        assert kinds(await outcomes(nonsense)) == [What.UNKNOWN] * 4


async def test_every_post_is_signed_and_carries_the_keys() -> None:
    seen: list[Body] = []

    async def check(request: web.Request, body: Body) -> web.Response:
        signing.verify(SECRET, await request.read(), request.headers, now=clock.now().timestamp())
        seen.append(body)
        return await accept_all(request, body)

    assert kinds(await outcomes(check)) == [What.ACCEPTED] * 4
    assert seen == [{"messages": [{"key": m.key, "to": m.address, "text": m.text} for m in BATCH]}]


async def test_a_long_batch_becomes_several_posts() -> None:
    sizes: list[int] = []

    async def count(request: web.Request, body: Body) -> web.Response:
        sizes.append(len(body["messages"]))
        return await accept_all(request, body)

    assert kinds(await outcomes(count, batch=3)) == [What.ACCEPTED] * 4
    assert sorted(sizes) == [1, 3]


async def test_another_vendor_is_a_file_and_no_code() -> None:
    vendor = parse(
        {
            "request": {
                "messages": "data.smsList",
                "key": "clientMsgId",
                "to": "mobile",
                "text": "content",
                "number": "national",
                "extra": {"data": {"account": "city"}, "sign": "【荥阳应急】"},
                "each": {"ext": "01"},
            },
            "auth": {"signature": False, "header": "Authorization", "value": "Bearer {secret}"},
            "response": {
                "results": "data.details",
                "key": "clientMsgId",
                "status": "code",
                "accepted": [0],
                "refused": ["4"],
            },
            "honours_keys": False,
        }
    )
    seen: list[tuple[str | None, Body]] = []

    async def other(request: web.Request, body: Body) -> web.Response:
        seen.append((request.headers.get("Authorization"), body))
        assert signing.SIGNATURE not in request.headers
        messages = body["data"]["smsList"]
        return web.json_response(
            {
                "data": {
                    "details": [
                        {"clientMsgId": m["clientMsgId"], "code": 0 if i else 4} for i, m in enumerate(messages)
                    ]
                }
            }
        )

    async with sms(other, vendor) as channel:
        assert kinds(await channel.send(BATCH)) == [What.REFUSED, *[What.ACCEPTED] * 3]
        assert channel.can.when_unknown is WhenUnknown.ASK_PERSON
    assert seen[0][0] == f"Bearer {SECRET}"
    assert seen[0][1]["sign"] == "【荥阳应急】"
    assert seen[0][1]["data"]["account"] == "city"
    assert seen[0][1]["data"]["smsList"][1] == {
        "ext": "01",
        "clientMsgId": "7-1-sms-0",
        "mobile": "10000000001",
        "content": "暴雨红色预警",
    }


async def test_without_an_address_nothing_is_sent_and_the_page_says_why() -> None:
    channel = SmsChannel(url="", secret=SECRET)
    assert kinds(await channel.send(BATCH)) == [What.RETRY] * 4
    assert "LASTMILE_SMS_URL" in channel.problems()[0]
    assert not (await channel.health()).ok
