"""Look into any invented phone, and answer by hand: two small pages of their own, without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import urlize
from django.utils.safestring import SafeString

from lastmile.alerting.channels.fake.network import Network, Shown
from lastmile.kernel.clock import BEIJING

CSS = Path(__file__).with_name("phones.css")
ROWS = 50
LANGUAGES = {"en": "en", "zh": "zh-hans"}


class Pages:
    """`real` turns the network's time into the real clock's."""

    def __init__(self, network: Network, stats: Any, real: Any, now: Any) -> None:
        self.network, self.stats, self.real, self.now = network, stats, real, now

    async def phones(self, request: web.Request) -> web.Response:
        words = "".join(char for char in request.query.get("q", "") if char.isdigit())
        found = [device for device in self.network.devices.values() if words in device.number]
        found.sort(key=lambda device: device.inbox[-1].at if device.inbox else 0.0, reverse=True)
        rows = [
            {"number": d.number, "last": d.inbox[-1], "at": self._clock(d.inbox[-1])} for d in found[:ROWS] if d.inbox
        ]
        context = {"rows": rows, "q": request.query.get("q", ""), "found": len(found), "stats": self.stats()}
        return self._page(request, "phones.html", context)

    async def phone(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        messages = [
            {"text": self._linked(shown), "mine": shown.mine, "at": self._clock(shown)}
            for shown in self.network.inbox(number)
        ]
        if not messages:
            raise web.HTTPNotFound(text="This phone has no messages.")
        return self._page(request, "phone.html", {"number": number, "messages": messages})

    async def reply(self, request: web.Request) -> web.Response:
        """Type an answer by hand. Only from these pages: another site's form has another origin."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise web.HTTPForbidden(text="Answer from the phone's own page.")
        number = request.match_info["number"]
        text = str((await request.post()).get("text", "")).strip()[:200]
        if text and self.network.inbox(number):
            self.network.reply(number, text, self.now())
        raise web.HTTPSeeOther(f"/phone/{quote(number)}?{request.query_string}")

    async def css(self, _request: web.Request) -> web.Response:
        return web.Response(body=CSS.read_bytes(), content_type="text/css", charset="utf-8")

    def _page(self, request: web.Request, template: str, context: dict[str, Any]) -> web.Response:
        lang = "en" if request.query.get("lang") == "en" else "zh"
        with translation.override(LANGUAGES[lang]):
            html = render_to_string(f"alerting/phones/{template}", {**context, "lang": lang})
        policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})

    def _clock(self, shown: Shown) -> str:
        return datetime.fromtimestamp(self.real(shown.at), UTC).astimezone(BEIJING).strftime("%H:%M:%S")

    def _linked(self, shown: Shown) -> SafeString:
        return SafeString(urlize(shown.text, nofollow=True, autoescape=True))
