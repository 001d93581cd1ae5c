"""What a channel must be able to do, and what it may declare.

A channel is one folder: transport, settings form, health check, tests. `send` gets a batch whose contacts are opened
and whose texts are rendered, outside any transaction, and says for each message what to do next. It never raises for
a message; an exception means the whole batch's outcome is unknown. Channels know this file and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol


class Message(NamedTuple):
    """One person's copy. `key` is the idempotency key: the same for every try of the same hand-over."""

    key: str
    person: int
    address: str
    text: str
    subject: str = ""


class What(Enum):
    ACCEPTED = "accepted"  # the gateway has it; not yet delivered
    RETRY = "retry"  # try again after `after` seconds
    REFUSED = "refused"  # this message will never be accepted: a wrong number, a blocked address
    UNKNOWN = "unknown"  # it may or may not have been accepted


class Outcome(NamedTuple):
    what: What
    reason: str = ""
    after: float = 0.0  # seconds, for RETRY


ACCEPTED = Outcome(What.ACCEPTED)


class WhenUnknown(Enum):
    """What to do with a hand-over whose outcome is not known."""

    SEND_AGAIN = "send again"  # the gateway drops a key it has seen: nothing doubles
    ASK_PERSON = "show"  # leave it unknown and show it: a doubled message is worse than a doubtful one


@dataclass(frozen=True)
class Capabilities:
    contact: str  # Contact.kind it needs: "phone", "email"; "" for channels that address no single person
    receipts: bool = False  # reports delivery per person
    replies: bool = False  # people can answer on it
    batch: int = 500  # messages in one send at most
    in_flight: int = 8  # sends at the same time
    per_second: int = 0  # messages a second the far side takes; 0: as many as it can
    personal: bool = True  # carries a personal link
    when_unknown: WhenUnknown = WhenUnknown.SEND_AGAIN


class Health(NamedTuple):
    ok: bool
    says: str


class Channel(Protocol):
    name: str
    label: str
    can: Capabilities

    async def open(self) -> None:
        """Get connections ready; called once in each worker."""

    async def close(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        """One outcome for each message, in order."""
        ...

    async def health(self) -> Health: ...
