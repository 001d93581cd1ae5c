"""How long each class of data is kept, on what ground, and what happens then: one table for every room.

Rooms name their classes when they start. Days may be changed on the page by whoever holds RETENTION_EDIT, between
the limits the room gives; the job that does it asks `days` each time. Why: docs/adr/0036-the-retention-table.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotFound, Refusal, Text
from lastmile.kernel.models import Retention

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


class Kept(NamedTuple):
    """A class of data. Editable where it has `days`; otherwise `fixed` says in words how long it is kept."""

    name: str
    order: int  # on the page
    label: Text  # what it is
    basis: Text  # the ground in law
    then: Text  # what happens when the time is over
    days: int = 0
    least: int = 0
    most: int = 0
    fixed: Callable[[], Text] | None = None

    @property
    def editable(self) -> bool:
        return self.fixed is None


class Row(NamedTuple):
    """A line of the table as it stands."""

    kept: Kept
    days: int
    changed: Retention | None

    @property
    def how_long(self) -> Text:
        return self.kept.fixed() if self.kept.fixed else _("%(days)d days") % {"days": self.days}


_KEPT: dict[str, Kept] = {}


def register(*kept: Kept) -> None:
    _KEPT.update({one.name: one for one in kept})


def days(name: str) -> int:
    """How many days the class is kept, as it is set now."""
    changed = Retention.objects.filter(pk=name).first()
    return _within(_KEPT[name], changed.days if changed else _KEPT[name].days)


def _within(kept: Kept, number: int) -> int:
    """A release may narrow the limits after somebody has set a number."""
    return min(max(number, kept.least), kept.most)


def table() -> list[Row]:
    changed = Retention.objects.in_bulk()
    rows = sorted(_KEPT.values(), key=lambda kept: (kept.order, kept.name))
    return [
        Row(kept, _within(kept, changed[kept.name].days if kept.name in changed else kept.days), changed.get(kept.name))
        for kept in rows
    ]


@transaction.atomic
def change(actor: Actor, name: str, number: int) -> Row:
    """Keep a class for so many days from now on. Raises NotFound, or Refusal outside what the law leaves open."""
    kept = _KEPT.get(name)
    if kept is None or not kept.editable:
        raise NotFound(_("There is no such class of data, or its time is fixed."), _("Go back to the table."))
    if not kept.least <= number <= kept.most:
        said = _("Between %(least)d and %(most)d days.") % {"least": kept.least, "most": kept.most}
        raise Refusal(_("The law does not leave this open."), said, fields={"days": said})
    before = days(name)
    if before != number:
        values = {"days": number, "changed_by": str(actor)[:60], "changed_at": clock.now()}
        Retention.objects.update_or_create(pk=name, defaults=values)
        audit.record("kernel.retention", actor=actor, data=name, before=before, after=number)
    return next(row for row in table() if row.kept.name == name)
