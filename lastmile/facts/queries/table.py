"""A request as its table: every cell with its value, age and state; progress by place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.org.models import Place
from lastmile.facts import values
from lastmile.facts.models import Ask, Cell, Request, Subject
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor, Perm, within

WAITING = {Cell.State.ASKED, Cell.State.JOINED}
COLOURS = {
    Cell.State.KNOWN: "blue",
    Cell.State.REPEATED: "orange",
    Cell.State.JOINED: "purple",
    Cell.State.ASKED: "yellow",
    Cell.State.ANSWERED: "green",
    Cell.State.UNKNOWN: "red",
    Cell.State.WITHDRAWN: "secondary",
}
STATES = [("waiting", gettext_lazy("waits for answers")), ("complete", gettext_lazy("complete"))]


@dataclass
class Shown:
    """One cell. `was` says how old a value was when it was asked for."""

    text: str
    state: str
    label: str
    value: str
    as_of: date | None
    words: str
    kind: str

    @property
    def colour(self) -> str:
        return COLOURS[Cell.State(self.state)]

    @property
    def days(self) -> int | None:
        return max(0, (clock.today() - self.as_of).days) if self.as_of else None


@dataclass
class Line:
    """One row: a place or a special site, with its cells in the order of the columns."""

    place: str
    place_name: str
    site: int | None
    site_name: str
    cells: list[Shown | None]
    states: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return self.site_name or self.place_name

    @property
    def waiting(self) -> int:
        return sum(self.states[state] for state in WAITING)

    @property
    def progress(self) -> str:
        return "waiting" if self.waiting else "complete"

    @property
    def progress_label(self) -> str:
        return str(dict(STATES)[self.progress])


def lines(request: Request, actor: Actor | None = None) -> list[Line]:
    """The table, cut to the actor's area when they are not of the unit that asks."""
    cells = Cell.objects.filter(request=request).select_related("site")
    if actor is not None and not sees_all(actor, request):
        cells = cells.filter(within(actor.scopes(Perm.FACT_READ)))
    order = {one["name"]: index for index, one in enumerate(request.fields)}
    kinds = {one["name"]: one for one in request.fields}
    names = dict(Place.objects.filter(code__in={cell.place for cell in cells}).values_list("code", "name"))
    found: dict[tuple[str, int | None], Line] = {}
    for cell in cells:
        key = (cell.place, cell.site_id)
        name = cell.site.name if cell.site else ""
        line = found.setdefault(
            key, Line(cell.place, names.get(cell.place, cell.place), cell.site_id, name, [None] * len(order))
        )
        line.cells[order[cell.field]] = _shown(cell, kinds[cell.field])
        line.states[cell.state] += 1
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or 0))]


def sees_all(actor: Actor, request: Request) -> bool:
    return request.place_id.startswith(actor.scopes(Perm.FACT_READ) or ("-",))


def _shown(cell: Cell, one: dict[str, Any]) -> Shown:
    return Shown(
        text=values.shown(one["type"], cell.value, one["unit"]),
        state=cell.state,
        label=str(Cell.State(cell.state).label),
        value=cell.value,
        as_of=cell.as_of,
        words=cell.words,
        kind=one["type"],
    )


@dataclass
class Heard:
    """How far one ask is, for the unit that waits."""

    ask: Ask
    place_name: str
    left: int
    total: int

    @property
    def late(self) -> bool:
        return self.ask.state == Ask.State.OPEN and self.ask.request.due_at < clock.now()


def progress(request: Request) -> list[Heard]:
    """Every ask of the request, those that wait first."""
    asks = list(request.asks.select_related("request", "post"))
    names = dict(Place.objects.filter(code__in={ask.place for ask in asks}).values_list("code", "name"))
    states: dict[int, Counter[str]] = defaultdict(Counter)
    for ask, state in Cell.objects.filter(ask__in=asks, was_asked=True).values_list("ask", "state"):
        states[ask or 0][state] += 1
    heard = [
        Heard(ask, names.get(ask.place, ask.place), states[ask.pk][Cell.State.ASKED], states[ask.pk].total())
        for ask in asks
    ]
    return sorted(heard, key=lambda one: (-one.left, one.ask.place))


def totals(request: Request, shown: Sequence[Line]) -> list[str]:
    """Under each column its sum, where adding makes sense."""
    found = []
    for index, one in enumerate(request.fields):
        column = [line.cells[index] for line in shown]
        added = values.total(one["type"], [cell.value for cell in column if cell and cell.value])
        found.append(added if any(cell and cell.value for cell in column) else "")
    return found


def export_head(request: Request) -> list[str]:
    head = [_("Place code"), _("Place")]
    if request.subject == Subject.SITE:
        head.append(_("Special site"))
    for one in request.fields:
        label = f"{one['label']} ({one['unit']})" if one["unit"] else one["label"]
        head += [label, _("As of"), _("State")]
    return head


def export_rows(request: Request, shown: Sequence[Line]) -> list[list[Any]]:
    """Every value with its day and state, so that nobody takes an old number for a new one."""
    made = []
    for line in shown:
        row: list[Any] = [line.place, line.place_name]
        if request.subject == Subject.SITE:
            row.append(line.site_name)
        for cell in line.cells:
            if cell is None:
                row += ["", "", ""]
            else:
                row += [values.cell(cell.kind, cell.value), cell.as_of or "", cell.words or cell.label]
        made.append(row)
    return made
