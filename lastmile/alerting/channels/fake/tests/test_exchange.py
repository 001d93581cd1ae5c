"""The invented telephone exchange, and the channel `fakecall` in front of it."""

from __future__ import annotations

import asyncio

from lastmile.alerting.channels.contract import Message, What
from lastmile.alerting.channels.fake.exchange import Exchange
from lastmile.alerting.channels.fake.script import Named, Script
from lastmile.alerting.channels.fake.transport import FakeCallChannel

NUMBER = "+8610000000001"


def what_came(answer: str, after: float = 5.0) -> tuple[str, str]:
    exchange = Exchange(Script(named={NUMBER: Named(answer=answer, after=after)}))
    assert exchange.ring("1-1-fakecall-1001", NUMBER, "暴雨红色预警", 0.0)
    (ended,) = exchange.step(60.0)
    return ended.result, ended.digit


def test_who_listens_to_the_end_presses_a_key() -> None:
    assert what_came("confirm") == ("heard", "1")
    assert what_came("needs_help") == ("heard", "3")


def test_who_hangs_up_or_lets_it_ring_has_not_heard_it() -> None:
    assert what_came("read") == ("cut", "")
    assert what_came("ignore") == ("missed", "")
    assert what_came("confirm", after=30.0) == ("missed", "")


def test_it_takes_no_more_than_its_lines_and_rings_no_key_twice() -> None:
    exchange = Exchange(Script(), lines=1)
    assert exchange.ring("1-1-fakecall-1001", NUMBER, "a", 0.0)
    assert exchange.ring("1-1-fakecall-1001", NUMBER, "a", 0.0)
    assert not exchange.ring("1-2-fakecall-1001", NUMBER, "a", 0.0)
    assert len(exchange.step(60.0)) == 1
    assert exchange.ring("1-2-fakecall-1001", NUMBER, "a", 60.0)


def test_the_channel_says_when_every_line_is_in_use() -> None:
    channel = FakeCallChannel(lines=1)
    batch = [Message(f"1-{n}-fakecall-1001", n, NUMBER, "a") for n in (1, 2)]
    assert [outcome.what for outcome in asyncio.run(channel.send(batch))] == [What.ACCEPTED, What.RETRY]
