"""Calls and messages go out: claim, commit, send, settle. No network call inside a transaction.

Attempts go through the channels of the house under idempotency keys of their own. A worker that dies in between leaves
them leased; another one takes them over under the same key, or leaves the outcome unknown, as the channel wants it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from lastmile.alerting import cell_texts, walk_texts
from lastmile.alerting.cascade import words
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Channel, Message, Outcome, What, WhenUnknown, key
from lastmile.alerting.models import AlertEvent, AttemptState
from lastmile.alerting.models.calls import OF_DOORS, Role
from lastmile.community.people.models import Contact
from lastmile.community.people.queries.reach import LABEL
from lastmile.kernel import clock, locks
from lastmile.kernel.crypto import keyring
from lastmile.kernel.fields import Sealed

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
RING = timedelta(seconds=180)  # after that a telephone line counts as free without a report
TIMEOUT = 20.0  # seconds for one send
MOST_TRIES = 5
WAVE = 1_000  # keys of calls lie above those of the ledger's waves
BUDGET = 2.0  # seconds in one call of the duty
SUBJECT = "【叫应】"
TEXTS: dict[str, Callable[[AlertEvent, int, str], str]] = {Role.CELL: cell_texts.text, Role.WALK: walk_texts.text}
BY_NAME = (Role.SUPERIOR, Role.RAISE)  # those told who is silent, and not only which post


class Claimed(NamedTuple):
    id: int
    event: int
    calls: list[int]
    person: int
    role: str
    channel: str
    number: int
    priority: int
    text: bytes | None
    tries: int
    crashed: bool
    in_force: bool
    wanted: bool


@dataclass
class Settled:
    """What became of attempts, column by column as settle.sql takes them."""

    ids: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    due: list[datetime | None] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, one: Claimed, state: AttemptState, due: datetime | None = None, reason: str = "") -> None:
        self.ids.append(one.id)
        self.states.append(state.value)
        self.due.append(due)
        self.reasons.append(reason[:200])


def run() -> int:
    """The worker's duty: make what is due on every channel, the most urgent first. How many attempts were settled."""
    owner, done, until = secrets.token_hex(8), 0, time.monotonic() + BUDGET
    while made := once(owner):
        done += made
        if time.monotonic() > until:
            break
    return done


def once(owner: str) -> int:
    """One round over all channels. A channel that fails holds up no other: they are asked side by side."""
    claimed = [(name, claim(name, owner)) for name in registry.addressed()]
    settled, sends = Settled(), []
    for name, attempts in claimed:
        ready = _sorted_out(name, attempts, settled)
        if ready:
            sends.append((name, ready, _messages(ready, name)))
    outcomes = asyncio.run(_send_all(sends)) if sends else []
    for (_name, ready, _texts), said in zip(sends, outcomes, strict=True):
        for one, outcome in zip(ready, said, strict=True):
            _settle(settled, one, outcome)
    if settled.ids:
        fetch("settle", now=clock.now(), owner=owner, **vars(settled))
    return len(settled.ids)


@transaction.atomic
def claim(name: str, owner: str) -> list[Claimed]:
    """Attempts of a channel that are due; on a telephone channel no more than all workers together have free lines."""
    can, now = registry.capabilities(name), clock.now()
    if can.lines:
        locks.wait(f"alerting.lines.{name}")
    rows = fetch(
        "claim",
        channel=name,
        now=now,
        lease=now + LEASE,
        owner=owner,
        limit=can.batch * can.in_flight,
        lines=can.lines or None,
        ring=now + RING,
    )
    return sorted((Claimed(*row) for row in rows), key=lambda one: (-one.priority, one.id))


def _sorted_out(name: str, attempts: Sequence[Claimed], settled: Settled) -> list[Claimed]:
    """Those to be made. Who has answered meanwhile is not called; who was being called when a worker died may be."""
    ready = []
    for one in attempts:
        if not one.in_force or not one.wanted:
            settled.add(one, AttemptState.SKIPPED)
        elif one.crashed and registry.capabilities(name).when_unknown is WhenUnknown.ASK_PERSON:
            settled.add(one, AttemptState.UNKNOWN)
        elif one.tries > MOST_TRIES:
            settled.add(one, AttemptState.UNKNOWN, reason="gave up after many tries")
        else:
            ready.append(one)
    return ready


