"""A request as its table: every cell with its value, age and state; progress by place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.org.models import Place
from lastmile.community.people.queries.homes import Home, masked
from lastmile.facts import values
from lastmile.facts.models import Ask, Cell, FieldType, Request, Subject
from lastmile.facts.queries.rows import Of
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
LABELS = {state.value: state.label for state in Cell.State}
WHAT = {Subject.SITE: gettext_lazy("Special site"), Subject.HOME: gettext_lazy("Door")}
AT_ONCE = 500  # lines; more are read without naming their places
STATES = [("waiting", gettext_lazy("waits for answers")), ("complete", gettext_lazy("complete"))]


@dataclass
class Shown:
    """One cell. `was` says how old a value was when it was asked for."""

    text: str
    state: str
    label: str | Promise
    value: str
    as_of: date | None
    words: str
    kind: str

    @property
    def colour(self) -> str:
        return COLOURS[Cell.State(self.state)]

    @property
    def day(self) -> str:
        """Written by the hundred on one page: a filter of the template is ten times slower."""
        return self.as_of.isoformat() if self.as_of else ""

    @property
    def days(self) -> int | None:
        return max(0, (clock.today() - self.as_of).days) if self.as_of else None


@dataclass
class Line:
    """One row: a place, a special site or a household; its cells, in the order of the columns, come by `fill`."""

    place: str
    place_name: str
    site: int | None
    home: int | None
    what: str  # the name of the site, the number of the door; empty for a place
    waiting: int
    cells: list[Shown | None] = field(default_factory=list)

    @property
    def key(self) -> Of:
        return self.place, self.site, self.home

    @property
    def name(self) -> str:
        return self.what or self.place_name

    @property
    def progress(self) -> str:
        return "waiting" if self.waiting else "complete"

    @property
    def progress_label(self) -> str:
        return str(dict(STATES)[self.progress])


def cells_of(request: Request, actor: Actor | None = None) -> QuerySet[Cell]:
    """The cells, cut to the actor's area when they are not of the unit that asks; doors are for who may see doors."""
    cells = Cell.objects.filter(request=request)
    if actor is not None and not sees_all(actor, request):
        cells = cells.filter(within(actor.scopes(Perm.FACT_READ)))
    if actor is not None and request.subject == Subject.HOME:
        cells = cells.filter(within(actor.scopes(Perm.HOUSEHOLD_READ)))
    return cells


def lines(request: Request, actor: Actor | None = None) -> list[Line]:
    """The rows without their cells: a city's table has a hundred thousand, and a page shows a few of them."""
    cells = cells_of(request, actor)
    waits = cells.filter(state__in=WAITING).order_by()
    waiting = {
        (place, site, home): n
        for place, site, home, n in waits.values_list("place", "site", "home").annotate(n=Count("pk"))
    }
    # every row has a cell of every column: those of the first column are the rows
    rows = cells.filter(field=request.fields[0]["name"])
    order = ("place", "home__walking_order", "home__number", "site__name", "pk")
    called = Subquery(Place.objects.filter(code=OuterRef("place")).values("name"))
    columns = ("place", "site", "home", "site__name", "home__number", "called")
    return [
        Line(place, name or place, site, home, site_name or number or "", waiting.get((place, site, home), 0))
        for place, site, home, site_name, number, name in rows.order_by(*order)
        .annotate(called=called)
        .values_list(*columns)
    ]


def fill(request: Request, shown: Sequence[Line], opened: Mapping[int, Home] | None = None) -> None:
    """Put the cells into these lines; personal columns are masked unless they were `opened`."""
    order = {one["name"]: index for index, one in enumerate(request.fields)}
    by_key = {line.key: line for line in shown}
    for line in shown:
        line.cells = [None] * len(order)
    cells = Cell.objects.filter(request=request, field__in=list(order))
    if len(shown) <= AT_ONCE:
        cells = cells.filter(place__in={line.place for line in shown})
    columns = ("field", "place", "site", "home", "state", "value", "as_of", "words")
    for name, place, site, home, state, value, as_of, words in cells.values_list(*columns).iterator(chunk_size=10_000):
        row = by_key.get((place, site, home))
        if row is not None:
            row.cells[order[name]] = _shown(request.fields[order[name]], state, value, as_of, words)
    if request.is_sealed:
        _personal(request, shown, opened)


