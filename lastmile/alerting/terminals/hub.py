"""The one connection to the broker: it publishes what is due and hands on what terminals say. Part of every worker; the
one with the lease is at it. Whatever is lost on the way is told again, so an end at any moment loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import aiomqtt
import orjson

from lastmile.alerting.channels import registry
from lastmile.alerting.channels.mqtt import protocol
from lastmile.alerting.channels.mqtt.broker import QOS, Broker, publish, signature_of
from lastmile.alerting.channels.mqtt.transport import the_broker
from lastmile.alerting.terminals import hearing, lease, sending
from lastmile.alerting.terminals.hearing import Heard
from lastmile.alerting.terminals.opening import CHANNEL
from lastmile.kernel import clock

log = logging.getLogger(__name__)

Call = Callable[..., Awaitable[Any]]

LOOK = 0.5  # seconds between two looks for what is due
RENEW = 2.0  # seconds between two signs that the lease is held
IDLE = 2.0  # seconds until one without the lease asks again
AT_ONCE = 500  # messages written down in one transaction
WAITING = 50_000  # messages in memory; more are dropped, and come again with the heartbeats
KEPT = 24 * 3600  # seconds for which the broker keeps what comes in while nobody listens
IDENTIFIER = "lastmile-server"


class LeaseLost(Exception):
    """Another worker speaks with the broker now."""


class Hub:
    """`call` runs a function of the database in a thread of the worker. `connected` is set while it is on the line."""

    def __init__(self, name: str, call: Call) -> None:
        self.name, self._call = name, call
        self.connected = asyncio.Event()
        self._heard: asyncio.Queue[Heard] = asyncio.Queue(WAITING)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                broker = the_broker()
                held = CHANNEL in registry.in_service() and not broker.problems()
                if held and await self._call(lease.take, self.name):
                    await self._session(broker)
                await asyncio.sleep(IDLE)
        finally:
            await self._call(lease.give_up, self.name)

    async def _session(self, broker: Broker) -> None:
        try:
            await self._on_line(broker)
        except (aiomqtt.MqttError, OSError, ssl.SSLError, LeaseLost) as error:
            log.warning("the broker of the loudspeakers is lost: %s", error)
            await self._call(lease.lost, self.name, f"{type(error).__name__}: {error}")
        finally:
            self.connected.clear()

    async def _on_line(self, broker: Broker) -> None:
        gone = orjson.dumps({"online": False, "at": int(clock.now().timestamp())})
        will = aiomqtt.Will(protocol.SERVER, gone, QOS, True)
        async with broker.client(IDENTIFIER, will=will, kept=KEPT) as client:
            for topic in (protocol.ALL_STATES, protocol.ALL_REPORTS):
                await client.subscribe(topic, qos=QOS)
            here = orjson.dumps({"online": True, "at": int(clock.now().timestamp())})
            await client.publish(protocol.SERVER, here, qos=QOS, retain=True)
            await self._call(lease.connected, self.name)
            self.connected.set()
            await _together(self._listen(client), self._write(), self._tell(client), self._hold())

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if isinstance(message.payload, bytes) and not self._heard.full():
                signature = signature_of(message)
                heard = Heard(str(message.topic), message.payload, signature, bool(message.retain))
                self._heard.put_nowait(heard)

    async def _write(self) -> None:
        while True:
            batch = [await self._heard.get()]
            while not self._heard.empty() and len(batch) < AT_ONCE:
                batch.append(self._heard.get_nowait())
            await self._call(hearing.take, batch)

    async def _tell(self, client: aiomqtt.Client) -> None:
        while True:
            orders = await self._call(sending.due)
            if orders:
                await self._publish(client, orders)
            await asyncio.sleep(0 if len(orders) == sending.MOST else LOOK)

    async def _publish(self, client: aiomqtt.Client, orders: list[sending.Order]) -> None:
        publishes = (publish(client, one.key, one.topic, one.body, expires=one.expires) for one in orders)
        done = await asyncio.gather(*publishes, return_exceptions=True)
        failed = [(one.play, what) for one, what in zip(orders, done, strict=True) if isinstance(what, Exception)]
        if failed:
            await self._call(sending.give_back, [play for play, _error in failed])
            raise failed[0][1]

    async def _hold(self) -> None:
        while await self._call(lease.take, self.name):
            await asyncio.sleep(RENEW)
        raise LeaseLost("another worker speaks with the broker")


async def _together(*parts: Any) -> None:
    """All of them until the first one ends or fails; its exception is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
