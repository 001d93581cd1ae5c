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
LISTED = {  # columns of a list
    "@number": gettext_lazy("running number"),
    "@code": gettext_lazy("code of the place"),
    "@place": gettext_lazy("name of the place"),
    "@name": gettext_lazy("name of the site, or number of the door"),
}
NUMBERS = ("序号", "编号")
HEADS: dict[str, dict[str, tuple[str, ...]]] = {  # how superiors head such columns; their forms speak Chinese
    Subject.PLACE: {
        "@number": NUMBERS,
        "@code": ("区划代码", "行政区划代码", "代码"),
        "@place": ("单位", "单位名称", "村", "社区", "村社区", "村（社区）名称", "村名", "乡镇", "名称"),
    },
    Subject.SITE: {
        "@number": NUMBERS,
        "@code": ("区划代码",),
        "@place": ("所在村", "所在社区", "村", "社区", "村社区", "网格"),
        "@name": ("名称", "场所名称", "场所", "单位名称", "重点场所", "点位名称", "隐患点名称"),
    },
    Subject.HOME: {
        "@number": NUMBERS,
        "@code": ("区划代码",),
        "@place": ("网格", "所在网格", "村", "社区", "村社区"),
        "@name": ("户号", "门牌", "门牌号", "户编号", "住户编号"),
    },
}


def names_of(places: Sequence[Place]) -> dict[str, str]:
    """Every spelling of these places that means only one of them, and the code it means."""
    found: dict[str, set[str]] = {}
    for place in places:
        for name in {*spellings(place), place.code}:
            found.setdefault(dictionary.plain(name), set()).add(place.code)
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def guess(sheet: Worksheet, places: Sequence[Place], subject: str = Subject.PLACE) -> dict[str, Any]:
    """Columns headed by a field's label, and rows in which a place's name stands; without those, a list below the head.

    Of sites and households there is always a list: one row for each.
    """
    listed = subject != Subject.PLACE
    labels = {dictionary.plain(str(one.label)): one.name for one in dictionary.fields(subject=subject, level=5)}
    labels |= {dictionary.plain(word): key for key, words in HEADS[subject].items() for word in words}
    known = {} if listed else names_of(places)
    columns: dict[str, str] = {}
    rows: dict[str, str] = {}
    last = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS), start=1):
        for index, cell in enumerate(cells, start=1):
            words = dictionary.plain(text(cell.value)) if cell.value is not None else ""
            if words in labels and labels[words] not in columns.values():
                columns[get_column_letter(index)], last = labels[words], number
            elif words in known and str(number) not in rows and known[words] not in rows.values():
                rows[str(number)] = known[words]
    if rows or not columns:
        return {
            "columns": {key: name for key, name in columns.items() if name not in LISTED},
            "rows": rows,
            "cells": {},
        }
    return {"columns": columns, "rows": {}, "cells": {}, "first": last + 1}


def checked(
    sheet: Worksheet, given: Mapping[str, Any], places: Sequence[Place], subject: str = Subject.PLACE
) -> dict[str, Any]:
    """The mapping as it is kept. Raises Refusal with a sentence for every cell that can't be filled."""
    wrong: dict[str, str] = {}
    fields = {one.name for one in dictionary.fields() if one.subject == subject}
    first = _first(given.get("first", ""), subject, wrong)
    meant = fields | set(LISTED) if first else fields
    columns = {letter: name for letter, name in given["columns"].items() if LETTERS.fullmatch(letter) and name in meant}
    rows = {} if first else _rows(given["rows"], places, wrong)
    cells = _cells(sheet, given["cells"], fields, wrong)
    if not wrong and not (set(columns.values()) & fields and (rows or first)) and not cells:
        wrong[_("Table")] = _("Say for at least one column and one row what they stand for.")
    for number in rows or [first] * bool(first):
        for letter in columns:
            if writable(sheet, f"{letter}{number}") is None:
                wrong[f"{letter}{number}"] = _("This cell is inside a merged range and can't be filled.")
    if wrong:
        raise Refusal(_("The layout can't be kept like this."), _("Correct what is marked."), fields=wrong)
    return {"columns": columns, "rows": rows, "cells": cells} | ({"first": first} if first else {})


def _first(typed: Any, subject: str, wrong: dict[str, str]) -> int:
    """The row from which on there is one for each; 0 when the rows are named."""
    text = str(typed or "").strip()
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_ROWS:
        return int(text)
    if text or subject != Subject.PLACE:
        wrong[_("First row")] = _("Write the number of the row in which the list begins, as 4.")
    return 0


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
