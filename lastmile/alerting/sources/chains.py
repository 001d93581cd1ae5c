"""Which message of a chain holds: a function of the set of messages, so order and repetition can't matter.

A message names itself and others by tokens. Messages that share a token are one chain, also when what connects them
comes last. Of a chain, the message holds that no other one replaces; of several, the trusted one, then the one sent
last. What is not trusted replaces nothing that is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lastmile.alerting.cap import values
from lastmile.alerting.cap.model import Alert

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
RANK: Final = {"Alert": 0, "Update": 1, "Cancel": 2}


@dataclass(frozen=True)
class Link:
    """What of a message matters for its chain. `own` are its names, `refers` those of what it replaces."""

    pk: int
    own: frozenset[str]
    refers: frozenset[str]
    sent: datetime
    kind: str
    trusted: bool
    identifier: str

    @property
    def order(self) -> tuple[datetime, int, str, str]:
        return self.sent, RANK.get(self.kind, 0), self.identifier, min(self.own, default="")

    def names(self, other: Link) -> bool:
        return bool(self.refers & other.own)


def holds(links: Iterable[Link]) -> Link | None:
    """The message that holds; None where there is none at all."""
    best = _best(links)
    free = [one for one in best if not any(_replaces(other, one) for other in best if other is not one)]
    return max(free or best, key=lambda one: (one.trusted, *one.order), default=None)


def _best(links: Iterable[Link]) -> list[Link]:
    """One for each message: of copies from several sources the trusted one, then the first."""
    found: dict[frozenset[str], Link] = {}
    for one in sorted(links, key=lambda one: (not one.trusted, one.pk)):
        found.setdefault(frozenset(token for token in one.own if token.startswith("=")), one)
    return list(found.values())


def _replaces(later: Link, earlier: Link) -> bool:
    """A reference replaces; where two refer to each other, or to one reused identifier, the one sent last does."""
    if earlier.trusted and not later.trusted:
        return False
    if not later.names(earlier):
        return False
    return not earlier.names(later) or later.order > earlier.order


def own(alert: Alert, source: int) -> frozenset[str]:
    """By sender, identifier and time everywhere; by the identifier alone inside one source."""
    sender, identifier = (alert.sender or "").strip(), (alert.identifier or "").strip()
    names = {_token("=", sender, identifier, _time(alert.sent))}
    return frozenset(names | ({_token("~", str(source), identifier)} if identifier else set()))


def refers(alert: Alert, source: int) -> frozenset[str]:
    """What it replaces: references by three parts, and the bare identifiers of the national feed."""
    found = set()
    for word in (alert.references or "").split():
        parts = word.split(",")
        if len(parts) == 3 and all(parts):
            found.add(_token("=", parts[0], parts[1], _time(parts[2])))
        elif len(parts) == 1:
            found.add(_token("~", str(source), word))
    return frozenset(found)


def key(alert: Alert) -> str:
    """What makes a message the same one when it comes again."""
    return _token("=", (alert.sender or "").strip(), (alert.identifier or "").strip(), _time(alert.sent))[1:]


def _time(text: str | None) -> str:
    """One spelling for one moment: senders write the same time with other offsets."""
    at = values.moment(text)
    return at.astimezone(UTC).isoformat() if at else (text or "").strip()


def _token(kind: str, *parts: str) -> str:
    return kind + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:62]
