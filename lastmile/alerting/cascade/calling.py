"""Calls and messages go out: claim, commit, send, settle. No network call inside a transaction.

Attempts go through the channels of the house under idempotency keys of their own. A worker that dies in between leaves
them leased; another one takes them over under the same key, or leaves the outcome unknown, as the channel wants it.
By whose account they leave follows from their place (lanes.py).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from lastmile.alerting import cell_texts, walk_texts
from lastmile.alerting.cascade import lanes, words
from lastmile.alerting.cascade.lanes import Lane
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels.contract import Capabilities, Channel, Message, Outcome, What, WhenUnknown, key
from lastmile.alerting.channels.parts import parts
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
PATIENCE = 1.0  # seconds for which a round waits for the far sides; who needs longer is settled in a later one
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
    parts: list[int] = field(default_factory=list)

    def add(
        self, one: Claimed, state: AttemptState, due: datetime | None = None, reason: str = "", parts: int = 0
    ) -> None:
        self.ids.append(one.id)
        self.states.append(state.value)
        self.due.append(due)
        self.reasons.append(reason[:200])
        self.parts.append(parts)


class UnderWay(NamedTuple):
    lane: Lane
    ready: list[Claimed]
    messages: list[Message]
    said: Future[list[Outcome]]


class Caller:
    """What one worker has claimed, and what is under way of it, by lane."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._under_way: dict[tuple[str, int], UnderWay] = {}

    def round(self, patience: float = PATIENCE) -> int:
        """Make what is due on every lane that is free. How many attempts were settled."""
        settled = Settled()
        for lane in lanes.now():
            if lane.key not in self._under_way:
                ready = _sorted_out(lane.can, claim(lane, self.owner), settled)
                if ready:
                    self._begin(lane, ready)
        wait([one.said for one in self._under_way.values()], timeout=patience)
        for one in list(self._under_way.values()):
            if one.said.done():
                _came_back(self._under_way.pop(one.lane.key), settled)
        if settled.ids:
            fetch("settle", now=clock.now(), owner=self.owner, **vars(settled))
        return len(settled.ids)

    def _begin(self, lane: Lane, ready: list[Claimed]) -> None:
        messages = _messages(ready, lane)
        self._under_way[lane.key] = UnderWay(lane, ready, messages, lanes.begin(_send(lane, messages)))


_mine = Caller(secrets.token_hex(8))
_running = threading.Lock()


def run() -> int:
    """The worker's duty: make what is due, the most urgent first. How many attempts were settled."""
    done, until = 0, time.monotonic() + BUDGET
    if not _running.acquire(blocking=False):
        return 0
    try:
        while made := _mine.round():
            done += made
            if time.monotonic() > until:
                break
    finally:
        _running.release()
    return done


def once(owner: str) -> int:
    """One round that waits for every far side."""
    return Caller(owner).round(patience=TIMEOUT + PATIENCE)


@transaction.atomic
def claim(lane: Lane, owner: str) -> list[Claimed]:
    """Attempts of a lane that are due; on the telephone no more than all workers together have free lines."""
    can, now = lane.can, clock.now()
    if can.lines:
        locks.wait(f"alerting.lines.{lane.channel}")
    rows = fetch(
        "claim",
        channel=lane.channel,
        account=lane.scope.account,
        inside=lane.scope.inside,
        outside=list(lane.scope.outside),
        now=now,
        lease=now + LEASE,
        owner=owner,
        limit=can.batch * can.in_flight,
        lines=can.lines or None,
        ring=now + RING,
    )
    return sorted((Claimed(*row) for row in rows), key=lambda one: (-one.priority, one.id))


def _sorted_out(can: Capabilities, attempts: Sequence[Claimed], settled: Settled) -> list[Claimed]:
    """Those to be made. Who has answered meanwhile is not called; who was being called when a worker died may be."""
    ready = []
    for one in attempts:
        if not one.in_force or not one.wanted:
            settled.add(one, AttemptState.SKIPPED)
        elif one.crashed and can.when_unknown is WhenUnknown.ASK_PERSON:
            settled.add(one, AttemptState.UNKNOWN)
        elif one.tries > MOST_TRIES:
            settled.add(one, AttemptState.UNKNOWN, reason="gave up after many tries")
        else:
            ready.append(one)
    return ready


