"""The invented telephone inside the process: the channel voice without HTTP, for stories whose clock stands still."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lastmile.alerting.channels.contract import Capabilities, Message, Outcome, What
from lastmile.alerting.channels.fake.exchange import Exchange, Told, Wanted
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.channels.fake.script import CALM, Script
from lastmile.alerting.channels.voice.callbacks import Report
from lastmile.alerting.channels.voice.transport import VoiceChannel
from lastmile.kernel import clock

WHAT = {"accepted": What.ACCEPTED, "refused": What.REFUSED, "retry": What.RETRY}


class Telephone(VoiceChannel):
    """`exchange` holds the lines; `reports()` is what a gateway would have called back by now."""

    def __init__(self, script: Script = CALM, *, lines: int = 60) -> None:
        super().__init__(url="http://127.0.0.1:9/calls", secret="inside", public_url="http://127.0.0.1:8000")
        self.exchange = Exchange(Network(script), lines=lines)
        self.can = Capabilities(contact="phone", receipts=True, replies=True, batch=lines, lines=lines, personal=False)

    async def open(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        now = clock.now().timestamp()
        taken = [self.exchange.ring(Wanted(m.key, m.address, m.text), now) for m in batch]
        return [Outcome(WHAT[one.status], one.reason, 5.0) for one in taken]

    async def ask(self, keys: Sequence[str]) -> list[Report]:
        lines = [self.exchange.calls[key] for key in keys if key in self.exchange.calls]
        return [_report(told) for line in lines for told in line.told]

    def reports(self) -> list[Report]:
        return [_report(told) for told in self.exchange.step(clock.now().timestamp())]


def _report(told: Told) -> Report:
    return Report(told.key, told.what, datetime.fromtimestamp(told.at, UTC), told.digit, told.reason)
