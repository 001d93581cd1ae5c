"""What a post sees of what it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet

from lastmile.facts import dictionary, values
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Ask, Cell, FieldType, Request
from lastmile.facts.queries import scope, standing
from lastmile.facts.queries.rows import Row
from lastmile.facts.queries.standing import Known
from lastmile.kernel.permissions import Actor, Perm, within


@dataclass(frozen=True)
class Question:
    """One input. `before` is what was last known, too old now to count."""

    name: str
    cell: Cell
    field: Field
    typed: str
    cannot: str
    wrong: str
    before: Known | None

    @property
    def mode(self) -> str:
        """The keyboard a phone brings up."""
        return {FieldType.WHOLE: "numeric", FieldType.DECIMAL: "decimal"}.get(FieldType(self.field.type), "text")

    @property
    def options(self) -> list[tuple[str, str]]:
        """Big buttons instead of typing."""
        if self.field.type == FieldType.YES_NO:
            return [(word, values.shown(FieldType.YES_NO, word)) for word in ("yes", "no")]
        return [(word, word) for word in self.field.choices]

    @property
    def before_shown(self) -> str:
        return values.shown(self.field.type, self.before.value, str(self.field.unit)) if self.before else ""


AT_ONCE = 60  # inputs of one page: a grid of 300 doors is answered door by door, not on one page of a thousand


def parts(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Cells in their order, cut into pages of some 60 inputs; a row (a door, a site) is not cut in two."""
    made: list[list[Cell]] = []
    for _row, here in groupby(cells, key=lambda cell: (cell.place, cell.site_id, cell.home_id)):
        row = list(here)
        if made and len(made[-1]) + len(row) <= AT_ONCE:
            made[-1] += row
        else:
            made.append(row)
    return made


def questions(
    cells: Sequence[Cell], request: Request, typed: Mapping[str, str], wrong: Mapping[str, Any]
) -> list[Question]:
    fields = {name: dictionary.field(name) for name in {cell.field for cell in cells}}
    rows = {Row(cell.place, cell.site_id, "", cell.home_id) for cell in cells}
    known = standing.known(list(fields.values()), sorted(rows, key=lambda row: row.slug))
    return [
        Question(
            name=f"c{cell.pk}",
            cell=cell,
            field=fields[cell.field],
            typed=typed.get(f"c{cell.pk}", ""),
            cannot=typed.get(f"cannot-c{cell.pk}", ""),
            wrong=str(wrong.get(f"c{cell.pk}", "")),
            before=known.get((cell.field, cell.place, cell.site_id, cell.home_id)),
        )
        for cell in cells
    ]


def waiting_asks(actor: Actor) -> QuerySet[Ask]:
    """What waits for an answer at the places where the actor enters facts, the most pressing first."""
    scopes = actor.scopes(Perm.FACT_ENTER)
    rows = Ask.objects.filter(within(scopes), state=Ask.State.OPEN)
    here = {place for place in rows.values_list("place", flat=True).distinct() if scope.may_enter(actor, place)}
    left = Count("cells", filter=Q(cells__state=Cell.State.ASKED))
    mine = rows.filter(place__in=here).select_related("request__place", "post")
    return mine.annotate(left=left).order_by("request__due_at", "pk")


def answered(ask: Ask) -> list[tuple[str, str, str]]:
    """(what, answer, state) of what is answered already."""
    cells = ask.cells.filter(request=ask.request).exclude(state=Cell.State.ASKED).select_related("site", "home")
    made = []
    for cell in cells.order_by("site", "home", "pk"):
        one = ask.request.field(cell.field)
        label = f"{cell.of} {one['label']}".strip()
        said = values.shown(one["type"], cell.value, one["unit"]) if cell.state == Cell.State.ANSWERED else cell.words
        made.append((label, said, str(Cell.State(cell.state).label)))
    return made
