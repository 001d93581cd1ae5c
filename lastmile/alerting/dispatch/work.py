"""One claimed batch in memory: its people, one state byte for each, and what becomes of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from lastmile.alerting.channels.contract import ACCEPTED, Outcome, What, WhenUnknown
from lastmile.alerting.models import Sent

FIRST_WAIT, LONGEST_WAIT = 2.0, 120.0  # seconds between tries, doubling
MOST_ATTEMPTS = 40  # an hour and more of tries; then a person has to look
GAVE_UP = "gave up after many tries"

STATE_OF = {What.ACCEPTED: Sent.ACCEPTED, What.RETRY: Sent.RETRY, What.REFUSED: Sent.REFUSED}
OPEN = frozenset({Sent.WAITING, Sent.RETRY})
CLOSED = bytes.maketrans(
    bytes([Sent.WAITING, Sent.RETRY, Sent.SENDING]), bytes([Sent.SKIPPED, Sent.SKIPPED, Sent.UNKNOWN])
)


class Sheet(NamedTuple):
    """A contact sheet as it is stored; everything but `languages` parallel to `persons`."""

    persons: list[int]
    addresses: bytes  # sealed
    languages: dict[str, str]
    homes: list[int]  # 0 for none


@dataclass(slots=True, eq=False)
class Work:
    id: int
    event: int
    place: str
    channel: str
    wave: int
    priority: int
    attempts: int
    persons: list[int]
    states: bytearray
    handed: int = 0  # messages that the far side has accepted, and the parts they took
    parts: int = 0
    addresses: list[str] = field(default_factory=list)  # opened, parallel to persons; "" where there is none
    languages: dict[int, str] = field(default_factory=dict)  # of those who do not read Chinese
    links: list[str] = field(default_factory=list)  # tokens of the personal links, parallel to persons; [] for none
    codes: list[str] = field(default_factory=list)  # of the doors, parallel to persons, "" for none; [] where not said
    homes: dict[int, int] | None = None  # of a sheet: where each lives; None where no sheet is believed
    due_at: datetime | None = None
    error: str = ""
    done: bool = False
    after: float = 0.0  # what the gateway asked for, seconds

    def __post_init__(self) -> None:
        self.states = bytearray(self.states)  # bytes as they come from the database

    @property
    def rank(self) -> int:
        """The colour's part of the priority: batches of a higher rank overtake."""
        return self.priority // 1_000

    def after_crash(self, policy: WhenUnknown) -> None:
        """People who were being handed over when a worker died: send again under the same key, or leave it open."""
        state = Sent.RETRY if policy is WhenUnknown.SEND_AGAIN else Sent.UNKNOWN
        self.states = self.states.replace(bytes([Sent.SENDING]), bytes([state]))

    def without_address(self) -> None:
        """Whoever has no address by now is told on no channel of this kind."""
        if "" not in self.addresses:
            return
        for index, address in enumerate(self.addresses):
            if not address and self.states[index] in OPEN:
                self.states[index] = Sent.NO_CONTACT

    def todo(self, size: int) -> list[Sequence[int]]:
        """Positions of those still to be told, cut into sends."""
        left: Sequence[int] = range(len(self.states))
        if not OPEN.issuperset(self.states):
            left = [index for index, state in enumerate(self.states) if state in OPEN]
        return [left[at : at + size] for at in range(0, len(left), size)]

    def mark(self, places: Sequence[int], state: int) -> None:
        if places and places[-1] - places[0] + 1 == len(places):  # in a row, the usual case
            self.states[places[0] : places[-1] + 1] = bytes([state]) * len(places)
            return
        for index in places:
            self.states[index] = state

    def settle(self, places: Sequence[int], outcomes: Sequence[Outcome], policy: WhenUnknown) -> None:
        if outcomes.count(ACCEPTED) == len(outcomes):
            self.mark(places, Sent.ACCEPTED)
            return
        unknown = Sent.RETRY if policy is WhenUnknown.SEND_AGAIN else Sent.UNKNOWN
        for index, outcome in zip(places, outcomes, strict=True):
            self.states[index] = STATE_OF.get(outcome.what, unknown)
            if outcome.reason and outcome.what is not What.ACCEPTED:
                self.error = outcome.reason[:200]
            self.after = max(self.after, outcome.after)

    def bill(self, outcomes: Sequence[Outcome], parts: int) -> None:
        """Count what the far side has accepted, each message in so many parts."""
        accepted = outcomes.count(ACCEPTED)  # in C; usually all
        if accepted < len(outcomes):
            accepted = sum(1 for outcome in outcomes if outcome.what is What.ACCEPTED)
        self.handed += accepted
        self.parts += accepted * parts

    def close(self) -> None:
        """Its warning is over: nobody is told any more."""
        self.states = self.states.translate(CLOSED)

    def release(self, due_at: datetime) -> None:
        """Give it back untried."""
        self.attempts = max(0, self.attempts - 1)
        self.due_at, self.done = due_at, True

    def finish(self, now: datetime) -> None:
        """Decide when, if ever, it is due again."""
        self.done = True
        if not OPEN.intersection(self.states):
            self.due_at = None
        elif self.attempts >= MOST_ATTEMPTS:
            for state in OPEN:
                self.states = self.states.replace(bytes([state]), bytes([Sent.GAVE_UP]))
            self.error, self.due_at = self.error or GAVE_UP, None
        else:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self.attempts - 1, 10))
            jitter = random.uniform(0.75, 1.25)  # noqa: S311  # spreads retries, guards nothing
            self.due_at = now + timedelta(seconds=max(self.after, wait * jitter))
