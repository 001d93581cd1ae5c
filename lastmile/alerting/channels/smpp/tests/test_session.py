"""The channel against the invented centre over a real socket: nothing is lost, and what doubles is counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import smpp34

from lastmile.alerting.channels import pdu
from lastmile.alerting.channels.contract import Message, What, WhenUnknown, key
from lastmile.alerting.channels.smpp.desk import Memory, News
from lastmile.alerting.channels.smpp.options import Options, problems
from lastmile.alerting.channels.smpp.transport import SmppChannel
from lastmile.alerting.channels.tests.rigs import Smpp, free_port, smpp
from tests.authority import Authority

LONG = "【暴雨红色预警】" + "请立即转移到村委会二楼，不要走河边的路。" * 8 + "🌧"


def messages(count: int, text: str = "立即转移") -> list[Message]:
    return [Message(key(1, n, "smpp", 0), n, f"+86100{n:08d}", text) for n in range(count)]


async def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.01)


def texts(channel: Smpp) -> list[str]:
    return [shown.text for device in channel.network.devices.values() for shown in device.inbox if not shown.mine]


async def test_a_long_text_lies_whole_in_the_phone_and_every_part_is_reported() -> None:
    async with smpp() as channel:
        await channel.open()
        assert [one.what for one in await channel.send(messages(3, LONG))] == [What.ACCEPTED] * 3
        await until(lambda: len(channel.desk.told) == len(channel.desk.handed))
        assert texts(channel) == [LONG] * 3
        assert {one.parts for one in channel.desk.handed} == {3}
        assert {one.number for one in channel.desk.told} == {one.number for one in channel.desk.handed}


@pytest.mark.parametrize("long", ["sar", "payload"])
async def test_the_other_ways_of_long_texts_arrive_too(long: str) -> None:
    async with smpp(long=long) as channel:
        await channel.send(messages(2, LONG))
        await until(lambda: texts(channel) == [LONG] * 2)


async def test_a_centre_that_throttles_gets_everything_a_little_later() -> None:
    async with smpp(centre={"rate": 80}) as channel:
        await channel.open()
        outcomes = await channel.send(messages(200))
        assert {one.what for one in outcomes} == {What.ACCEPTED}
        assert channel.centre.counts["throttled"] > 0
        assert channel.counts["throttled"] == channel.centre.counts["throttled"]
        assert (channel.centre.counts["messages"], channel.centre.counts["messages_doubled"]) == (200, 0)


async def test_our_own_pace_keeps_below_what_the_contract_allows() -> None:
    async with smpp(per_second=100, centre={"rate": 120}) as channel:
        began = time.monotonic()
        assert {one.what for one in await channel.send(messages(120))} == {What.ACCEPTED}
        assert time.monotonic() - began > 0.9
        assert channel.centre.counts["throttled"] == 0


async def test_a_cut_in_the_middle_of_a_window_loses_nothing_and_doubles_at_most_a_window() -> None:
    async with smpp(window=20) as channel:
        await channel.open()
        channel.centre.next_faults.extend([""] * 137 + ["drop_after"])
        first = await channel.send(messages(300))
        unknown = [one for one in first if one.what is What.UNKNOWN]
        assert 1 <= len(unknown) <= 20
        assert {one.what for one in first} <= {What.ACCEPTED, What.UNKNOWN}
        assert {one.what for one in await channel.send(messages(300))} == {What.ACCEPTED}  # under the same keys
        assert len({one.key for one in channel.desk.handed if one.number}) == 300
        doubled = channel.centre.counts["messages_doubled"]
        assert 1 <= doubled <= len(unknown)
        rows = [(one.key, one.reference, one.part) for one in channel.desk.handed]
        assert len(rows) - len(set(rows)) >= doubled  # and the house can count them
        assert channel.can.when_unknown is WhenUnknown.SEND_AGAIN


async def test_of_a_long_message_only_the_parts_that_are_missing_go_out_again() -> None:
    async with smpp(window=1) as channel:
        channel.centre.next_faults.extend(["", "drop_before"])
        assert [one.what for one in await channel.send(messages(1, LONG))] == [What.UNKNOWN]
        assert [one.what for one in await channel.send(messages(1, LONG))] == [What.ACCEPTED]
        assert (channel.centre.counts["parts"], channel.centre.counts["parts_doubled"]) == (3, 0)
        await until(lambda: texts(channel) == [LONG])


async def test_what_was_taken_before_is_not_sent_again() -> None:
    async with smpp() as channel:
        await channel.send(messages(5))
        assert {one.what for one in await channel.send(messages(5))} == {What.ACCEPTED}
        assert channel.centre.counts["parts"] == 5


async def test_an_answer_that_never_comes_is_unknown_and_the_connection_is_made_anew() -> None:
    async with smpp(timeout=0.3) as channel:
        await channel.open()
        channel.centre.next_faults.append("silent")
        outcomes = await channel.send(messages(1))
        assert (outcomes[0].what, outcomes[0].reason) == (What.UNKNOWN, "no answer within 0.3 s")
        assert (await channel.send(messages(2)[1:]))[0].what is What.ACCEPTED


async def test_a_dead_number_is_refused_and_spoils_nothing() -> None:
    script = {"devices": {"refused": 0, "off": 0}, "named": {"+8610000000001": {"refused": True}}}
    async with smpp(script=script) as channel:
        outcomes = await channel.send(messages(3, LONG))
        assert [one.what for one in outcomes] == [What.ACCEPTED, What.REFUSED, What.ACCEPTED]
        assert "0x000b" in outcomes[1].reason


async def test_reports_out_of_order_and_three_times_are_taken_as_they_come() -> None:
    async with smpp(centre={"shuffle": True, "repeat": 3}) as channel:
        await channel.send(messages(40, LONG))
        await channel.open()
        await until(lambda: len(channel.desk.told) >= 3 * 40 * 3)
        assert {one.number for one in channel.desk.told} == {one.number for one in channel.desk.handed}


@pytest.mark.parametrize("form", ["text", "tlv"])
async def test_both_forms_of_receipts_are_read(form: str) -> None:
    script = {"devices": {"refused": 0, "off": 0, "latency": [0, 0]}, "named": {"+8610000000001": {"gone": True}}}
    async with smpp(script=script, centre={"form": form}, permanent=("001", "1")) as channel:
        await channel.open()
        await channel.send(messages(2))
        await until(lambda: len(channel.desk.told) == 2)
        assert {(one.status, one.permanent) for one in channel.desk.told} == {("delivered", False), ("failed", True)}


class Broken(Memory):
    """A house whose database is away for a while."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def write(self, centre: str, news: News) -> None:
        if self.failures and (news.told or news.replies):
            self.failures -= 1
            raise OSError("the database is away")
        await super().write(centre, news)


