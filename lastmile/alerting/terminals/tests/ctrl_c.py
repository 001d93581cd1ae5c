"""A process of its own: `lastmile terminals` without a database, against the broker on the port that is given."""

from __future__ import annotations

import asyncio
import sys

import django

from lastmile.alerting.channels.mqtt.box import Box
from lastmile.alerting.channels.mqtt.broker import Broker
from lastmile.alerting.channels.mqtt.protocol import Command, Do
from lastmile.kernel import clock


class Playing(Box):
    """Has much to play as soon as it is connected."""

    async def tell_state(self) -> None:
        await super().tell_state()
        now = int(clock.now().timestamp())
        for number in range(3):
            await self._obey(_long(number, now))
        await asyncio.sleep(0.5)
        print("plays", flush=True)


def _long(number: int, now: int) -> Command:
    return Command(id=f"c-{number}", do=Do.PLAY, at=now, starts=now, until=now + 900, show="x" * 4000)


def main() -> None:
    django.setup()
    from lastmile.alerting.management.commands import terminals

    broker = Broker(f"mqtt://127.0.0.1:{sys.argv[1]}")
    terminals.Command().play([Playing(f"T-{number}", "k" * 32, broker) for number in range(5)])


if __name__ == "__main__":
    main()
