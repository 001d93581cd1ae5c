"""Store what a chain of answers says, after somebody has looked at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.facts import values
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Entry, FieldType, Via
from lastmile.facts.queries.rows import Row
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor


@dataclass(frozen=True)
class Confirmed:
    """One line as it was confirmed: its row, and a value for each field."""

    line: int
    row: Row
    values: Sequence[str]


@transaction.atomic
def store(by: Actor, fields: Sequence[Field], confirmed: Sequence[Confirmed]) -> list[Entry]:
    """Add up what belongs to one row and append it: all lines, or none with a sentence for each that is wrong."""
    if not confirmed:
        raise Refusal(_("No line was confirmed."), _("Say for at least one line whose answer it is."))
    wrong: dict[str, str] = {}
    told: dict[tuple[str, Row], list[str]] = defaultdict(list)
    for one in confirmed:
        for index, field in enumerate(fields):
            typed = one.values[index] if index < len(one.values) else ""
            name = f"value-{one.line}-{index}"
            try:
                if values.clean(typed):
                    told[field.name, one.row].append(_value(field, typed))
            except Refusal as refusal:
                wrong[name] = f"{refusal.says} {refusal.mend}".strip()
    said = [_together(field, row, told[field.name, row]) for field in fields for row in _rows(told, field)]
    wrong |= {f"row {one.row.label}": one.says for one in said if isinstance(one, Clash)}
    if wrong:
        raise Refusal(_("Some lines can't be taken; nothing was saved."), _("Correct them below."), fields=wrong)
    if not said:
        raise Refusal(_("No line has a value."), _("Write the values beside the lines."))
    return enter(by, [one for one in said if isinstance(one, Said)], Via.CHAIN)


def _value(field: Field, typed: str) -> str:
    return values.read(field.type, typed, unit=str(field.unit), choices=field.choices)


def _rows(told: Mapping[tuple[str, Row], list[str]], field: Field) -> list[Row]:
    return [row for name, row in told if name == field.name]


@dataclass(frozen=True)
class Clash:
    """Several lines of one row that can't be put together."""

    row: Row
    says: str


def _together(field: Field, row: Row, told: list[str]) -> Said | Clash:
    """Numbers are added; other answers must agree."""
    note = _("from a chat chain, %(n)s lines") % {"n": len(told)}
    if field.type in (FieldType.WHOLE, FieldType.DECIMAL):
        return Said(field, row.place, row.site, values.total(field.type, told), source=_("chat chain"), note=note)
    if len(set(told)) > 1:
        return Clash(row, _("%(label)s: the lines contradict each other.") % {"label": field.label})
    return Said(field, row.place, row.site, told[0], source=_("chat chain"), note=note)
