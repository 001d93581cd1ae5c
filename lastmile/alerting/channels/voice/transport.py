"""A gateway that telephones for us over HTTP: it rings, plays or reads the message, takes a key, and calls back.

What an answer means stands in channels/post.py. Where it leaves an outcome open, the gateway is asked at once whether
it knows the key: a call that it has is accepted, one that it has never seen is made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from lastmile.alerting.channels import speech
from lastmile.alerting.channels.contract import (
    ACCEPTED,
    Capabilities,
    Health,
    Message,
    Outcome,
    Setting,
    What,
    WhenUnknown,
)
from lastmile.alerting.channels.post import LATER, SOON, Far, Poster, in_parts, items
from lastmile.alerting.channels.shapes import BadShape
from lastmile.alerting.channels.voice import audio, callbacks
from lastmile.alerting.channels.voice.callbacks import Report
from lastmile.alerting.channels.voice.vendor import Vendor, read
from lastmile.alerting.channels.wire import Json, clean, number, wrap

WHO = "voice gateway"
REPORTS = "/gateway/voice/reports"
KEYS = "12356"  # what may be pressed: got it, moved, help; passed on, looks after it
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
TEXT, AUDIO = "text", "audio"  # what the gateway gets
MOST_REPEATS = 9


class VoiceChannel:
    name = "voice"

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        public_url: str,
        vendor: Vendor = Vendor(),  # noqa: B008  (frozen)
        repeats: int = 3,
        says: str = TEXT,
        wrong: str = "",
        calls_back: str = REPORTS,
        judged: bool = False,
    ) -> None:
        self.url, self.secret, self.public_url, self.vendor = url, secret, public_url, vendor
        self.repeats, self.says, self.wrong, self.calls_back = repeats, says, wrong, calls_back
        self.can = Capabilities(
            contact="phone",
            receipts=True,
            replies=True,
            batch=vendor.batch,
            in_flight=vendor.in_flight,
            per_second=vendor.pace,
            lines=vendor.lines,
            personal=False,
            when_unknown=WhenUnknown.SEND_AGAIN if vendor.honours_keys else WhenUnknown.ASK_PERSON,
        )
        self._far = Poster(Far(WHO, secret, vendor.auth, vendor.timeout, vendor.in_flight, judged))

    @property
    def label(self) -> str:
        return _("telephone call")

    @property
    def meaning(self) -> str:
        return _(
            "“Accepted” means that the gateway will ring. “Delivered” means that somebody, or a mailbox, picked up. "
            "“Opened” means that the whole message was played to the end. Only the whole message and a key together "
            "are a confirmation; who hangs up before the end has confirmed nothing. Key 3 calls for help at once."
        )

    async def open(self) -> None:
        await self._far.connected()

    async def close(self) -> None:
        await self._far.close()

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        return await in_parts(batch, self.can.batch, self._post)

    async def _post(self, batch: Sequence[Message]) -> list[Outcome]:
        if self.problems():
            return [Outcome(What.RETRY, f"the {WHO} is not set up", LATER)] * len(batch)
        keys = [message.key for message in batch]
        answer = await self._far.post(self.url, self._body(batch))
        outcomes = self._far.outcomes(keys, answer, self.vendor.response)
        open_ones = [key for key, outcome in zip(keys, outcomes, strict=True) if outcome.what is What.UNKNOWN]
        if not open_ones or not self.vendor.status.url:
            return outcomes
        known = await self._known(open_ones)
        return [
            known.get(key, outcome) if outcome.what is What.UNKNOWN else outcome
            for key, outcome in zip(keys, outcomes, strict=True)
        ]

    def _body(self, batch: Sequence[Message]) -> Json:
        names = self.vendor.request
        calls = [self._call(message) for message in batch]
        beside = (
            _named({names.lines: self.can.lines, names.callback: f"{self.public_url}{self.calls_back}"}) | names.extra
        )
        return wrap(names.calls, calls, beside) if names.calls else {**beside, **calls[0]}

    def _call(self, message: Message) -> Json:
        names, text = self.vendor.request, clean(message.text)
        made = {
            names.key: message.key,
            names.to: number(names.number, message.address),
            names.language: LANGUAGES[speech.language_of(text)],
            names.repeats: self.repeats,
            names.keys: KEYS,
        }
        if self.says == AUDIO:
            made[names.audio] = audio.url(self.public_url, text)
        else:
            made[names.text] = text
        return names.each | _named(made)

    async def _known(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """What the gateway says of hand-overs whose outcome is open; nothing of those for which it does not answer."""
        names, found = self.vendor.status, await self._asked(keys)
        outcomes = {}
        for item in found:
            key, status = str(item.get(self.vendor.reports.key)), str(item.get(self.vendor.reports.status))
            if status in names.unknown:
                outcomes[key] = Outcome(What.RETRY, f"the {WHO} has not taken this message", SOON)
            elif status in names.waiting or callbacks.read_all([item], self.vendor.reports):
                outcomes[key] = ACCEPTED
        return outcomes

    async def ask(self, keys: Sequence[str]) -> list[Report]:
        """What has become of calls for which no report came, as far as the gateway can say."""
        if self.problems() or not self.vendor.status.url:
            return []
        return callbacks.read_all(await self._asked(keys), self.vendor.reports)

    async def _asked(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        names = self.vendor.status
        url = names.url if names.url.startswith(("http://", "https://")) else self.url.rstrip("/") + names.url
        answer = await self._far.post(url, wrap(names.keys, list(keys), {}))
        return [] if isinstance(answer, Outcome) else items(answer, names.items) or []

    async def health(self) -> Health:
        """Whether the gateway answers on its address at all; nobody is rung."""
        wrong = self.problems()
        return Health(ok=False, says=wrong[0]) if wrong else await self._far.health(self.url)

    def settings(self) -> list[Setting]:
        vendor = self.vendor
        return [
            Setting("LASTMILE_VOICE_URL", self.url),
            Setting("LASTMILE_VOICE_SECRET", self.secret, secret=True),
            Setting(_("telephone lines"), str(vendor.lines)),
            Setting(_("calls begun in a second, for residents"), str(vendor.pace)),
            Setting("LASTMILE_VOICE_SAYS", self.says),
            Setting(_("times the message is played"), str(self.repeats)),
            Setting(_("honours idempotency keys"), _("yes") if vendor.honours_keys else _("no")),
            Setting(_("time limit of a request"), f"{vendor.timeout:g} s"),
        ]

    def problems(self) -> list[str]:
        found = []
        if self.wrong:
            found.append(
                _("The file of the voice gateway is wrong: %(why)s. Correct LASTMILE_VOICE_VENDOR.")
                % {"why": self.wrong}
            )
        if not self.url.startswith(("http://", "https://")):
            found.append(_("The voice gateway has no address. Set LASTMILE_VOICE_URL to its https address."))
        if not self.secret:
            found.append(_("The voice gateway has no secret. Set LASTMILE_VOICE_SECRET or LASTMILE_VOICE_SECRET_FILE."))
        if self.says not in (TEXT, AUDIO):
            found.append(_("A call gets text or audio. Correct LASTMILE_VOICE_SAYS."))
        if self.says == AUDIO and (why := speech.problem()):
            found.append(why)
        if not 1 <= self.repeats <= MOST_REPEATS:
            found.append(_("A message is played 1 to 9 times. Correct LASTMILE_VOICE_REPEATS."))
        return found


def _named(values: Json) -> Json:
    """Without what the vendor has no name for."""
    return {name: value for name, value in values.items() if name}


def from_settings() -> VoiceChannel:
    from django.conf import settings

    wrong, vendor = "", Vendor()
    try:
        vendor = read(settings.VOICE_GATEWAY_VENDOR)
    except BadShape as error:
        wrong = str(error)
    return VoiceChannel(
        url=settings.VOICE_GATEWAY_URL,
        secret=settings.VOICE_GATEWAY_SECRET,
        public_url=settings.PUBLIC_URL,
        vendor=vendor,
        repeats=settings.VOICE_REPEATS,
        says=settings.VOICE_SAYS,
        wrong=wrong,
    )
