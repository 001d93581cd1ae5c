"""An invented telephone exchange: so many lines, people who pick up or don't, listen or hang up, and press a key.

    exchange = Exchange(network, lines=60)
    exchange.ring(Wanted(key, phone, text, seconds), now)   # accepted, refused, or retry when every line is taken
    exchange.step(now)                                      # what has happened on the lines since, in order of time
What one person does follows from the script and the key alone: `confirm` listens to the whole message and presses 1,
`safe` and `moved` 2, `needs_help` 3, `refuse` nothing, `read` hangs up before the end, anything else lets it ring.
A phone in `by_hand` does what somebody does at its page instead: pick up, listen, press, hang up.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from lastmile.alerting.channels.fake.network import DIGIT, GONE, NUMBER, REFUSED, TAKEN, Network, Taken
from lastmile.alerting.channels.fake.script import Named

RINGS = 20.0  # seconds until a call that nobody takes is given up
RINGS_BY_HAND = 60.0
LETTER = 0.12  # seconds to say a letter, where the message comes as a text
KEY = 1.5  # seconds to press a key
BUSY = Taken("retry", "every line is in use")
DIGITS = tuple("0123456789")
ENDS = ("hung_up", "busy", "no_answer", "invalid", "failed")
KEPT = 20_000  # ended calls that can still be asked for


class Wanted(NamedTuple):
    """A call as the gateway takes it; `seconds` is the length of its audio, 0 for a text that is read out."""

    key: str
    phone: str
    text: str
    seconds: float = 0.0
    repeats: int = 1
    audio: str = ""

    @property
    def length(self) -> float:
        return self.seconds or LETTER * len(self.text)


class Told(NamedTuple):
    """Something that happened on a line: ringing, answered, heard, key (with `digit`), or one of ENDS."""

    key: str
    what: str
    at: float
    digit: str = ""
    reason: str = ""


@dataclass
class Line:
    """One call. `state` is the last thing that happened; `until` the end, once it has ended."""

    wanted: Wanted
    began: float
    state: str = "queued"
    picked_up: float | None = None
    heard: bool = False
    digits: str = ""
    until: float | None = None
    told: list[Told] = field(default_factory=list)


class Exchange:
    """`pace` is how many times faster than real the network lives: a phone by hand rings in real time all the same."""

    def __init__(self, network: Network, *, lines: int = 60, pace: float = 1.0) -> None:
        self.network, self.lines, self.pace = network, lines, pace
        self.busiest = 0  # lines in use at the same time, at most
        self.order: list[str] = []  # keys, as the calls began
        self.counts: Counter[str] = Counter()
        self.by_hand: set[str] = set()
        self.calls: dict[str, Line] = {}
        self._in_use: dict[str, Line] = {}
        self._coming: list[tuple[float, int, Told]] = []
        self._number = itertools.count()

    def ring(self, wanted: Wanted, now: float) -> Taken:
        """Take a call, unless every line is in use. A key it has seen rings nobody again."""
        if wanted.key in self.calls and self.network.script.gateway.honours_keys:
            self.counts["repeated"] += 1
            return TAKEN
        script = self.network.script
        named = script.named.get(wanted.phone, Named())
        refused = named.refused or self.network.chance("refused", wanted.phone) < script.devices.refused
        if refused or not NUMBER.fullmatch(wanted.phone):
            self.counts["refused"] += 1
            return REFUSED
        if len(self._in_use) >= self.lines:
            self.counts["full"] += 1
            return BUSY
        line = self.calls[wanted.key] = self._in_use[wanted.key] = Line(wanted, now)
        self.order.append(wanted.key)
        self.counts["rung"] += 1
        self.busiest = max(self.busiest, len(self._in_use))
        for told in self._story(line, named, now):
            heapq.heappush(self._coming, (told.at, next(self._number), told))
        self._forget()
        return TAKEN

    def _forget(self) -> None:
        while len(self.order) > KEPT and self.order[0] not in self._in_use:
            self.calls.pop(self.order.pop(0), None)

    def _story(self, line: Line, named: Named, now: float) -> list[Told]:
        """All that will happen, if nobody takes the phone in hand."""
        wanted, devices = line.wanted, self.network.script.devices
        key, number, chance = wanted.key, wanted.phone, self.network.chance
        if named.gone or chance("gone", number) < devices.gone:
            return [Told(key, "invalid", now + 2, reason=GONE)]
        if named.off or chance("off", number) < devices.off:
            return [Told(key, "failed", now + 5, reason="phone is off")]
        if named.busy or chance("busy", key) < devices.busy:
            return [Told(key, "busy", now + 2)]
        ringing = Told(key, "ringing", now)
        if number in self.by_hand:
            return [ringing, Told(key, "no_answer", now + RINGS_BY_HAND * self.pace)]
        scripted = number in self.network.script.named
        answer = named.answer if scripted else self.network.answer(key)
        after = named.after if scripted else 4 + 8 * chance("pick up", key)
        if answer in ("", "ignore") or after > RINGS:
            return [ringing, Told(key, "no_answer", now + RINGS)]
        return [ringing, *self._listens(wanted, answer, now + after)]

    def _listens(self, wanted: Wanted, answer: str, at: float) -> list[Told]:
        key, end = wanted.key, at + wanted.length
        if answer == "read":
            return [Told(key, "answered", at), Told(key, "hung_up", at + wanted.length / 2)]
        pressed = [Told(key, "key", end + KEY, DIGIT[answer])] if DIGIT.get(answer) else []
        return [Told(key, "answered", at), Told(key, "heard", end), *pressed, Told(key, "hung_up", end + KEY)]

    def step(self, now: float) -> list[Told]:
        """Everything that has happened on the lines until now and was not told yet, in order of time."""
        told = []
        while self._coming and self._coming[0][0] <= now:
            coming = heapq.heappop(self._coming)[2]
            line = self.calls.get(coming.key)
            if line is None or line.until is not None:
                continue  # it has ended meanwhile
            if line.picked_up is not None and coming.what == "no_answer":
                continue  # somebody has picked up by hand
            self._apply(line, coming)
            told.append(coming)
        return told

    def _apply(self, line: Line, told: Told) -> None:
        line.told.append(told)
        self.counts[told.what] += 1
        if told.what in ENDS:
            line.state, line.until = told.what, told.at
            self._in_use.pop(told.key, None)
            self.counts["cut"] += told.what == "hung_up" and not line.heard
        elif told.what == "heard":
            line.heard = True
        elif told.what == "key":
            line.digits += told.digit
        else:
            line.state = told.what
            line.picked_up = told.at if told.what == "answered" else line.picked_up

    def line_of(self, phone: str) -> Line | None:
        """The call on a phone now, or the last one."""
        mine = (self.calls[key] for key in reversed(self.order) if self.calls[key].wanted.phone == phone)
        return next(mine, None)

    def ringing(self) -> list[Line]:
        """The lines in use, the latest call first."""
        return list(reversed(self._in_use.values()))

    def by(self, phone: str, act: str, now: float) -> None:
        """Somebody at the phone's page: pick_up, hang_up or a digit. What is not possible now does nothing."""
        line = self.line_of(phone)
        if line is None or line.until is not None:
            return
        key = line.wanted.key
        if act == "pick_up" and line.picked_up is None:
            line.picked_up = now
            self._soon(Told(key, "answered", now))
            length = line.wanted.length * self.pace
            self._soon(Told(key, "heard", now + length))
            self._soon(Told(key, "hung_up", now + length * line.wanted.repeats + 10 * self.pace))
        elif act == "hang_up" and line.picked_up is not None:
            self._soon(Told(key, "hung_up", now))
        elif act in DIGITS and line.picked_up is not None:
            self._soon(Told(key, "key", now, act))

    def _soon(self, told: Told) -> None:
        heapq.heappush(self._coming, (told.at, next(self._number), told))

    def next_at(self) -> float | None:
        """When the next thing happens on a line; None when all is quiet."""
        return self._coming[0][0] if self._coming else None

    def stats(self) -> dict[str, int]:
        names = ("rung", "repeated", "full", "refused", "answered", "heard", "key", "cut", "no_answer", "busy")
        return {f"calls_{name}": self.counts[name] for name in (*names, "invalid", "failed")} | {
            "calls_now": len(self._in_use),
            "calls_at_once": self.busiest,
        }