def _messages(ready: Sequence[Claimed], lane: Lane) -> list[Message]:
    """One for each; the address is "" where the contact has gone meanwhile."""
    can = lane.can
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
        wave = key(one.event, one.person, lane.channel, WAVE + one.number)
        made.append(Message(wave, one.person, _address(value), text, f"{SUBJECT}{text[:60]}"))
    return made


def _contacts(ready: Sequence[Claimed], kind: str) -> list[tuple[Any, ...]]:
    return fetch("load", persons=sorted({one.person for one in ready}), kind=kind or Contact.Kind.PHONE)


def _address(value: bytes | None) -> str:
    try:
        return keyring().decrypt(bytes(value), LABEL) if value is not None else ""
    except ValueError:  # under a key that is gone
        return ""


async def _send(lane: Lane, messages: Sequence[Message]) -> list[Outcome]:
    """Everything of one lane, in parts as large and so many at once as it takes; on connections of its own."""
    channel = lane.make()
    gate = asyncio.Semaphore(max(1, channel.can.in_flight))

    async def part(some: Sequence[Message]) -> list[Outcome]:
        async with gate:
            return await _call(channel, some)

    try:
        await channel.open()
    except Exception as error:  # nothing has left
        log.warning("calls on %s: %s", lane.key, error)
        return [Outcome(What.RETRY, f"{type(error).__name__}: {error}")] * len(messages)
    try:
        sizes = range(0, len(messages), channel.can.batch)
        said = await asyncio.gather(*(part(messages[at : at + channel.can.batch]) for at in sizes))
    finally:
        await channel.close()
    return [outcome for some in said for outcome in some]


async def _call(channel: Channel, messages: Sequence[Message]) -> list[Outcome]:
    with_address = [message for message in messages if message.address]
    try:
        async with asyncio.timeout(TIMEOUT):
            said = iter(await channel.send(with_address) if with_address else [])
        return [next(said) if message.address else Outcome(What.REFUSED, "no usable contact") for message in messages]
    except Exception as error:  # whatever a channel does: nobody knows who was called
        log.warning("calls on %s: %s", channel.name, error)
        return [Outcome(What.UNKNOWN, f"{type(error).__name__}: {error}")] * len(messages)


def _came_back(one: UnderWay, settled: Settled) -> None:
    """What the far side of a lane said."""
    try:
        said = one.said.result()
    except Exception as error:  # while the connections were closed
        log.warning("calls on %s: %s", one.lane.key, error)
        said = [Outcome(What.UNKNOWN, f"{type(error).__name__}: {error}")] * len(one.ready)
    written = one.lane.can.contact == Contact.Kind.PHONE and not one.lane.can.lines
    for claimed, message, outcome in zip(one.ready, one.messages, said, strict=True):
        _settle(settled, claimed, outcome, one.lane.can, parts(message.text).number if written else 1)


def _settle(settled: Settled, one: Claimed, outcome: Outcome, can: Capabilities, billed: int) -> None:
    again = clock.now() + timedelta(seconds=max(outcome.after, 2.0 * 2**one.tries))
    if outcome.what is What.ACCEPTED:
        settled.add(one, AttemptState.ACCEPTED, parts=billed)
    elif outcome.what is What.REFUSED:
        settled.add(one, AttemptState.REFUSED, reason=outcome.reason)
    elif one.tries >= MOST_TRIES:
        settled.add(one, AttemptState.UNKNOWN, reason=outcome.reason)
    elif outcome.what is What.RETRY or can.when_unknown is WhenUnknown.SEND_AGAIN:
        settled.add(one, AttemptState.WAITING, again, outcome.reason)
    else:
        settled.add(one, AttemptState.UNKNOWN, reason=outcome.reason)
