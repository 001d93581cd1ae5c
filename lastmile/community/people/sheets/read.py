"""From a workbook to checked rows, and every mistake with the address of its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from lastmile.community.people.models import Contact
from lastmile.community.people.sheets import cells
from lastmile.community.people.sheets.cells import Wrong
from lastmile.community.people.sheets.layout import EXAMPLE, LANGUAGES, POSTS, ROLES, SHEETS, SITES, YES, Column
from lastmile.community.people.sheets.safety import open_workbook

ROW_LIMIT = 60_000  # rows of one sheet: ten communities
SHOWN_ERRORS = 200


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

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in SHEETS})
    errors: list[tuple[str, str]] = field(default_factory=list)
    error_count: int = 0

    def wrong(self, sheet: str, heading: str, line: int, says: str) -> None:
        """Note a mistake at the cell under a heading."""
        names = [column.heading for column in SHEETS[sheet]]
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
}
KINDS: dict[str, Mapping[str, Any]] = {"岗位人员": POSTS, "重点场所": SITES}


def read(filename: str, content: bytes) -> Sheets:
    """Every row of the five sheets, each cell checked by itself. Raises Refusal when the file itself is no good."""
    book, merged = open_workbook(filename, content)
    found = Sheets()
    try:
        for name, columns in SHEETS.items():
            if name in merged:
                found.at(f"{name}!{merged[name]}", _("Cells are merged here. Unmerge them and fill in each one."))
            elif name in book.sheetnames:
                found.rows[name] = list(_rows(book, name, columns, found))
            elif name == "住户":
                found.at(name, _("This sheet is missing. Copy it from the template."))
    finally:
        book.close()
    return found


def _rows(book: Workbook, name: str, columns: tuple[Column, ...], found: Sheets) -> Iterator[Row]:
    lines = book[name].iter_rows(max_col=len(columns))
    for line, cells_ in enumerate(lines, start=1):
        if line == 1:
            if not _headed(name, columns, [cells.text(cell.value) for cell in cells_], found):
                return
            continue
        if line > ROW_LIMIT:
            found.at(f"{name}!A{line}", _("More than %(n)s rows. Split the workbook.") % {"n": ROW_LIMIT})
            return
        formula = next((i for i, cell in enumerate(cells_) if cell.data_type == "f"), None)
        if formula is not None:
            says = _("This is a formula. Copy the cell and paste it as a value.")
            found.wrong(name, columns[formula].heading, line, says)
            continue
        texts = [cells.text(cell.value) for cell in cells_]
        if any(texts) and not texts[0].startswith(EXAMPLE):
            yield _row(name, columns, line, texts + [""] * (len(columns) - len(texts)), found)


def _headed(name: str, columns: tuple[Column, ...], headings: list[str], found: Sheets) -> bool:
    right = True
    for index, column in enumerate(columns):
        here = headings[index] if index < len(headings) else ""
        if here != column.heading:
            says = _("The heading should be “%(heading)s”, but is “%(here)s”. Do not move or rename columns.")
            found.wrong(name, column.heading, 1, says % {"heading": column.heading, "here": here[:20]})
            right = False
    return right


def _row(name: str, columns: tuple[Column, ...], line: int, texts: list[str], found: Sheets) -> Row:
    values: dict[str, Any] = {}
    for column, value in zip(columns, texts, strict=False):
        try:
            if column.required and not value:
                raise Wrong(_("Must not be empty."))
            values[column.name] = _reader(name, column)(value)
        except Wrong as wrong:
            found.wrong(name, column.heading, line, str(wrong))
            values[column.name] = None
    return Row(line, values, texts)


def _reader(name: str, column: Column) -> Callable[[str], Any]:
    if column.name == "kind":
        return lambda value: cells.choice(value, KINDS[name])
    return READERS.get(column.name) or (lambda value: cells.short(column.name, value))
