"""One send: its messages, the parts that carry them, and what has become of each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

from lastmile.alerting.channels.contract import ACCEPTED, Message, Outcome, What
from lastmile.alerting.channels.smpp.desk import Known
from lastmile.alerting.channels.smpp.options import Options
from lastmile.alerting.channels.smpp.segments import Segment, TooLong, reference, segments
from lastmile.alerting.channels.wire import clean, e164

WORSE = {What.ACCEPTED: 0, What.RETRY: 1, What.UNKNOWN: 2, What.REFUSED: 3}
NO_NUMBER = Outcome(What.REFUSED, "not a phone number")
TOO_LONG = Outcome(What.REFUSED, "the text is too long for an SMS")
UNSENT = Outcome(What.RETRY, "the SMS centre is busy")


class Part:
    """One submit_sm to be."""

    __slots__ = ("address", "at", "job", "key", "number", "reference", "segment", "sent", "total")

    def __init__(self, job: Job, at: int, message: Message, segment: Segment, where: tuple[int, int, int]) -> None:
        self.job, self.at, self.key, self.address, self.segment = job, at, message.key, message.address, segment
        self.reference, self.total, self.number = where
        self.sent = 0.0


class Job:
    """`parts` are those that must go out; messages that need none are settled from the start."""

    def __init__(self, messages: Sequence[Message], known: Iterable[Known], options: Options) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self.closed = False
        self.outcomes: list[Outcome] = [ACCEPTED] * len(messages)
        self._left = [0] * len(messages)
        self.parts: list[Part] = []
        taken: dict[str, dict[tuple[int, int], set[int]]] = defaultdict(lambda: defaultdict(set))
        for one in known:
            taken[one.key][one.reference, one.parts].add(one.part)
        for at, message in enumerate(messages):
            self._prepare(at, message, taken.get(message.key, {}), options)
        self._open = sum(1 for left in self._left if left)
        if not self._open:
            self.done.set_result(None)

    def _prepare(self, at: int, message: Message, taken: dict[tuple[int, int], set[int]], options: Options) -> None:
        if any(len(numbers) == total for (_reference, total), numbers in taken.items()):
            return  # the centre has all of it since an earlier try
        if not (message.address.startswith("+") and e164(message.address) == message.address):
            self.outcomes[at] = NO_NUMBER
            return
        text = clean(message.text)
        mark = reference(message.key, text)
        try:
            cut = segments(text, mark, options)
        except TooLong:
            self.outcomes[at] = TOO_LONG
            return
        before = taken.get((mark, len(cut)), set())
        for number, segment in enumerate(cut, start=1):
            if number not in before:
                self.parts.append(Part(self, at, message, segment, (mark, len(cut), number)))
                self._left[at] += 1

    def wanted(self, part: Part) -> bool:
        """False for a part of a message that is settled otherwise."""
        return not self.closed and self.outcomes[part.at].what is not What.REFUSED

    def settle(self, part: Part, outcome: Outcome) -> None:
        """The worst outcome of its parts is a message's."""
        if self.closed:
            return
        at = part.at
        if WORSE[outcome.what] > WORSE[self.outcomes[at].what]:
            self.outcomes[at] = outcome
        self._left[at] -= 1
        if self._left[at] == 0:
            self._open -= 1
            if self._open == 0 and not self.done.done():
                self.done.set_result(None)

    def close(self, flying: Iterable[Part], reason: str) -> list[Outcome]:
        """Nothing more is sent: what is on the way is of unknown outcome, what has not left is tried again."""
        unknown = {part.at for part in flying if part.job is self}
        for at, left in enumerate(self._left):
            if left and self.outcomes[at].what in (What.ACCEPTED, What.RETRY):
                self.outcomes[at] = Outcome(What.UNKNOWN, reason) if at in unknown else UNSENT
        self.closed = True
        return self.outcomes
