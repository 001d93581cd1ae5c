"""A send that is made again and again: the same batches, put back to “waiting”, through channels of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from django.core.management import call_command
from django.db import connection

from lastmile.alerting.channels.contract import Message
from lastmile.alerting.channels.sms.transport import SmsChannel
from lastmile.alerting.channels.sms.vendor import Vendor
from lastmile.alerting.channels.wire import Json
from lastmile.alerting.dispatch import Dispatcher
from lastmile.alerting.models import Manifest, Sent
from lastmile.community.people import contact_sheets
from lastmile.community.people.models import Person
from tools.bench import city
from tools.bench.desk import Desk, everybody
from tools.bench.gateway import gateway

COUNTY = "410182"
FIRST = "sms"  # the channel whose time is taken
VENDOR = Vendor()  # our own protocol: 8 requests at once
SECRET = "of an invented gateway"  # noqa: S105
LOOK = 0.005  # seconds between looks at our own memory
LONGEST = 120  # seconds of one send

COPY = """
INSERT INTO alerting_manifest (event_id, place, channel, wave, cause, part, priority, person_ids, states, lease_owner,
  attempts, error)
SELECT event_id, place, %s, wave, cause, part, priority, person_ids, states, '', 0, ''
FROM alerting_manifest WHERE channel = %s
"""
PUT_BACK = """
UPDATE alerting_manifest SET states = decode(repeat('00', cardinality(person_ids)), 'hex'), lease_until = NULL,
  lease_owner = '', attempts = 0, error = '', settled_at = NULL, handed = 0, parts = 0,
  due_at = CASE WHEN channel = ANY (%s) THEN now() END
"""


def settle(residents: int) -> None:
    """All of them in one county."""
    if Person.objects.exclude(household=None).count() != residents:
        call_command("people", "generate", "--place", COUNTY, "--residents", str(residents), "--replace")
    contact_sheets.renew_all()
    city.empty()


def issued() -> None:
    """A warning to everybody there, whose ledger is that of the channel FIRST."""
    desk = Desk()
    desk.issue(desk.approved(2, everybody(COUNTY)))
    Manifest.objects.exclude(channel="null").delete()
    Manifest.objects.update(channel=FIRST)


def copied(channel: str) -> None:
    """The same people once more, on another channel."""
    with connection.cursor() as cursor:
        cursor.execute(COPY, [channel, FIRST])


def channel(url: str, name: str = FIRST) -> SmsChannel:
    made = SmsChannel(url=url, secret=SECRET, vendor=VENDOR)
    made.name = name
    return made


class Noting(SmsChannel):
    """Keeps what it posts."""

    noted: list[Json]

    def _body(self, batch: Sequence[Message]) -> Json:
        self.noted.append(super()._body(batch))
        return self.noted[-1]


def bodies() -> list[Json]:
    """What a send of all of it posts, request by request."""
    put_back([FIRST])
    with gateway() as url:
        noting = Noting(url=url, secret=SECRET, vendor=VENDOR)
        noting.noted = []
        asyncio.run(_dispatched([noting], 1))
    return noting.noted


def put_back(names: Sequence[str]) -> None:
    """Nothing has been sent on these channels; nothing is owed on any other."""
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK, [list(names)])
        cursor.execute("TRUNCATE alerting_rest")
        cursor.execute("VACUUM (ANALYZE) alerting_manifest")


def dispatched(channels: Sequence[SmsChannel], people: int) -> float:
    """Seconds until the first channel has handed over to so many people and all of it is committed."""
    put_back([one.name for one in channels])
    return asyncio.run(_dispatched(channels, people))


async def _dispatched(channels: Sequence[SmsChannel], people: int) -> float:
    dispatcher = Dispatcher("bench", channels)
    began = time.perf_counter()
    running = asyncio.create_task(dispatcher.run())
    first = dispatcher.lanes[0]
    async with asyncio.timeout(LONGEST):
        while True:
            while first.told < people or first.held():
                await asyncio.sleep(LOOK)
            seconds = time.perf_counter() - began
            if await asyncio.to_thread(_settled):
                break
    dispatcher.stop()
    running.cancel()  # nobody waits for a gateway that says nothing
    await asyncio.gather(running, return_exceptions=True)
    for one in channels:
        await one.close()
    return seconds


def _settled() -> bool:
    """Whether all of the first channel is; raises SystemExit where somebody was not told."""
    rows = Manifest.objects.filter(channel=FIRST)
    try:
        if rows.exclude(due_at=None).exists():
            return False
        states = {state for row in rows.values_list("states", flat=True) for state in bytes(row)}
    finally:
        connection.close()
    if not states <= {Sent.ACCEPTED, Sent.NO_CONTACT}:
        raise SystemExit("not everything was handed over")
    return True
