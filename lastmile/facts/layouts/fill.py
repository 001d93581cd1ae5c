"""Write a request's answers into a superior's form."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from lastmile.facts import values
from lastmile.facts.layouts.book import opened, saved, sheet_of, writable
from lastmile.facts.layouts.mapping import TOTAL
from lastmile.facts.models import Cell, Layout, Request
from lastmile.kernel import clock
from lastmile.kernel.lists import plain


@dataclass
class Filled:
    """The file, and what it could not hold: nobody should think a form complete that is not."""

    content: bytes = b""
    written: int = 0
    open_cells: list[str] = field(default_factory=list)  # addresses that wait for an answer
    places_left: list[str] = field(default_factory=list)  # codes that have no row in the form
    fields_left: list[str] = field(default_factory=list)  # names that have no column


def fill(request: Request, layout: Layout) -> Filled:
    """Every mapped cell from the request's table; a row of a higher place holds the sum of what lies below it."""
    book = opened(layout.filename, bytes(layout.content))
    sheet = sheet_of(book, layout.sheet)
    answers, made = Answers(request), Filled()
    for number, code in layout.mapping["rows"].items():
        for letter, name in layout.mapping["columns"].items():
            if name not in answers.kinds:
                continue
            _write(sheet, f"{letter}{number}", answers.at(name, code), made)
    for address, meaning in layout.mapping["cells"].items():
        if not meaning.startswith(TOTAL) or meaning.removeprefix(TOTAL) in answers.kinds:
            _write(sheet, address, answers.word(meaning), made)
    rows = set(layout.mapping["rows"].values())
    columns = set(layout.mapping["columns"].values())
    made.places_left = [code for code in answers.places if not any(code.startswith(row) for row in rows)]
    made.fields_left = [name for name in answers.kinds if name not in columns]
    made.content = saved(book)
    return made


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
        self._found: dict[str, dict[str, str]] = defaultdict(dict)
        for cell in Cell.objects.filter(request=request, site=None).order_by("place"):
            self._found[cell.field][cell.place] = cell.value
        self.places = sorted({code for by_place in self._found.values() for code in by_place})

    def at(self, name: str, code: str) -> Any:
        """The value at a place, or the sum below it; None while something is missing."""
        kind = self.kinds[name]["type"]
        below = {place: value for place, value in self._found[name].items() if place.startswith(code)}
        if not below or not all(below.values()):
            return None
        if code in below:
            return values.cell(kind, below[code])
        added = values.total(kind, list(below.values()))
        return values.number(added) if added else None

    def word(self, meaning: str) -> Any:
        if meaning == "@date":
            return clock.today().isoformat()
        if meaning == "@unit":
            return self.request.by
        if meaning == "@title":
            return self.request.title
        return self.at(meaning.removeprefix(TOTAL), "")
