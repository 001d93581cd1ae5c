"""From a workbook to checked rows, and every mistake with the address of its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter

from lastmile.community.people.models import Contact
from lastmile.community.people.sheets import cells
from lastmile.community.people.sheets.cells import Wrong
from lastmile.community.people.sheets.layout import (
    EXAMPLE,
    LANGUAGES,
    POSTS,
    ROLES,
    SHEETS,
    SITES,
    TERMINAL_SHEET,
    TERMINALS,
    YES,
    Column,
)
from lastmile.community.people.sheets.workbook import DATE, ERROR, FORMULA, Table, tables

ROW_LIMIT = 60_000  # rows of one sheet: ten communities
SHOWN_ERRORS = 200
Layout = Mapping[str, tuple[Column, ...]]


@dataclass
class Row:
    line: int
    values: dict[str, Any]
    texts: list[str]  # as typed, for the preview

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass
class Sheets:
    """The checked rows of each sheet. Not to be imported unless `errors` is empty."""

    layout: Layout = field(default_factory=lambda: SHEETS)
    rows: dict[str, list[Row]] = field(init=False)
    errors: list[tuple[str, str]] = field(default_factory=list)
    error_count: int = 0

    def __post_init__(self) -> None:
        self.rows = {name: [] for name in self.layout}
        self.readers = {
            name: [(column, _reader(name, column)) for column in columns] for name, columns in self.layout.items()
        }

    def typed(self) -> dict[str, list[tuple[int, list[str]]]]:
        """What was typed, for reading it `again` without the file."""
        return {name: [(row.line, row.texts) for row in rows] for name, rows in self.rows.items()}

    def wrong(self, sheet: str, heading: str, line: int, says: str) -> None:
        """Note a mistake at the cell under a heading."""
        names = [column.heading for column in self.layout[sheet]]
        letter = get_column_letter(names.index(heading) + 1) if heading in names else "A"
        self.at(f"{sheet}!{letter}{line}", says)

    def at(self, cell: str, says: str) -> None:
        self.error_count += 1
        if len(self.errors) < SHOWN_ERRORS:
            self.errors.append((cell, says))


READERS: dict[str, Callable[[str], Any]] = {
    "grid": cells.grid,
    "longitude": lambda value: cells.decimal("longitude", value),
    "latitude": lambda value: cells.decimal("latitude", value),
    "walking_order": lambda value: cells.whole(value, 100_000),
    "capacity": lambda value: cells.whole(value, 1_000_000),
    "born": cells.born,
    "phone": lambda value: cells.contact(Contact.Kind.PHONE, value),
    "phone2": lambda value: cells.contact(Contact.Kind.PHONE, value),
    "guardian": lambda value: cells.contact(Contact.Kind.PHONE, value),
    "email": lambda value: cells.contact(Contact.Kind.EMAIL, value),
    "language": lambda value: cells.choice(value, LANGUAGES) if value else None,
    "exposed": lambda value: cells.choice(value, YES) if value else None,
    "role": lambda value: cells.choice(value, ROLES),
    "care": cells.care,
    "terminal": cells.terminal,
    "abilities": cells.abilities,
    "letters": lambda value: cells.whole(value, 1_000),
    "quietest": lambda value: cells.whole(value, 100),
    "loudest": lambda value: cells.whole(value, 100),
}
ODD = {
    FORMULA: gettext_lazy("This is a formula. Copy the cell and paste it as a value."),
    ERROR: gettext_lazy("Excel shows an error in this cell. Type its value."),
    DATE: gettext_lazy("Excel has made a date of this cell. Format it as text and type it again."),
}
KINDS: dict[str, Mapping[str, Any]] = {"岗位人员": POSTS, "重点场所": SITES, TERMINAL_SHEET: TERMINALS}


def read(filename: str, content: bytes, layout: Layout = SHEETS) -> Sheets:
    """Every row of the sheets, each cell checked by itself. Raises Refusal when the file itself is no good."""
    found = Sheets(layout)
    inside = tables(filename, content, {name: len(columns) for name, columns in layout.items()})
    for name in layout:
        if name not in inside:
            if name == "住户" or len(layout) == 1:
                found.at(name, _("This sheet is missing. Copy it from the template."))
        elif inside[name].merged:
            found.at(f"{name}!{inside[name].merged}", _("Cells are merged here. Unmerge them and fill in each one."))
        else:
            found.rows[name] = list(_rows(inside[name], name, found))
    return found


def again(kept: Mapping[str, Sequence[tuple[int, list[str]]]], layout: Layout = SHEETS) -> Sheets:
    """The rows of a workbook that was read before (`Sheets.typed`), each cell checked by itself."""
    found = Sheets(layout)
    for name, lines in kept.items():
        found.rows[name] = [_row(name, line, texts, found) for line, texts in lines]
    return found


def _rows(table: Table, name: str, found: Sheets) -> Iterator[Row]:
    columns = found.layout[name]
    head = table.rows[0][1] if table.rows and table.rows[0][0] == 1 else [""] * len(columns)
    if not _headed(name, columns, [cells.text(cell) for cell in head], found):
        return
    for line, typed in table.rows:
        if line == 1:
            continue
        if line in table.odd:
            index, odd = table.odd[line]
            if not cells.text(typed[0]).startswith(EXAMPLE):
                found.wrong(name, columns[index].heading, line, str(ODD[odd]))
            continue
        texts = [cells.text(cell) for cell in typed]
        if not any(texts) or texts[0].startswith(EXAMPLE):
            continue
        if line > ROW_LIMIT:
            found.at(f"{name}!A{line}", _("More than %(n)s rows. Split the workbook.") % {"n": ROW_LIMIT})
            return
        yield _row(name, line, texts, found)


def _headed(name: str, columns: tuple[Column, ...], headings: list[str], found: Sheets) -> bool:
    right = True
    for index, column in enumerate(columns):
        here = headings[index] if index < len(headings) else ""
        if here != column.heading:
            says = _("The heading should be “%(heading)s”, but is “%(here)s”. Do not move or rename columns.")
            found.wrong(name, column.heading, 1, says % {"heading": column.heading, "here": here[:20]})
            right = False
    return right


def _row(name: str, line: int, texts: list[str], found: Sheets) -> Row:
    values: dict[str, Any] = {}
    for (column, reader), value in zip(found.readers[name], texts, strict=False):
        try:
            if column.required and not value:
                raise Wrong(_("Must not be empty."))
            values[column.name] = reader(value)
        except Wrong as wrong:
            found.wrong(name, column.heading, line, str(wrong))
            values[column.name] = None
    return Row(line, values, texts)


def _reader(name: str, column: Column) -> Callable[[str], Any]:
    if column.name == "kind":
        return lambda value: cells.choice(value, KINDS[name])
    return READERS.get(column.name) or (lambda value: cells.short(column.name, value))
