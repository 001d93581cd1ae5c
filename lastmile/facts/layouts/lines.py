"""A list in a superior's form: one row for each place, special site or household, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.people.queries.homes import Home
from lastmile.facts import values
from lastmile.facts.models import Layout, Request
from lastmile.facts.queries import table
from lastmile.kernel.lists import plain


def write(
    sheet: Worksheet, layout: Layout, request: Request, personal: Mapping[int, Home] | None, left: list[str]
) -> int:
    """Fill the list from its first row on; returns how many cells were written, `left` gets those without an answer."""
    found = table.lines(request)
    table.fill(request, found, personal)
    first = int(layout.mapping["first"])
    _make_room(sheet, first, len(found))
    order = {one["name"]: index for index, one in enumerate(request.fields)}
    columns = {
        letter: name for letter, name in layout.mapping["columns"].items() if name.startswith("@") or name in order
    }
    model: Any = sheet[first]
    style = {cell.column: cell._style for cell in model if cell.has_style}
    written = 0
    for offset, line in enumerate(found):
        number = first + offset
        for column, look in style.items() if offset else ():
            target: Any = sheet.cell(number, column)
            target._style = copy(look)  # the one way that does not build six objects for each cell
        for letter, name in columns.items():
            value = _value(line, name, offset + 1, order)
            cell = sheet.cell(number, column_index_from_string(letter))
            if value is None:
                left.append(cell.coordinate)
            else:
                cell.value = plain(value)
                written += 1
    return written


def _value(line: table.Line, name: str, number: int, order: Mapping[str, int]) -> Any:
    words = {"@number": number, "@code": line.place, "@place": line.place_name, "@name": line.name}
    if name in words:
        return words[name]
    cell = line.cells[order[name]]
    return values.cell(cell.kind, cell.value) if cell is not None and cell.value else None


def _make_room(sheet: Worksheet, first: int, lines: int) -> None:
    """Move down what stands below the list, with its merged cells and heights, when the list needs its rows."""
    filled = (
        row for row in range(first + 1, sheet.max_row + 1) if any(cell.value not in (None, "") for cell in sheet[row])
    )
    merged = (one.min_row for one in sheet.merged_cells.ranges if one.min_row > first)
    below = min(next(filled, sheet.max_row + lines), *merged, sheet.max_row + lines)
    more = lines - (below - first)
    if below > sheet.max_row or more <= 0:
        return
    heights = {row: sheet.row_dimensions[row].height for row in range(below, sheet.max_row + 1)}
    sheet.insert_rows(below, more)
    for one in sheet.merged_cells.ranges:
        if one.min_row >= below:
            one.shift(row_shift=more)
    for row in heights:
        sheet.row_dimensions[row].height = None
    for row, height in heights.items():
        sheet.row_dimensions[row + more].height = height
