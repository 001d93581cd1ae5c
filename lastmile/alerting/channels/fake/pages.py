"""Look into any invented phone, answer it and its calls by hand: two small pages of their own, without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.channels.fake.exchange import Line
from lastmile.alerting.channels.fake.network import LINK, NUMBER, Network, Shown
from lastmile.alerting.channels.fake.telephone import VoiceGateway
from lastmile.kernel.clock import BEIJING

FILES = {"phones.css": "text/css", "phones.js": "text/javascript"}
ROWS = 50
RINGING = 12
TAPPED = {
    "read": gettext_lazy("only read it"),
    "confirm": gettext_lazy("I know about it"),
    "safe": gettext_lazy("I am safe"),
    "moved": gettext_lazy("I have moved to safety"),
    "needs_help": gettext_lazy("I need help"),
    "refuse": gettext_lazy("I stay here"),
}
CALL = {
    "queued": gettext_lazy("about to ring"),
    "ringing": gettext_lazy("ringing"),
    "answered": gettext_lazy("on the line"),
    "hung_up": gettext_lazy("hung up"),
    "no_answer": gettext_lazy("nobody picked up"),
    "busy": gettext_lazy("engaged"),
    "invalid": gettext_lazy("the number does not exist"),
    "failed": gettext_lazy("switched off"),
}
ASKED = {
    "1": gettext_lazy("got it"),
    "2": gettext_lazy("moved"),
    "3": gettext_lazy("need help"),
    "5": gettext_lazy("passed on"),
    "6": gettext_lazy("I look after it"),
}
LANGUAGES = {"en": "en", "zh": "zh-hans"}


class Pages:
    """`real` turns the network's time into the real clock's."""

    def __init__(self, network: Network, stats: Any, real: Any, now: Any, voice: VoiceGateway) -> None:
        self.network, self.stats, self.real, self.now = network, stats, real, now
        self.voice, self.exchange = voice, voice.exchange

    async def phones(self, request: web.Request) -> web.Response:
        words = "".join(char for char in request.query.get("q", "") if char.isdigit())
        found = [device for device in self.network.devices.values() if words in device.number]
        found.sort(key=lambda device: device.inbox[-1].at if device.inbox else 0.0, reverse=True)
        with _speaking(request):
            rows = [
                {"number": device.number, "text": self._line(shown), "mine": shown.mine, "at": self._clock(shown)}
                for device in found[:ROWS]
                for shown in device.inbox[-1:]
            ]
            context = {"rows": rows, "q": request.query.get("q", ""), "found": len(found), "stats": self.stats()}
            context["calls"] = [self._call(line) for line in self.exchange.ringing()[:RINGING]]
            context["number"] = f"+{words}" if NUMBER.fullmatch(f"+{words}") else ""
            return self._page(request, "phones.html", context)

    async def phone(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        with _speaking(request):
            messages = [
                {"text": self._bubble(shown), "mine": shown.mine, "at": self._clock(shown)}
                for shown in self.network.inbox(number)
            ]
            if not NUMBER.fullmatch(number):
                raise web.HTTPNotFound(text="This is no number of a phone.")
            line = self.exchange.line_of(number)
            context = {"number": number, "messages": messages, "by_hand": number in self.exchange.by_hand}
            context["call"] = self._call(line) if line else None
            context["keys"] = ASKED
            return self._page(request, "phone.html", context)

    async def act(self, request: web.Request) -> web.Response:
        """Take the phone in hand or put it back; pick up, press a key, hang up."""
        _from_here(request)
        number, act = request.match_info["number"], str((await request.post()).get("act", ""))
        if act == "take":
            self.exchange.by_hand.add(number)
        elif act == "give_back":
            self.exchange.by_hand.discard(number)
        else:
            self.exchange.by(number, act, self.now())
        raise web.HTTPSeeOther(f"/phone/{quote(number)}?{request.query_string}")

    async def sound(self, request: web.Request) -> web.Response:
        """What the call plays, once somebody has picked up."""
        line = self.exchange.line_of(request.match_info["number"])
        sound = await self.voice.fetched(line.wanted.audio) if line and line.wanted.audio and line.picked_up else b""
        if not sound:
            raise web.HTTPNotFound(text="Nothing is playing.")
        return web.Response(body=sound, content_type="audio/wav")

    def _call(self, line: Line) -> dict[str, Any]:
        """A call as the pages show it."""
        return {
            "number": line.wanted.phone,
            "at": self._moment(line.began),
            "text": line.wanted.text,
            "audio": bool(line.wanted.audio),
            "picked_up": line.picked_up is not None,
            "state": line.state,
            "says": CALL.get(line.state, line.state),
            "over": line.until is not None,
            "heard": line.heard,
            "digits": line.digits,
            "key": line.wanted.key,
        }

    async def reply(self, request: web.Request) -> web.Response:
        """Type an answer by hand. Only from these pages: another site's form has another origin."""
        _from_here(request)
        number = request.match_info["number"]
        text = str((await request.post()).get("text", "")).strip()[:200]
        if text and self.network.inbox(number):
            self.network.reply(number, text, self.now())
        raise web.HTTPSeeOther(f"/phone/{quote(number)}?{request.query_string}")

    async def file(self, request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        body = Path(__file__).with_name(name).read_bytes()
        return web.Response(body=body, content_type=FILES[name], charset="utf-8")

    def _page(self, request: web.Request, template: str, context: dict[str, Any]) -> web.Response:
        html = render_to_string(f"alerting/phones/{template}", {**context, "lang": _language(request)})
        policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        policy += "media-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'"
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})

    def _clock(self, shown: Shown) -> str:
        return self._moment(shown.at)

    def _moment(self, at: float) -> str:
        return datetime.fromtimestamp(self.real(at), UTC).astimezone(BEIJING).strftime("%H:%M:%S")

    def _line(self, shown: Shown) -> str:
        """The message in one line of the list."""
        if not shown.tapped:
            return shown.text
        return _("tapped on the link: %(answer)s") % {"answer": TAPPED.get(shown.text, shown.text)}

    def _bubble(self, shown: Shown) -> SafeString:
        """The message with its links to click, or what its holder tapped."""
        if shown.tapped:
            return format_html("{}", self._line(shown))
        parts = LINK.split(shown.text)
        pieces: list[SafeString] = [format_html("{}", parts[0])]
        for link, after in zip(LINK.findall(shown.text), parts[1:], strict=True):
            pieces.append(format_html('<a href="{}" rel="noopener">{}</a>{}', link, link, after))
        return SafeString("".join(pieces))


def _from_here(request: web.Request) -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="Answer from the phone's own page.")


def _language(request: web.Request) -> str:
    return "en" if request.query.get("lang") == "en" else "zh"


def _speaking(request: web.Request) -> translation.override:
    return translation.override(LANGUAGES[_language(request)])
