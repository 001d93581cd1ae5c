"""A send that is made again and again: the same batches, put back to “waiting”, through channels of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import orjson
from django.core.management import call_command
from django.db import connection

from lastmile.alerting.channels.sms.transport import SmsChannel
from lastmile.alerting.channels.sms.vendor import Vendor
from lastmile.alerting.dispatch import Dispatcher, addresses, render
from lastmile.alerting.dispatch.render import Renderer
from lastmile.alerting.dispatch.store import Store
from lastmile.alerting.dispatch.work import Work
from lastmile.alerting.models import AlertEvent, Manifest, Sent
from lastmile.community.people import contact_sheets
from lastmile.community.people.models import Person
from tools.bench import city
from tools.bench.desk import Desk, everybody

COUNTY = "410182"
FIRST = "sms"  # the channel whose time is taken
VENDOR = Vendor()  # our own protocol: 8 requests at once
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


def issued() -> int:
    """A warning to everybody there, whose ledger is that of the channel FIRST: how many it will tell."""
    desk = Desk()
    desk.issue(desk.approved(2, everybody(COUNTY)))
    Manifest.objects.exclude(channel="null").delete()
    Manifest.objects.update(channel=FIRST)
    return sum(len(keys) for keys, _body in asyncio.run(bodies()))


def copied(channel: str) -> None:
    """The same people once more, on another channel."""
    with connection.cursor() as cursor:
        cursor.execute(COPY, [channel, FIRST])


def channel(url: str, name: str = FIRST) -> SmsChannel:
    made = SmsChannel(url=url, secret="of an invented gateway", vendor=VENDOR)  # noqa: S106
    made.name = name
    return made


async def bodies() -> list[tuple[list[str], bytes]]:
    """Of each batch the keys and the very body that our channel posts."""
    ours, found = channel("http://nowhere.invalid"), []
    store = Store("bench")
    await store.open()
    rows = Manifest.objects.filter(channel=FIRST).order_by("-priority", "id")
    values = ["id", "event_id", "place", "channel", "wave", "priority", "attempts", "person_ids", "states"]
    works = [Work(*row) async for row in rows.values_list(*values)]
    frozen = (await AlertEvent.objects.aget()).frozen
    await addresses.load(store, works, ours.can.contact)
    render.make_links(works)
    await store.close()
    renderer = Renderer(frozen, ours.can, "")
    for work in works:
        work.without_address()
        for places in work.todo(ours.can.batch):
            batch = renderer.messages(work, places)
            found.append((list(batch.keys), orjson.dumps(ours._body(batch))))
    return found


def put_back(names: Sequence[str]) -> None:
    """Nothing has been sent on these channels; nothing is owed on any other."""
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK, [list(names)])
        cursor.execute("TRUNCATE alerting_rest")
        cursor.execute("VACUUM (ANALYZE) alerting_manifest")


def dispatched(channels: Sequence[SmsChannel], people: int) -> float:
    """Seconds until the first channel has handed over to so many people and all of it is committed."""
    put_back([one.name for one in channels])
    seconds = asyncio.run(_dispatched(channels, people))
    rows = Manifest.objects.filter(channel=FIRST)
    states = {state for row in rows.values_list("states", flat=True) for state in bytes(row)}
    if rows.exclude(due_at=None).exists() or not states <= {Sent.ACCEPTED, Sent.NO_CONTACT}:
        raise SystemExit("not everything was handed over")
    return seconds


async def _dispatched(channels: Sequence[SmsChannel], people: int) -> float:
    dispatcher = Dispatcher("bench", channels)
    began = time.perf_counter()
    running = asyncio.create_task(dispatcher.run())
    first = dispatcher.lanes[0]
    async with asyncio.timeout(LONGEST):
        while first.told < people or first.held():
            await asyncio.sleep(LOOK)
    seconds = time.perf_counter() - began
    dispatcher.stop()
    running.cancel()  # nobody waits for a gateway that says nothing
    await asyncio.gather(running, return_exceptions=True)
    for one in channels:
        await one.close()
    return seconds
