"""What stands where in a superior's form: guessed from its words, corrected by hand, checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.org.models import Place
from lastmile.community.people.sheets.cells import text
from lastmile.facts import dictionary
from lastmile.facts.chain.match import spellings
from lastmile.facts.layouts.book import MOST_COLUMNS, MOST_ROWS, writable
from lastmile.facts.models import Subject
from lastmile.kernel.errors import Refusal

ADDRESS = re.compile(r"[A-Z]{1,2}[1-9]\d{0,3}")
LETTERS = re.compile(r"[A-Z]{1,2}")
MOST_CELLS = 10
WORDS = {
    "@date": gettext_lazy("the day of the export"),
    "@unit": gettext_lazy("the unit that asks"),
    "@title": gettext_lazy("the title of the request"),
}
TOTAL = "@total:"  # before a field's name


def names_of(places: Sequence[Place]) -> dict[str, str]:
    """Every spelling of these places that means only one of them, and the code it means."""
    found: dict[str, set[str]] = {}
    for place in places:
        for name in {*spellings(place), place.code}:
            found.setdefault(dictionary.plain(name), set()).add(place.code)
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def guess(sheet: Worksheet, places: Sequence[Place]) -> dict[str, Any]:
    """Columns headed by a field's label, and rows in which a place's name stands."""
    labels = {dictionary.plain(str(one.label)): one.name for one in dictionary.fields(subject=Subject.PLACE, level=5)}
    known = names_of(places)
    columns: dict[str, str] = {}
    rows: dict[str, str] = {}
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS), start=1):
        for index, cell in enumerate(cells, start=1):
            words = dictionary.plain(text(cell.value)) if cell.value is not None else ""
            if words in labels and labels[words] not in columns.values():
                columns[get_column_letter(index)] = labels[words]
            elif words in known and str(number) not in rows and known[words] not in rows.values():
                rows[str(number)] = known[words]
    return {"columns": columns, "rows": rows, "cells": {}}


def checked(sheet: Worksheet, given: Mapping[str, Mapping[str, str]], places: Sequence[Place]) -> dict[str, Any]:
    """The mapping as it is kept. Raises Refusal with a sentence for every cell that can't be filled."""
    wrong: dict[str, str] = {}
    fields = {one.name for one in dictionary.fields() if one.subject == Subject.PLACE}
    columns = {
        letter: name for letter, name in given["columns"].items() if LETTERS.fullmatch(letter) and name in fields
    }
    rows = _rows(given["rows"], places, wrong)
    cells = _cells(sheet, given["cells"], fields, wrong)
    if not wrong and not (columns and rows) and not cells:
        wrong[_("Table")] = _("Say for at least one column and one row what they stand for.")
    addresses = [f"{letter}{number}" for number in rows for letter in columns]
    for address in addresses:
        if writable(sheet, address) is None:
            wrong[address] = _("This cell is inside a merged range and can't be filled.")
    if wrong:
        raise Refusal(_("The layout can't be kept like this."), _("Correct what is marked."), fields=wrong)
    return {"columns": columns, "rows": rows, "cells": cells}


def _rows(given: Mapping[str, str], places: Sequence[Place], wrong: dict[str, str]) -> dict[str, str]:
    known, codes = names_of(places), {place.code for place in places}
    rows = {}
    for number, typed in given.items():
        if not number.isdigit() or not 1 <= int(number) <= MOST_ROWS:
            continue
        code = typed if typed in codes else known.get(dictionary.plain(typed), "")
        if code:
            rows[number] = code
        else:
            wrong[_("row %(n)s") % {"n": number}] = _("“%(name)s” is no place under this unit.") % {"name": typed[:40]}
    return rows


def _cells(sheet: Worksheet, given: Mapping[str, str], fields: set[str], wrong: dict[str, str]) -> dict[str, str]:
    found = {}
    for address, meaning in list(given.items())[:MOST_CELLS]:
        if not ADDRESS.fullmatch(address) or writable(sheet, address) is None:
            wrong[address[:10]] = _("This is no cell that can be filled: write it as B2.")
        elif meaning in WORDS or meaning.removeprefix(TOTAL) in fields:
            found[address] = meaning
        else:
            wrong[address] = _("Say what stands in this cell.")
    return found
