"""Write a request's answers into a superior's form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.people.queries.homes import Home
from lastmile.facts import values
from lastmile.facts.layouts import lines
from lastmile.facts.layouts.book import opened, saved, sheet_of, writable
from lastmile.facts.layouts.mapping import TOTAL
from lastmile.facts.models import Cell, Layout, Request
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import plain


@dataclass
class Filled:
    """The file, and what it could not hold: nobody should think a form complete that is not."""

    content: bytes = b""
    written: int = 0
    open_cells: list[str] = field(default_factory=list)  # addresses that wait for an answer
    places_left: list[str] = field(default_factory=list)  # codes that have no row in the form
    fields_left: list[str] = field(default_factory=list)  # names that have no column


def fill(request: Request, layout: Layout, personal: Mapping[int, Home] | None = None) -> Filled:
    """Every mapped cell from the request's table; a row of a higher place holds the sum of what lies below it.

    Personal columns are masked unless they were opened. Raises Refusal when the form has no column for any field.
    """
    answers, made = Answers(request), Filled()
    columns = {letter: name for letter, name in layout.mapping["columns"].items() if name in answers.kinds}
    _refuse_misfit(layout, columns, answers)
    book = opened(layout.filename, bytes(layout.content))
    sheet = sheet_of(book, layout.sheet)
    for address, meaning in layout.mapping["cells"].items():
        if not meaning.startswith(TOTAL) or meaning.removeprefix(TOTAL) in answers.kinds:
            _write(sheet, address, answers.word(meaning), made)
    if layout.mapping.get("first"):  # after the single cells: what stands below the list moves down, with what is in it
        made.written += lines.write(sheet, layout, request, personal, made.open_cells)
    else:
        _rows(sheet, layout, columns, answers, made)
    made.fields_left = [name for name in answers.kinds if name not in columns.values()]
    made.content = saved(book)
    return made


def _refuse_misfit(layout: Layout, columns: dict[str, str], answers: Answers) -> None:
    totals = {meaning.removeprefix(TOTAL) for meaning in layout.mapping["cells"].values() if meaning.startswith(TOTAL)}
    if layout.subject != answers.request.subject or not (columns or totals & set(answers.kinds)):
        raise Refusal(
            _("This layout has no column for any field of the request."),
            _("Say in the layout what stands where, or take another one."),
        )


def _rows(sheet: Worksheet, layout: Layout, columns: dict[str, str], answers: Answers, made: Filled) -> None:
    rows = layout.mapping["rows"]
    answers.add_up({len(code) for code in rows.values()})
    for number, code in rows.items():
        for letter, name in columns.items():
            _write(sheet, f"{letter}{number}", answers.at(name, code), made)
    wanted = tuple(rows.values())
    made.places_left = [code for code in answers.places if not code.startswith(wanted)]


def _write(sheet: Any, address: str, value: Any, made: Filled) -> None:
    cell = writable(sheet, address)
    if cell is None or value is None:
        made.open_cells.append(address)
        return
    cell.value = plain(value)
    made.written += 1


class Answers:
    """What a request's table says, by field and place."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.kinds = {one["name"]: one for one in request.fields}
        self._below: dict[tuple[str, str], list[str]] = {}  # (field, code) → every value below it

    @cached_property
    def _found(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for name, place, value in Cell.objects.filter(request=self.request).values_list("field", "place", "value"):
            found[name][place] = value
        return found

    @property
    def places(self) -> list[str]:
        return sorted({code for by_place in self._found.values() for code in by_place})

    def add_up(self, lengths: set[int]) -> None:
        """Sort the values under places with codes of these lengths, once for the whole form."""
        self._below = defaultdict(list)
        for name, by_place in self._found.items():
            for place, value in by_place.items():
                for length in lengths:
                    if length < len(place):
                        self._below[name, place[:length]].append(value)

    def at(self, name: str, code: str) -> Any:
        """The value at a place, or the sum below it; None while something is missing."""
        kind = self.kinds[name]["type"]
        if code in self._found[name]:
            value = self._found[name][code]
            return values.cell(kind, value) if value else None
        return self._sum(kind, self._below.get((name, code), []))

    def _sum(self, kind: str, below: list[str]) -> Any:
        if not below or not all(below):
            return None
        added = values.total(kind, below)
        return values.number(added) if added else None

    def word(self, meaning: str) -> Any:
        if meaning == "@date":
            return clock.today().isoformat()
        if meaning == "@unit":
            return self.request.by
        if meaning == "@title":
            return self.request.title
        name = meaning.removeprefix(TOTAL)
        of_all = Cell.objects.filter(request=self.request, field=name).values_list("value", flat=True)
        return self._sum(self.kinds[name]["type"], list(of_all))
