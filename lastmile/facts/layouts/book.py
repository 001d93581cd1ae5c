"""Open a superior's workbook as a form to fill in: nothing that computes, runs or unfolds."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.people.sheets.cells import text
from lastmile.community.people.sheets.safety import refuse_unsafe
from lastmile.kernel.errors import Refusal

LARGEST = 2_000_000  # bytes of the file
UNPACKED = 20_000_000  # bytes of its parts: it is held in memory as a whole
MOST_ROWS, MOST_COLUMNS = 1_000, 60
SHOWN_ROWS, SHOWN_COLUMNS = 40, 26


@dataclass(frozen=True)
class Shown:
    """One row of the sheet as the mapping page shows it."""

    number: int
    texts: list[str]


def opened(filename: str, content: bytes) -> Workbook:
    """The workbook, writable. Raises Refusal for anything but a plain form of reasonable size."""
    refuse_unsafe(filename, content)
    _refuse_large(content)
    try:
        book = load_workbook(io.BytesIO(content), keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise Refusal(
            _("The file is damaged and can't be read."), _("Open it in Excel or WPS, save it again, and upload it.")
        ) from error
    for sheet in book.worksheets:
        _refuse_odd(sheet)
    if not book.worksheets:
        raise Refusal(_("The workbook has no sheet."), _("Upload the empty form of the superior."))
    return book


def _refuse_large(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if len(content) > LARGEST or sum(part.file_size for part in parts) > UNPACKED:
        raise Refusal(
            _("This form is larger than a form can be."),
            _("Delete pictures and data; leave only the empty form."),
            status=413,
        )
    if any("externallink" in part.filename.lower() for part in parts):
        raise Refusal(_("The workbook draws on other workbooks."), _("Copy it and paste it as values."))


def _refuse_odd(sheet: Worksheet) -> None:
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        raise Refusal(
            _("The sheet %(name)s has more than %(rows)s rows or %(columns)s columns.")
            % {"name": sheet.title, "rows": MOST_ROWS, "columns": MOST_COLUMNS},
            _("Delete empty rows and columns, or split the form."),
        )
    formulas = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    if formulas:
        raise Refusal(
            _("There are formulas in %(cells)s.")
            % {"cells": "、".join(f"{sheet.title}!{one}" for one in formulas[:5])},
            _("Copy these cells and paste them as values; sums are filled in from here."),
            fields=dict.fromkeys(formulas[:20], _("This is a formula.")),
        )


def sheet_of(book: Workbook, name: str) -> Worksheet:
    """The sheet of this name, or the first."""
    return next((sheet for sheet in book.worksheets if sheet.title == name), book.worksheets[0])


def shown(sheet: Worksheet) -> tuple[list[str], list[Shown]]:
    """The letters of the columns and the first rows, as text."""
    letters = [get_column_letter(index) for index in range(1, min(sheet.max_column, SHOWN_COLUMNS) + 1)]
    lines = sheet.iter_rows(max_row=min(sheet.max_row, MOST_ROWS), max_col=len(letters))
    return letters, [Shown(n, [text(cell.value) for cell in cells]) for n, cells in enumerate(lines, start=1)]


def writable(sheet: Worksheet, address: str) -> Cell | None:
    """The cell, or None inside a merged range, where only the first can be written."""
    cell = sheet[address]
    return None if isinstance(cell, MergedCell | tuple) else cell


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