async def test_a_report_that_can_not_be_written_down_is_brought_again() -> None:
    async with smpp(desk=Broken(2)) as channel:
        await channel.open()
        await channel.send(messages(3))
        await until(lambda: {one.number for one in channel.desk.told} == {one.number for one in channel.desk.handed})
        assert channel.centre.counts["brought_again"] >= 1


async def test_a_reply_typed_on_a_phone_arrives() -> None:
    async with smpp() as channel:
        await channel.open()
        await channel.send(messages(1))
        await until(lambda: texts(channel))
        channel.network.reply("+8610000000000", "3 二楼有老人", time.time())
        await until(lambda: channel.desk.replies)
        assert [(one.phone, one.digits) for one in channel.desk.replies] == [("+8610000000000", "3")]


async def test_several_binds_share_the_work_and_one_that_is_cut_comes_back() -> None:
    async with smpp(binds=3, window=5) as channel:
        await channel.open()
        await until(lambda: sum(one.bound for one in channel.centre.sessions) == 3)
        channel.centre.sessions[0].cut()
        outcomes = [one.what for one in await channel.send(messages(100))]
        assert outcomes.count(What.ACCEPTED) >= 95  # what the cut one had under way is unknown, the others go on
        await until(lambda: sum(one.bound for one in channel.centre.sessions) == 3)


