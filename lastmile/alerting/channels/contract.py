"""What a channel must be able to do, and what it may declare.

A channel is one folder: transport, settings form, health check, tests. `send` gets a batch whose contacts are opened
and whose texts are rendered, outside any transaction, and says for each message what to do next. It never raises for
a message; an exception means the whole batch's outcome is unknown. Channels know this file and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol, overload


class Message(NamedTuple):
    """One person's copy. `key` is the idempotency key: the same for every try of the same hand-over.

    `leave` is where a reader's program ends a list by itself (RFC 8058); a warning to a resident is no list.
    """

    key: str
    person: int
    address: str
    text: str
    subject: str = ""
    leave: str = ""
    language: str = "zh"


class Batch(Sequence[Message]):
    """The messages of one send, kept as columns: making a tuple for each person costs as much as writing their text.

    A sequence of Message for channels that take them one by one; the columns are there for those that send them whole.
    """

    __slots__ = ("addresses", "keys", "persons", "subjects", "texts")

    def __init__(
        self,
        keys: Sequence[str],
        persons: Sequence[int],
        addresses: Sequence[str],
        texts: Sequence[str],
        subjects: Sequence[str],
    ) -> None:
        self.keys, self.persons, self.addresses, self.texts, self.subjects = keys, persons, addresses, texts, subjects

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Message]:
        return map(Message, self.keys, self.persons, self.addresses, self.texts, self.subjects)

    @overload
    def __getitem__(self, at: int) -> Message: ...

    @overload
    def __getitem__(self, at: slice) -> Batch: ...

    def __getitem__(self, at: int | slice) -> Message | Batch:
        make = Batch if isinstance(at, slice) else Message
        return make(self.keys[at], self.persons[at], self.addresses[at], self.texts[at], self.subjects[at])  # type: ignore[arg-type]  # one or many, by `at`


class Key(NamedTuple):
    """Which hand-over an idempotency key stands for."""

    event: int
    person: int
    channel: str
    wave: int


def key(event: int, person: int, channel: str, wave: int) -> str:
    """The idempotency key of one hand-over: equal for every try, different for every "send again"."""
    return f"{event}-{person}-{channel}-{wave}"


def read_key(text: str) -> Key:
    """The parts of a key that we made. Raises ValueError for any other text."""
    event, person, channel, wave = text.split("-")
    return Key(int(event), int(person), channel, int(wave))


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
    lines: int = 0  # telephone calls at the same time; 0: it does not ring, it writes
    personal: bool = True  # carries a personal link
    when_unknown: WhenUnknown = WhenUnknown.SEND_AGAIN


class Health(NamedTuple):
    ok: bool
    says: str


class Setting(NamedTuple):
    """One setting as the channel page shows it; a secret's value is never shown."""

    name: str
    value: str
    secret: bool = False

    def shown(self) -> str:
        if self.secret:
            return "••••••" if self.value else ""
        return self.value


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def can(self) -> Capabilities: ...

    async def open(self) -> None:
        """Get connections ready; called once in each worker."""

    async def close(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        """One outcome for each message, in order."""
        ...

    async def health(self) -> Health: ...


class Installed(Channel, Protocol):
    """A channel of the registry: it also explains itself to the people who run it."""

    @property
    def meaning(self) -> str:
        """What "accepted" and a receipt prove on this channel, in honest words."""
        ...

    def settings(self) -> list[Setting]: ...

    def problems(self) -> list[str]:
        """Sentences that name a setting that is missing or wrong, and its mend. Empty when the channel can work."""
        ...
