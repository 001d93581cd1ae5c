"""A real counterpart for every channel: a gateway over HTTP, a mail server, or nothing where nothing is needed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lastmile.alerting.channels.contract import Installed
from lastmile.alerting.channels.email.connection import Server
from lastmile.alerting.channels.email.transport import EmailChannel
from lastmile.alerting.channels.fake.centre import Centre, CentreOptions
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.channels.fake.script import parse
from lastmile.alerting.channels.fake.transport import FakeChannel, NullChannel
from lastmile.alerting.channels.mqtt.broker import Broker
from lastmile.alerting.channels.mqtt.transport import MqttChannel
from lastmile.alerting.channels.smpp.desk import Desk, Memory
from lastmile.alerting.channels.smpp.options import Options as SmppOptions
from lastmile.alerting.channels.smpp.transport import SmppChannel
from lastmile.alerting.channels.sms.transport import SmsChannel
from lastmile.alerting.channels.sms.vendor import Vendor
from lastmile.alerting.channels.voice.transport import VoiceChannel
from lastmile.alerting.channels.voice.vendor import Vendor as VoiceVendor
from lastmile.alerting.channels.web.transport import WebChannel

SECRET = "gateway secret"
Handler = Callable[[web.Request, dict[str, Any]], Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def accept_all(_request: web.Request, body: dict[str, Any]) -> web.Response:
    return web.json_response({"results": [{"key": m["key"], "status": "accepted"} for m in body["messages"]]})


@contextlib.asynccontextmanager
async def gateway(handler: Handler = accept_all) -> AsyncIterator[str]:
    """The address of a gateway that answers posts with `handler` and any GET with 200."""

    async def post(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request, orjson.loads(await request.read()))
        return answer

    async def get(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application(client_max_size=50_000_000)
    app.add_routes([web.post("/batch", post), web.post("/batch/status", post), web.get("/batch", get)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/batch"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def sms(handler: Handler = accept_all, vendor: Vendor = Vendor(batch=20, timeout=2)) -> AsyncIterator[SmsChannel]:  # noqa: B008  (frozen)
    async with gateway(handler) as url:
        channel = SmsChannel(url=url, secret=SECRET, vendor=vendor)
        try:
            yield channel
        finally:
            await channel.close()


async def ring_all(_request: web.Request, body: dict[str, Any]) -> web.Response:
    return web.json_response({"results": [{"key": call["key"], "status": "accepted"} for call in body["calls"]]})


@contextlib.asynccontextmanager
async def voice(
    handler: Handler = ring_all,
    vendor: VoiceVendor = VoiceVendor(timeout=2),  # noqa: B008  (frozen)
    **more: Any,
) -> AsyncIterator[VoiceChannel]:
    """A voice gateway at whose address also the questions about calls arrive: `handler` tells them by "keys"."""
    async with gateway(handler) as url:
        channel = VoiceChannel(url=url, secret=SECRET, public_url="http://127.0.0.1:8000", vendor=vendor, **more)
        try:
            yield channel
        finally:
            await channel.close()


@contextlib.asynccontextmanager
async def smpp(
    desk: Desk | None = None,
    script: dict[str, Any] | None = None,
    centre: dict[str, Any] | None = None,
    now: Callable[[], float] = time.time,
    **more: Any,
) -> AsyncIterator[Smpp]:
    """An SMS centre with phones behind it, in the loop of the test, and the channel that is bound to it."""
    quick = {"devices": {"refused": 0, "off": 0, "latency": [0, 0]}, "people": {"answers": {}}}
    network = Network(parse(script or quick))
    made = Centre(network, CentreOptions(**(centre or {})), now)
    port = await made.start()
    life = asyncio.create_task(_live(network, made, now))
    options = SmppOptions(host="127.0.0.1", port=port, system_id="lastmile", password="secret", **more)
    channel = Smpp(options, made, network, desk or Memory())
    try:
        yield channel
    finally:
        await channel.close()
        life.cancel()
        await made.stop()


async def _live(network: Network, centre: Centre, now: Callable[[], float]) -> None:
    while True:
        for happening in network.step(now()):
            if centre.owns(happening):
                centre.carry(happening)
        await asyncio.sleep(0.01)


class Smpp(SmppChannel):
    """The channel with its counterpart at hand."""

    def __init__(self, options: SmppOptions, centre: Centre, network: Network, desk: Any) -> None:
        super().__init__(options, desk=desk)
        self.centre, self.network = centre, network
        self.desk: Any = desk  # Memory, in most tests

    @property
    def counts(self) -> Counter[str]:
        """What the connections have counted."""
        return self._exchange().counts


class Postbox:
    """What the mail server received; `refuse` maps an address to the answer at RCPT, `at_data` at the end."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.refuse: dict[str, str] = {}
        self.at_data = ""

    async def handle_RCPT(  # noqa: N802  (aiosmtpd looks for this name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (as above)
        if self.at_data:
            return self.at_data
        self.mails.append(envelope)
        return "250 OK"


@contextlib.asynccontextmanager
async def email(postbox: Postbox | None = None) -> AsyncIterator[EmailChannel]:
    controller = Controller(postbox or Postbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    server = Server(host="127.0.0.1", port=controller.port, sender="Lastmile <warn@example.cn>", timeout=5)
    channel = EmailChannel(server)
    try:
        yield channel
    finally:
        await channel.close()
        controller.stop()


@contextlib.asynccontextmanager
async def _alone(channel: Installed) -> AsyncIterator[Installed]:
    yield channel


RIGS: dict[str, Callable[[], contextlib.AbstractAsyncContextManager[Installed]]] = {
    "sms": sms,
    "smpp": smpp,
    "voice": voice,
    "email": email,
    "web": lambda: _alone(WebChannel(public_url="http://127.0.0.1:8000")),
    "mqtt": lambda: _alone(MqttChannel(Broker("mqtt://127.0.0.1:1"))),  # people are never handed to it
    "fake": lambda: _alone(FakeChannel()),
    "null": lambda: _alone(NullChannel()),
}