async def test_all_channels_of_a_process_share_their_binds() -> None:
    async with smpp() as channel:
        await channel.open()
        other = SmppChannel(channel.options, desk=channel.desk)
        await other.open()
        await other.send(messages(2))
        assert len(channel.centre.sessions) == 1
        await other.close()
        assert (await channel.health()).ok
        assert len(channel.centre.sessions) == 1


async def test_nobody_waits_for_a_centre_that_is_not_there() -> None:
    options = Options(host="127.0.0.1", port=free_port(), system_id="lastmile", password="secret")
    channel = SmppChannel(options, desk=Memory())
    outcome = (await asyncio.wait_for(channel.send(messages(2)), 5))[0]
    assert (outcome.what, outcome.reason) == (What.RETRY, "no connection to the SMS centre")
    assert not (await channel.health()).ok


async def test_a_wrong_password_is_said_by_name() -> None:
    async with smpp(centre={"password": "other"}) as channel:
        outcome = (await asyncio.wait_for(channel.send(messages(1)), 5))[0]
        assert outcome.what is What.RETRY
        assert "LASTMILE_SMPP_PASSWORD" in outcome.reason
        health = await channel.health()
        assert not health.ok
        assert "LASTMILE_SMPP_PASSWORD" in health.says


async def test_a_silent_centre_is_asked_and_given_up() -> None:
    async with smpp(enquire=0.1, timeout=0.2) as channel:
        await channel.open()
        await until(lambda: channel.centre.sessions)
        session = channel.centre.sessions[0]
        session.data_received = lambda _data: None  # type: ignore[assignment, method-assign]  # it hears nothing any more
        await until(lambda: channel.centre.sessions and channel.centre.sessions[0] is not session)


async def test_encrypted_with_an_authority_of_ones_own(tmp_path: Path) -> None:
    county = Authority(tmp_path)
    async with smpp() as channel:
        port = await channel.centre.start(tls=county.server())
        account = Options("localhost", port, "lastmile", "secret", tls=True)
        own = SmppChannel(replace(account, ca=str(county.file)), desk=channel.desk)
        assert (await own.send(messages(1)))[0].what is What.ACCEPTED
        stranger = SmppChannel(account, desk=channel.desk)
        outcome = (await stranger.send(messages(2)[1:]))[0]
        assert outcome.what is What.RETRY
        assert outcome.reason.startswith("the certificate of the SMS centre is not valid: ")
        assert channel.centre.counts["messages"] == 1


async def test_a_server_by_other_hands_understands_us() -> None:
    """smpp34's own server knows nothing of our session: what it reads is what the protocol says."""
    port, seen = free_port(), []
    server = smpp34.Server("127.0.0.1", port, system_id="other")
    await server.start()

    async def serve() -> None:
        esme = None
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                esme = event
            elif isinstance(event, smpp34.SubmitSmEvent):
                seen.append((event.destination_addr, event.data_coding, event.short_message))
                event.accept(f"n{len(seen)}")
                assert esme is not None
                text = f"id:n{len(seen)} stat:DELIVRD err:000".encode()
                await esme.deliver_sm("10690", text, source_addr=event.destination_addr, esm_class=pdu.RECEIPT)

    serving = asyncio.create_task(serve())
    desk = Memory()
    channel = SmppChannel(Options("127.0.0.1", port, "lastmile", "secret"), desk=desk)
    await channel.open()
    assert {one.what for one in await channel.send(messages(5))} == {What.ACCEPTED}
    await until(lambda: len(desk.told) == 5)
    assert ("8610000000000", 8, "立即转移".encode("utf-16-be")) in seen  # it serves them all at once, in any order
    await channel.close()
    serving.cancel()
    await server.stop()


def test_settings_that_can_not_work_are_named() -> None:
    said = " ".join(problems(Options(long="mms", binds=0, ca="/nowhere.pem", tls=True)))
    for name in ("HOST", "SYSTEM_ID", "PASSWORD", "LONG", "BINDS", "CA"):
        assert f"LASTMILE_SMPP_{name}" in said
    assert problems(Options("smsc.example.cn", system_id="a", password="b")) == []