def _messages(ready: Sequence[Claimed], name: str) -> list[Message]:
    """One for each; the address is "" where the contact has gone meanwhile."""
    can = registry.capabilities(name)
    known = {person: (value, language or "zh") for person, value, language in _contacts(ready, can.contact)}
    events = AlertEvent.objects.in_bulk({one.event for one in ready})
    by_name = {call for one in ready if one.role in BY_NAME for call in one.calls}
    posts = words.silent({call for one in ready for call in one.calls}, named=by_name)
    links = words.links_of({(one.event, one.person) for one in ready})
    made = []
    for one in ready:
        value, language = known.get(one.person, (None, "zh"))
        about = [posts[call] for call in one.calls]
        own = Sealed(bytes(one.text), b"callattempt.text").reveal() if one.text else ""
        if one.role in OF_DOORS:
            own = own or TEXTS[one.role](events[one.event], one.person, language)
        link = links[one.event, one.person]
        said = words.About(events[one.event].frozen, link, one.role, language, one.number, about, own)
        text = words.text(said, rings=bool(can.lines))
        wave = key(one.event, one.person, name, WAVE + one.number)
        made.append(Message(wave, one.person, _address(value), text, f"{SUBJECT}{text[:60]}"))
    return made


def _contacts(ready: Sequence[Claimed], kind: str) -> list[tuple[Any, ...]]:
    return fetch("load", persons=sorted({one.person for one in ready}), kind=kind or Contact.Kind.PHONE)


def _address(value: bytes | None) -> str:
    try:
        return keyring().decrypt(bytes(value), LABEL) if value is not None else ""
    except ValueError:  # under a key that is gone
        return ""


Send = tuple[str, list[Claimed], list[Message]]


async def _send_all(sends: Sequence[Send]) -> list[list[Outcome]]:
    return list(await asyncio.gather(*(_send(name, messages) for name, _ready, messages in sends)))


async def _send(name: str, messages: Sequence[Message]) -> list[Outcome]:
    """Everything of one channel, in parts as large and so many at once as it takes; on connections of its own."""
    channel: Channel = registry.MAKERS[name]()
    gate = asyncio.Semaphore(max(1, channel.can.in_flight))

    async def part(some: Sequence[Message]) -> list[Outcome]:
        async with gate:
            return await _call(channel, some)

    await channel.open()
    try:
        sizes = range(0, len(messages), channel.can.batch)
        parts = await asyncio.gather(*(part(messages[at : at + channel.can.batch]) for at in sizes))
    finally:
        await channel.close()
    return [outcome for some in parts for outcome in some]


async def _call(channel: Channel, messages: Sequence[Message]) -> list[Outcome]:
    with_address = [message for message in messages if message.address]
    try:
        async with asyncio.timeout(TIMEOUT):
            said = iter(await channel.send(with_address) if with_address else [])
        return [next(said) if message.address else Outcome(What.REFUSED, "no usable contact") for message in messages]
    except Exception as error:  # whatever a channel does: nobody knows who was called
        log.warning("calls on %s: %s", channel.name, error)
        return [Outcome(What.UNKNOWN, f"{type(error).__name__}: {error}")] * len(messages)


def _settle(settled: Settled, one: Claimed, outcome: Outcome) -> None:
    again = clock.now() + timedelta(seconds=max(outcome.after, 2.0 * 2**one.tries))
    if outcome.what is What.ACCEPTED:
        settled.add(one, AttemptState.ACCEPTED)
    elif outcome.what is What.REFUSED:
        settled.add(one, AttemptState.REFUSED, reason=outcome.reason)
    elif one.tries >= MOST_TRIES:
        settled.add(one, AttemptState.UNKNOWN, reason=outcome.reason)
    elif outcome.what is What.RETRY or registry.capabilities(one.channel).when_unknown is WhenUnknown.SEND_AGAIN:
        settled.add(one, AttemptState.WAITING, again, outcome.reason)
    else:
        settled.add(one, AttemptState.UNKNOWN, reason=outcome.reason)
