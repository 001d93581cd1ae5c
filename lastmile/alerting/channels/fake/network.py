"""Invented phones and the people who hold them. Time is an argument; everything else follows from the seed.

    network = Network(Script(), seed=7)
    network.take(key, phone, text, now)      # what the gateway says, at once
    network.step(now)                        # what has happened since: delivered, failed, reply, open
What one person does depends on the seed and the message's key only, never on the order in which messages come.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from statistics import NormalDist
from typing import NamedTuple

from lastmile.alerting.channels.fake.script import Named, Script, Time

LINK = re.compile(r"https?://[^\s<>\"，。；）)]+/r/[A-Za-z0-9_-]{10,40}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
DIGIT = {"confirm": "1", "safe": "2", "moved": "2", "needs_help": "3", "refuse": ""}
INBOX = 50  # messages a phone keeps
NORMAL = NormalDist()
LATE = 3600.0


class Shown(NamedTuple):
    """A message as it lies in a phone; `mine` is what its holder has answered, by SMS or (`tapped`) on the link."""

    key: str
    text: str
    at: float
    mine: bool = False
    tapped: bool = False


class Happening(NamedTuple):
    """`what` is delivered, failed, reply (`text` is what was typed) or open (`text` is the answer to tap)."""

    what: str
    phone: str
    key: str
    at: float
    text: str = ""
    link: str = ""


class Taken(NamedTuple):
    status: str  # accepted | refused
    reason: str = ""


TAKEN = Taken("accepted")
GONE = "number not in use"
REFUSED = Taken("refused", GONE)


@dataclass
class Device:
    number: str
    inbox: list[Shown] = field(default_factory=list)


class Network:
    def __init__(self, script: Script, *, seed: int = 1, places: Mapping[str, str] | None = None) -> None:
        self.script = script
        self.seed = str(seed).encode()
        self.places = places or {}  # place code by number, for outages of a place
        self.devices: dict[str, Device] = {}
        self.seen: dict[str, Taken] = {}  # the gateway's memory of idempotency keys
        self.shown: Counter[str] = Counter()  # how often each key has reached a phone: above 1 it doubled
        self.warned: set[tuple[str, str]] = set()  # (event, phone): who has had a message of a warning
        self.counts: Counter[str] = Counter()
        self.started: float | None = None
        self._queue: list[tuple[float, int, Happening]] = []
        self._order = itertools.count()

    def chance(self, *parts: str) -> float:
        """A number in [0, 1) that is always the same for the same seed and parts."""
        text = "\x00".join(parts).encode("utf-8", "replace")
        digest = blake2b(text, key=self.seed[:64], digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def take(self, key: str, phone: str, text: str, now: float) -> Taken:
        """The gateway's answer for one message; what follows is put into the queue."""
        self.started = now if self.started is None else self.started
        known = self.seen.get(key)
        if known is not None and self.script.gateway.honours_keys:
            self.counts["repeated"] += 1
            return known
        taken = REFUSED if self.refuses(phone) else TAKEN
        self.seen[key] = taken
        self.counts[taken.status] += 1
        if taken is TAKEN:
            self._travel(key, phone, text, now, self.script.named.get(phone, Named()))
        return taken

    def refuses(self, phone: str) -> bool:
        """A number that no gateway takes."""
        named = self.script.named.get(phone, Named())
        dead = named.refused or self.chance("refused", phone) < self.script.devices.refused
        return dead or not NUMBER.fullmatch(phone)

    def _travel(self, key: str, phone: str, text: str, now: float, named: Named) -> None:
        devices = self.script.devices
        if named.gone or self.chance("gone", phone) < devices.gone:
            self._put(Happening("failed", phone, key, now + self._time(devices.latency, "latency", key), GONE))
            return
        if named.off or self.chance("off", phone) < devices.off:
            self._put(Happening("failed", phone, key, now + devices.given_up, "phone is off"))
            return
        arrives = self._back_on(phone, now) + self._time(devices.latency, "latency", key)
        self._put(Happening("delivered", phone, key, arrives, text))

    def _back_on(self, phone: str, now: float) -> float:
        """When a phone can be reached: now, or at the end of the outages it lies in."""
        since, place = now - (self.started or 0.0), self.places.get(phone, "")
        for outage in sorted(self.script.outages, key=lambda o: o.end):
            inside = (outage.phones and phone.startswith(outage.phones)) or (
                outage.places and place.startswith(outage.places)
            )
            if inside and outage.start <= since < outage.end:
                since = outage.end
        return since + (self.started or 0.0)

    def step(self, now: float) -> list[Happening]:
        """Everything that has happened until now and was not told yet, in order of time."""
        told = []
        while self._queue and self._queue[0][0] <= now:
            happening = heapq.heappop(self._queue)[2]
            if happening.what == "delivered":
                self._show(happening)
            elif happening.what == "reply":
                self._keep(happening.phone, Shown("", happening.text, happening.at, mine=True))
            elif happening.what == "open":
                self._keep(happening.phone, Shown("", happening.text, happening.at, mine=True, tapped=True))
            self.counts[happening.what] += 1
            told.append(happening)
        return told

    def _show(self, happening: Happening) -> None:
        key = happening.key
        self.shown[key] += 1
        self._keep(happening.phone, Shown(key, happening.text, happening.at))
        if self.shown[key] > 1:
            self.counts["doubled"] += 1  # the same hand-over twice: one answer is enough
            return
        warning = (key.split("-")[0], happening.phone)
        self.counts["again"] += warning in self.warned  # another hand-over: sent again, or a number that people share
        self.warned.add(warning)
        self._decide(happening)

    def _keep(self, phone: str, message: Shown) -> None:
        inbox = self.devices.setdefault(phone, Device(phone)).inbox
        inbox.append(message)
        del inbox[:-INBOX]

    def _decide(self, happening: Happening) -> None:
        """What the person does with the message in hand, and when."""
        people, key, phone = self.script.people, happening.key, happening.phone
        named = self.script.named.get(phone)
        link = LINK.search(happening.text)
        if named is not None:
            answer, by_sms, after = named.answer, named.by_sms, named.after
        else:
            answer, by_sms = self.answer(key), self.chance("sms", key) < people.by_sms
            after = self._time(people.delay, "delay", key)
            after += LATE * (1 + self.chance("late by", key)) if self.chance("late", key) < people.late else 0
        if answer in ("", "ignore"):
            return
        at = happening.at + after
        if by_sms and DIGIT.get(answer):
            self._put(Happening("reply", phone, key, at, DIGIT[answer]))
        elif link is not None:
            self._put(Happening("open", phone, key, at, answer, link.group()))

    def answer(self, key: str) -> str:
        chance = self.chance("answer", key)
        for answer, share in self.script.people.answers.items():
            chance -= share
            if chance < 0:
                return answer
        return ""

    def _time(self, time: Time, *parts: str) -> float:
        median, spread = time
        if not median or not spread:
            return median
        chance = min(max(self.chance(*parts), 1e-9), 1 - 1e-9)
        return float(median * 2.718281828 ** (spread * NORMAL.inv_cdf(chance)))

    def reply(self, phone: str, text: str, now: float) -> None:
        """Someone types an answer by hand, on the inbox page or in a test."""
        self._put(Happening("reply", phone, "", now, text))

    def inbox(self, phone: str) -> list[Shown]:
        device = self.devices.get(phone)
        return list(device.inbox) if device else []

    def next_at(self) -> float | None:
        """When the next thing happens; None when the network has come to rest."""
        return self._queue[0][0] if self._queue else None

    def stats(self) -> dict[str, object]:
        names = ("accepted", "refused", "repeated", "delivered", "failed", "doubled", "again", "reply", "open")
        counts = {name: self.counts[name] for name in names}
        twice = sum(1 for times in self.shown.values() if times > 1)
        return {**counts, "keys_doubled": twice, "phones": len(self.devices), "waiting": len(self._queue)}

    def _put(self, happening: Happening) -> None:
        heapq.heappush(self._queue, (happening.at, next(self._order), happening))
