"""Open obligations, and withdraw what is no longer needed. The only way for other rooms to put work on a to-do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import transaction

from lastmile.duties import kinds, policies
from lastmile.duties.models import Cause, Obligation
from lastmile.duties.statements import fetch
from lastmile.kernel import clock

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

AT_ONCE = 5000  # rows of one statement


@dataclass(frozen=True, kw_only=True)
class New:
    """An obligation to be opened, by keys: owed by exactly one of `post`, `person` and `perm` (at `place`).

    `title` and `detail` hold no personal data. `danger` and `policy` are the kind's unless given.
    """

    kind: str
    key: str
    title: str
    place: str
    due_at: datetime
    post: int | None = None
    person: int | None = None
    perm: str = ""
    department: str = ""
    parent: int | None = None
    danger: int | None = None
    basis: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    longitude: float | None = None
    latitude: float | None = None
    policy: str | None = None
    again: bool = False  # open it again although it was closed: the need has come back

    def row(self, now: datetime) -> dict[str, Any]:
        kind = kinds.get(self.kind)
        if not kinds.known(self.kind):
            raise LookupError(f"no kind of obligation is called {self.kind}: register it in apps.ready")
        policy = policies.freeze(self.policy or kind.policy, now, self.due_at)
        return asdict(self) | {
            "title": self.title[:200],
            "basis": self.basis[:300],
            "perm": str(self.perm),
            "due_at": self.due_at.isoformat(),
            "danger": kind.danger if self.danger is None else self.danger,
            "policy": policy,
            "next_at": moment(policy, 0, now),
        }


def moment(policy: dict[str, Any], step: int, not_before: datetime) -> str | None:
    """When the step is due, as ISO text; None after the last."""
    steps = policy.get("steps", [])
    if step >= len(steps):
        return None
    return max(datetime.fromtimestamp(steps[step]["at"], UTC), not_before).isoformat()


@transaction.atomic
def create_many(items: Iterable[New], *, actor: Actor | None = None) -> int:
    """Open those that do not exist yet by (kind, key), in one statement for thousands; withdrawn ones open again.

    Returns how many were opened.
    """
    now, made, left = clock.now(), 0, iter(items)
    while part := list(islice(left, AT_ONCE)):
        rows = json.dumps([item.row(now) for item in part])
        made += len(fetch("create", rows=rows, now=now, actor=getattr(actor, "pk", None)))
    return made


@transaction.atomic
def create(*, actor: Actor | None = None, **fields: Any) -> Obligation:
    """Open one (the fields of `New`), or return the one that has this kind and key already."""
    create_many([New(**fields)], actor=actor)
    return Obligation.objects.get(kind=fields["kind"], key=fields["key"])


def withdraw_many(kind: str, keys: Sequence[str], *, actor: Actor | None = None, note: str = "") -> int:
    """Nobody needs these any more. Returns how many were open."""
    actor_pk = getattr(actor, "pk", None)
    return len(fetch("withdraw", kind=kind, keys=list(keys), now=clock.now(), actor=actor_pk, note=note[:500]))


def withdraw(kind: str, key: str, *, actor: Actor | None = None, note: str = "") -> bool:
    """Nobody needs it any more; False when it was not open."""
    return withdraw_many(kind, [key], actor=actor, note=note) == 1


def strip_words(kind: str, keys: str) -> int:
    """Destroy what was said about people in obligations of this kind whose keys begin so: the reason in brackets behind
    the title, the notes. For the room that made them, once it may keep it no longer. How many texts went."""
    return int(fetch("strip_words", kind=kind, keys=f"{keys}%", causes=list(Cause.values))[0][0])
