"""Facts as a workbook: one row a place, site or door, one column a field. What is exported can be read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from lastmile.community.org.models import Place
from lastmile.community.people.sheets.cells import text
from lastmile.community.people.sheets.read import ODD
from lastmile.community.people.sheets.workbook import tables
from lastmile.facts import dictionary, values
from lastmile.facts.actions.enter import Said
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Subject
from lastmile.facts.queries import standing
from lastmile.facts.queries.rows import Row, under
from lastmile.kernel.errors import Refusal

SHEET = "1"  # as it is exported
CODE, NAME = "区划代码", "名称"  # headings are data, the same in every language of the console
MOST_ROWS, MOST_COLUMNS, MOST_SAID = 2_000, 60, 5_000
SHOWN_ERRORS = 100


@dataclass
class Read:
    """What a workbook says. Nothing is to be stored unless `errors` is empty."""

    said: list[Said] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    same: int = 0  # cells that hold what is known already


def heading(one: Field) -> str:
    return f"{one.label} ({one.unit})" if one.unit else str(one.label)


def level_below(place: Place, level: int, subject: str = Subject.PLACE) -> tuple[list[Field], list[Row]]:
    """The entered fields of a kind of rows, and these rows under a place."""
    fields = [one for one in dictionary.fields(subject=subject, level=level) if not one.is_derived]
    return fields, under([place.code], subject, level)


def exported(
    place: Place, level: int, subject: str = Subject.PLACE, *, derived: bool = False
) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows; with what is counted as well when it is not meant to be read back."""
    fields, rows = level_below(place, level, subject)
    if derived:
        fields = dictionary.fields(subject=subject, level=level)
    known = standing.known(fields, rows)
    body: list[list[Any]] = []
    for row in rows:
        line: list[Any] = [row.place, row.label]
        for one in fields:
            found = known.get((one.name, *row.key))
            line.append(values.cell(one.type, found.value) if found else "")
        body.append(line)
    return [CODE, NAME, *(heading(one) for one in fields)], body


def read(place: Place, level: int, filename: str, content: bytes, subject: str = Subject.PLACE) -> Read:
    """What differs from what is known, with every mistake at its cell. Raises Refusal when the file is no good."""
    fields, rows = level_below(place, level, subject)
    table = tables(filename, content, {SHEET: MOST_COLUMNS}).get(SHEET)
    if table is None or table.merged or not table.rows:
        raise Refusal(_("The sheet is empty or has merged cells."), _("Export the table, fill it in, upload that."))
    if len(table.rows) > MOST_ROWS:
        raise Refusal(_("More than %(n)s rows. Split the workbook.") % {"n": MOST_ROWS})
    found = Read()
    columns = _columns([text(cell) for cell in table.rows[0][1]], fields, found)
    named = subject != Subject.PLACE  # a site or door is found by its name beside the code of its place
    by_code = {(row.place, row.label if named else ""): row for row in rows}
    known = standing.known(fields, rows)
    for number, cells in table.rows[1:]:
        if number in table.odd:
            index, odd = table.odd[number]
            _wrong(found, index, number, str(ODD[odd]))
        else:
            texts = [text(cell) for cell in cells]
            key = (texts[0], texts[1] if named and len(texts) > 1 else "")
            _row(number, texts, columns, by_code.get(key), known, found)
    if len(found.said) > MOST_SAID:
        raise Refusal(_("More than %(n)s new values.") % {"n": MOST_SAID}, _("Split the workbook."))
    return found


def _columns(head: Sequence[str], fields: Sequence[Field], found: Read) -> dict[int, Field]:
    wanted = {dictionary.plain(heading(one)): one for one in fields}
    columns: dict[int, Field] = {}
    if head[0] != CODE:
        raise Refusal(
            _("The first column must be headed “%(heading)s”.") % {"heading": CODE},
            _("Export the table, fill it in, upload that."),
        )
    for index, label in enumerate(head):
        if index == 0 or not label or label == NAME:
            continue
        one = wanted.get(dictionary.plain(label))
        if one is None:
            _wrong(found, index, 1, _("“%(label)s” is no field of this level.") % {"label": label[:40]})
        elif one in columns.values():
            _wrong(found, index, 1, _("This field is there twice."))
        else:
            columns[index] = one
    if not columns and not found.errors:
        raise Refusal(_("The table has no column for any field."), _("Export the table, fill it in, upload that."))
    return columns


def _row(
    number: int,
    cells: Sequence[str],
    columns: dict[int, Field],
    row: Row | None,
    known: dict[standing.Key, standing.Known],
    found: Read,
) -> None:
    filled = [index for index in columns if cells[index]]
    if not filled:
        return
    if row is None:
        _wrong(found, 0, number, _("“%(code)s” is no row of this table.") % {"code": " ".join(cells[:2])[:40]})
        return
    for index in filled:
        one = columns[index]
        try:
            value = values.read(one.type, cells[index], unit=str(one.unit), choices=one.choices)
        except Refusal as refusal:
            _wrong(found, index, number, f"{refusal.says} {refusal.mend}")
            continue
        before = known.get((one.name, *row.key))
        if before is not None and before.value == value and before.fresh:
            found.same += 1
        else:
            at = f"{get_column_letter(index + 1)}{number}"
            found.said.append(Said(one, row.place, row.site, value, source=_("workbook"), at=at, home=row.home))


def _wrong(found: Read, index: int, number: int, says: str) -> None:
    if len(found.errors) < SHOWN_ERRORS:
        found.errors.append((f"{get_column_letter(index + 1)}{number}", says))
