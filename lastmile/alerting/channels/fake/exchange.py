"""An invented telephone exchange: so many lines, people who pick up or don't, listen or hang up, and press a key.

    exchange = Exchange(Script(), lines=60)
    exchange.ring(key, phone, text, now)     # False when every line is taken
    exchange.step(now)                       # the calls that have ended since, with what came of them
What one person does follows from the script and the key alone: `confirm` listens to the whole message and presses 1,
`safe` and `moved` 2, `needs_help` 3, `read` hangs up before the end, anything else lets it ring.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from typing import NamedTuple

from lastmile.alerting.channels.fake.network import DIGIT, Network
from lastmile.alerting.channels.fake.script import Named, Script

RINGS = 20.0  # seconds until a call that nobody takes is given up
LETTER = 0.12  # seconds to say a letter
KEY = 1.5  # seconds to press a key


class Rung(NamedTuple):
    """One call that has ended: heard (to the end, with the key that was pressed), missed, cut."""

    key: str
    result: str
    digit: str
    at: float


class Exchange:
    def __init__(self, script: Script, *, lines: int = 60, seed: int = 1) -> None:
        self.script, self.lines = script, lines
        self.busiest = 0  # lines in use at the same time, at most
        self.order: list[str] = []  # keys, as the calls began
        self.counts: Counter[str] = Counter()
        self._network = Network(script, seed=seed)  # for its chances: the same person does the same
        self._calls: list[tuple[float, int, Rung]] = []
        self._seen: set[str] = set()
        self._number = itertools.count()

    def ring(self, key: str, phone: str, text: str, now: float) -> bool:
        """Take a call, unless every line is in use. A key it has seen rings nobody again."""
        if key in self._seen:
            self.counts["repeated"] += 1
            return True
        if len(self._calls) >= self.lines:
            self.counts["full"] += 1
            return False
        self._seen.add(key)
        self.order.append(key)
        heapq.heappush(self._calls, (*self._ends(key, phone, text, now),))
        self.busiest = max(self.busiest, len(self._calls))
        return True

    def _ends(self, key: str, phone: str, text: str, now: float) -> tuple[float, int, Rung]:
        named = self.script.named.get(phone)
        answer = named.answer if named is not None else self._network.answer(key)
        after = (named or Named()).after if named is not None else 4 + 8 * self._network.chance("pick up", key)
        said = LETTER * len(text)
        if answer in ("", "ignore") or after > RINGS:
            at, result, digit = now + RINGS, "missed", ""
        elif answer == "read":
            at, result, digit = now + after + said / 2, "cut", ""
        else:
            at, result, digit = now + after + said + KEY, "heard", DIGIT.get(answer, "")
        return at, next(self._number), Rung(key, result, digit, at)

    def step(self, now: float) -> list[Rung]:
        """The calls that have ended until now, in order of time; their lines are free."""
        ended = []
        while self._calls and self._calls[0][0] <= now:
            rung = heapq.heappop(self._calls)[2]
            self.counts[rung.result] += 1
            ended.append(rung)
        return ended
