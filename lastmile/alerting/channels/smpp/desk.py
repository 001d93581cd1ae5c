"""What a channel asks of the house: remember what was handed over, and take what came back.

The answers to a hand-over and its delivery report carry a number of the centre's, and may come in any order, on any
bind, to any process. The house keeps both halves (alerting/smpp_desk.py); tests of the channel keep them in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from lastmile.alerting.channels.inbound import Reply


class Handed(NamedTuple):
    """A part that went out. `number` is the centre's for it; "" when nobody knows whether the centre has it."""

    key: str
    reference: int
    part: int
    parts: int
    number: str
    at: datetime


class Told(NamedTuple):
    """What became of a part: `status` is delivered or failed."""

    number: str
    status: str
    at: datetime
    reason: str = ""
    permanent: bool = False


class Known(NamedTuple):
    """A part that the centre has taken before."""

    key: str
    reference: int
    part: int
    parts: int


class News(NamedTuple):
    """What has gathered since the last write; written in one transaction."""

    handed: list[Handed]
    told: list[Told]
    replies: list[Reply]


class Desk(Protocol):
    async def known(self, centre: str, keys: Sequence[str]) -> list[Known]: ...

    async def write(self, centre: str, news: News) -> None:
        """Committed when it returns. Raises whatever kept it from that."""
        ...


class Memory:
    """Keeps everything in this process: for tests of the channel, and where there is no house behind it."""

    def __init__(self) -> None:
        self.handed: list[Handed] = []
        self.told: list[Told] = []
        self.replies: list[Reply] = []

    async def known(self, _centre: str, keys: Sequence[str]) -> list[Known]:
        wanted = set(keys)
        return [Known(*one[:4]) for one in self.handed if one.number and one.key in wanted]

    async def write(self, _centre: str, news: News) -> None:
        self.handed += news.handed
        self.told += news.told
        self.replies += news.replies


_current: list[Desk] = []


def use(desk: Desk) -> None:
    """The house says who keeps; called once when it starts."""
    _current[:] = [desk]


def current() -> Desk:
    return _current[0] if _current else Memory()
