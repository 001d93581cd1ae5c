"""The phones inside the process, and the channel that only swallows."""

from __future__ import annotations

import pytest

from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.channels.fake.transport import FakeChannel, NullChannel
from lastmile.kernel import clock

BATCH = [Message(f"7-{n}-fake-0", n, f"+86100{n:08d}", f"给{n}号") for n in range(4)]


async def test_messages_lie_in_the_inboxes() -> None:
    channel = FakeChannel()
    assert {o.what for o in await channel.send(BATCH)} == {What.ACCEPTED}
    happened = channel.network.step(clock.now().timestamp())
    assert [h.what for h in happened] == ["delivered"] * 4
    assert channel.network.inbox("+8610000000002")[0].text == "给2号"
    assert channel.network.inbox("+8610000000009") == []


async def test_failures_come_as_scripted_and_in_order() -> None:
    channel = FakeChannel()
    channel.fail_next(
        TimeoutError("after accepting"),
        lambda batch: [channel.take(m) for m in batch[:2]] + [Outcome(What.UNKNOWN, "half")] * len(batch[2:]),
    )
    with pytest.raises(TimeoutError):
        await channel.send(BATCH)
    assert [o.what for o in await channel.send(BATCH)] == [What.ACCEPTED] * 2 + [What.UNKNOWN] * 2
    assert {o.what for o in await channel.send(BATCH)} == {What.ACCEPTED}
    channel.network.step(clock.now().timestamp())
    assert all(len(channel.network.inbox(m.address)) == 1 for m in BATCH)  # the same keys: nothing doubled


async def test_the_null_channel_counts_and_forgets() -> None:
    channel = NullChannel()
    assert len(await channel.send(BATCH)) == 4
    assert channel.accepted == 4
