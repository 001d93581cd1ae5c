"""A new fact answers every open question it fits, whichever way it came in; what is complete is closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef

from lastmile.facts.actions import owed
from lastmile.facts.models import Ask, Cell, Entry, Request
from lastmile.kernel import audit, clock
from lastmile.kernel.permissions import Actor

WAITING = (Cell.State.ASKED, Cell.State.JOINED)


def settle(by: Actor, entries: Sequence[Entry]) -> None:
    """Answer the cells that wait for these facts. In the caller's transaction."""
    new = {(row.field, row.place, row.site_id, row.home_id): row for row in entries}
    places, names = {row.place for row in entries}, {row.field for row in entries}
    waiting = Cell.objects.select_for_update().filter(place__in=places, field__in=names, state__in=WAITING)
    answered = []
    for cell in waiting.order_by("pk"):
        entry = new.get((cell.field, cell.place, cell.site_id, cell.home_id))
        if entry is not None:
            cell.state, cell.value, cell.as_of, cell.entry = Cell.State.ANSWERED, entry.value, entry.as_of, entry
            answered.append(cell)
    Cell.objects.bulk_update(answered, ["state", "value", "as_of", "entry"], batch_size=2000)
    close(by, answered)


def close(by: Actor, cells: Iterable[Cell]) -> None:
    """Close the asks and requests of these cells that wait for nothing any more."""
    cells = list(cells)
    asks = {cell.ask_id for cell in cells if cell.ask_id}
    waits = Cell.objects.filter(ask=OuterRef("pk"), state=Cell.State.ASKED)
    for ask in Ask.objects.filter(~Exists(waits), pk__in=asks, state=Ask.State.OPEN):
        ask.state, ask.answered_at, ask.draft = Ask.State.ANSWERED, clock.now(), {}
        ask.save(update_fields=["state", "answered_at", "draft"])
        owed.answered(by, ask)
        audit.record("facts.answer", actor=by, place=ask.place, obj=ask, request=ask.request_id)
    open_cells = Cell.objects.filter(request=OuterRef("pk"), state__in=WAITING)
    done = Request.objects.filter(
        ~Exists(open_cells), pk__in={cell.request_id for cell in cells}, state=Request.State.OPEN
    )
    done.update(state=Request.State.ANSWERED, closed_at=clock.now())
