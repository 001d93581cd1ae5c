"""The phone network inside the process, for tests and drills; and a channel that only swallows, for measuring.

Both say yes or no at once and touch no network. `FakeChannel.network` holds the phones: read their inboxes, let time
pass with `network.step(now)` and feed what happened to whoever keeps receipts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lastmile.alerting.channels.contract import ACCEPTED, Capabilities, Health, Message, Outcome, Setting, What
from lastmile.alerting.channels.fake.network import Network
from lastmile.alerting.channels.fake.script import CALM, Script
from lastmile.alerting.channels.said import said
from lastmile.kernel import clock

Failure = Callable[[Sequence[Message]], list[Outcome]]


class FakeChannel:
    """`fail_next(…)` scripts the outcomes of coming batches: an exception to raise, or a function of the batch."""

    name = "fake"
    can = Capabilities(contact="phone", receipts=True, replies=True, batch=1000)

    def __init__(self, script: Script = CALM, *, seed: int = 1) -> None:
        self.network = Network(script, seed=seed)
        self.batches: list[int] = []  # how many messages came in each send
        self._failures: deque[Failure | Exception] = deque()

    @property
    def label(self) -> str:
        return _("invented phones")

    @property
    def meaning(self) -> str:
        return _("Nobody real is told: the phones are invented and live in this program, for rehearsals and tests.")

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def fail_next(self, *failures: Failure | Exception) -> None:
        self._failures.extend(failures)

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        self.batches.append(len(batch))
        failure = self._failures.popleft() if self._failures else None
        if isinstance(failure, Exception):
            raise failure
        if failure is not None:
            return failure(batch)
        return [self.take(message) for message in batch]

    def take(self, message: Message) -> Outcome:
        """Accept one message as the network does; for scripted failures that take a part of a batch."""
        taken = self.network.take(message.key, message.address, message.text, clock.now().timestamp())
        return ACCEPTED if taken.status == "accepted" else Outcome(What.REFUSED, taken.reason)

    async def health(self) -> Health:
        return Health(ok=True, says=said(gettext_noop("The invented phones are ready.")))

    def settings(self) -> list[Setting]:
        return []

    def problems(self) -> list[str]:
        return []


class NullChannel:
    """Accepts everything and forgets it: what is left is the speed of the rest."""

    name = "null"
    can = Capabilities(contact="phone", batch=1000, in_flight=64)

    def __init__(self) -> None:
        self.accepted = 0

    @property
    def label(self) -> str:
        return _("nowhere")

    @property
    def meaning(self) -> str:
        return _("Nobody is told: messages are dropped, to measure the rest of the way.")

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        self.accepted += len(batch)
        return [ACCEPTED] * len(batch)

    async def health(self) -> Health:
        return Health(ok=True, says=said(gettext_noop("Nothing can fail here.")))

    def settings(self) -> list[Setting]:
        return []

    def problems(self) -> list[str]:
        return []


def from_settings() -> FakeChannel:
    return FakeChannel()


def null_from_settings() -> NullChannel:
    return NullChannel()
