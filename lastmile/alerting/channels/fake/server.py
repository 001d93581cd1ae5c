"""The phone network as a process of its own (`lastmile phones`): gateway, phones, people, and pages to watch them.

It listens on the loopback only and refuses a request that names another host, so that no web page can reach it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from lastmile.alerting.channels.fake.centre import FAULTS as CENTRE_FAULTS
from lastmile.alerting.channels.fake.centre import Centre, CentreOptions
from lastmile.alerting.channels.fake.courier import Courier
from lastmile.alerting.channels.fake.exchange import Exchange
from lastmile.alerting.channels.fake.gateway import BODY_LIMIT, BadBatch, PhoneGateway, known_faults
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.channels.fake.pages import FILES, Pages
from lastmile.alerting.channels.fake.script import Script
from lastmile.alerting.channels.fake.telephone import VoiceGateway
from lastmile.kernel import clock

TICK = 0.05  # seconds
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True)
class Options:
    web: str = "http://127.0.0.1:8000"  # the system that is called back
    secret: str = ""
    voice_secret: str = ""
    lines: int = 60
    seed: int = 1
    speed: float = 1.0  # how many times faster than real the phones and people live
    smpp_port: int = 0  # where an SMS centre listens; 0: none
    centre: CentreOptions = field(default_factory=CentreOptions)


class Phones:
    def __init__(self, script: Script, options: Options, places: Mapping[str, str] | None = None) -> None:
        self.options = options
        self.network = Network(script, seed=options.seed, places=places)
        self.gateway = PhoneGateway(self.network, options.secret, self.now)
        self.exchange = Exchange(self.network, lines=options.lines, pace=options.speed)
        self.voice = VoiceGateway(self.exchange, options.voice_secret, self.now, options.web)
        self.courier = Courier(options.web, options.secret, script.gateway, options.voice_secret)
        self.centre = Centre(self.network, options.centre, self.now) if options.smpp_port else None
        self._began, self._tick = clock.now().timestamp(), time.monotonic()

    def now(self) -> float:
        """The network's own time."""
        return self._began + (time.monotonic() - self._tick) * self.options.speed

    def real(self, at: float) -> float:
        """A moment of the network's time on the real clock."""
        return self._began + (at - self._began) / self.options.speed

    async def live(self) -> None:
        """Let time pass until cancelled."""
        while True:
            for happening in self.network.step(self.now()):
                if self.centre is not None and self.centre.owns(happening):
                    self.centre.carry(happening)
                elif happening.what != "delivered" or self.network.script.devices.reports:
                    self.courier.carry(happening, self.real(happening.at))
            for told in self.exchange.step(self.now()):
                self.courier.rang(told, self.real(told.at))
            await asyncio.sleep(TICK)

    def stats(self) -> dict[str, Any]:
        """Everything that was counted; `at_rest` when nothing more will happen by itself."""
        coming = (self.network.next_at(), self.exchange.next_at())
        waiting = self.courier.waiting + (self.centre.waiting if self.centre else 0)
        at_rest = not any(at is not None for at in coming) and waiting == 0
        return {
            **self.network.stats(),
            **dict(sorted(self.gateway.counts.items())),
            **dict(sorted(self.courier.counts.items())),
            **self.exchange.stats(),
            **(self.centre.stats() if self.centre else {}),
            "at_rest": at_rest,
            "speed": self.options.speed,
            "honours_keys": self.network.script.gateway.honours_keys,
        }

    async def show_stats(self, _request: web.Request) -> web.Response:
        return web.json_response(self.stats())

    async def healthy(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def control(self, request: web.Request) -> web.Response:
        """POST {"next": [faults], "next_calls": […], "next_smpp": […], "honours_keys": bool, …}: what tests change."""
        try:
            wanted = orjson.loads(await request.read())
            self.gateway.next_faults.extend(known_faults(wanted.pop("next", [])))
            self.voice.next_faults.extend(known_faults(wanted.pop("next_calls", [])))
            if self.centre is not None:
                self.centre.next_faults.extend(known_faults(wanted.pop("next_smpp", []), CENTRE_FAULTS))
            changed = replace(self.network.script.gateway, **wanted)
        except BadBatch as error:
            return web.json_response({"error": str(error)}, status=400)
        except (orjson.JSONDecodeError, TypeError, AttributeError) as error:
            return web.json_response({"error": f"not understood: {error}"}, status=400)
        self.network.script = replace(self.network.script, gateway=changed)
        self.courier.gateway = changed
        return web.json_response(self.stats())

    async def inbox(self, request: web.Request) -> web.Response:
        """The messages of one phone as JSON, for tests."""
        return web.json_response([shown._asdict() for shown in self.network.inbox(request.match_info["number"])])


def application(phones: Phones) -> web.Application:
    pages = Pages(phones.network, phones.stats, phones.real, phones.now, phones.voice)
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_only_here])
    app.add_routes(
        [
            web.post("/batch", phones.gateway.post),
            web.get("/batch", phones.healthy),
            web.post("/calls", phones.voice.post),
            web.get("/calls", phones.healthy),
            web.post("/calls/status", phones.voice.status),
            web.get("/stats.json", phones.show_stats),
            web.post("/control", phones.control),
            web.get("/", pages.phones),
            *(web.get(f"/{name}", pages.file) for name in FILES),
            web.get(r"/phone/{number:\+?\d+}", pages.phone),
            web.post(r"/phone/{number:\+?\d+}", pages.reply),
            web.post(r"/phone/{number:\+?\d+}/call", pages.act),
            web.get(r"/phone/{number:\+?\d+}/call.wav", pages.sound),
            web.get(r"/phone/{number:\+?\d+}.json", phones.inbox),
        ]
    )

    async def running(_app: web.Application) -> AsyncIterator[None]:
        await phones.courier.start()
        if phones.centre is not None:
            await phones.centre.start(phones.options.smpp_port)
        life = asyncio.create_task(phones.live())
        yield
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        if phones.centre is not None:
            await phones.centre.stop()
        await phones.courier.stop()

    app.cleanup_ctx.append(running)
    return app


@web.middleware
async def _only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.host.rsplit(":", 1)[0] not in LOOPBACK and request.host not in LOOPBACK:
        return web.Response(status=403, text="The invented phones answer on this machine only.")
    return await handler(request)


def serve(phones: Phones, port: int) -> None:
    """Run until stopped."""
    web.run_app(application(phones), host="127.0.0.1", port=port, print=None, access_log=None, shutdown_timeout=1)