def _personal(request: Request, shown: Sequence[Line], opened: Mapping[int, Home] | None) -> None:
    """Read the personal parts from where they are kept; the table itself holds none."""
    parts = masked([line.home for line in shown if line.home is not None]) if opened is None else opened
    for index, one in enumerate(request.fields):
        for line in shown:
            cell = line.cells[index]
            if one.get("sealed") and cell is not None and line.home is not None and line.home in parts:
                cell.text = cell.value = getattr(parts[line.home], one["sealed"])


def sees_all(actor: Actor, request: Request) -> bool:
    return request.place_id.startswith(actor.scopes(Perm.FACT_READ) or ("-",))


def _shown(one: dict[str, Any], state: str, value: str, as_of: date | None, words: str) -> Shown:
    text = values.shown(one["type"], value, one["unit"])
    return Shown(text, state, LABELS[state], value, as_of, words, one["type"])


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


def progress(request: Request, most: int) -> list[Heard]:
    """The asks of the request, those that wait first, and of the waiting ones those without a post."""
    waits = Case(When(state=Ask.State.OPEN, then=0), default=1)
    rows = request.asks.select_related("post").defer("draft").annotate(waits=waits)
    asks = list(rows.order_by("waits", F("post").asc(nulls_first=True), "place")[:most])
    for one in asks:
        one.request = request  # the same of all of them
    names = dict(Place.objects.filter(code__in={ask.place for ask in asks}).values_list("code", "name"))
    states: dict[int, Counter[str]] = defaultdict(Counter)
    for ask, state in Cell.objects.filter(ask__in=asks, was_asked=True).values_list("ask", "state"):
        states[ask or 0][state] += 1
    return [
        Heard(ask, names.get(ask.place, ask.place), states[ask.pk][Cell.State.ASKED], states[ask.pk].total())
        for ask in asks
    ]


def totals(request: Request, actor: Actor | None = None) -> list[str]:
    """Under each column its sum, where adding makes sense; added up by the database."""
    told = cells_of(request, actor).exclude(value="").order_by()
    amounts = {
        FieldType.WHOLE: Sum(Cast("value", BigIntegerField())),
        FieldType.DECIMAL: Sum(Cast("value", DecimalField(max_digits=40, decimal_places=6))),
        FieldType.YES_NO: Count("pk", filter=Q(value="yes")),
    }
    added: dict[str, Any] = {}
    for kind, amount in amounts.items():
        names = [one["name"] for one in request.fields if one["type"] == kind]
        if names:
            # all columns are added up by reading the request once, some of them by looking for each
            of_kind = told if len(names) == len(request.fields) else told.filter(field__in=names)
            added |= dict(of_kind.values_list("field").annotate(n=amount))
    return [values.plain_number(added.get(one["name"])) for one in request.fields]


def export_head(request: Request) -> list[str]:
    head = [_("Place code"), _("Place")]
    if request.subject != Subject.PLACE:
        head.append(str(WHAT[Subject(request.subject)]))
    for one in request.fields:
        label = f"{one['label']} ({one['unit']})" if one["unit"] else one["label"]
        head += [label, _("As of"), _("State")]
    return head


def export_rows(request: Request, shown: Sequence[Line]) -> list[list[Any]]:
    """Every value with its day and state, so that nobody takes an old number for a new one."""
    made = []
    for line in shown:
        row: list[Any] = [line.place, line.place_name]
        if request.subject != Subject.PLACE:
            row.append(line.what)
        for cell in line.cells:
            if cell is None:
                row += ["", "", ""]
            else:
                row += [values.cell(cell.kind, cell.value), cell.as_of or "", cell.words or cell.label]
        made.append(row)
    return made
