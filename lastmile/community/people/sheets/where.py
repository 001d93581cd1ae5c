"""In which village or grid each row of a workbook lies that speaks of all villages under a place."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from lastmile.community.org.models import Level, Place
from lastmile.community.org.queries import paths
from lastmile.community.people.sheets.layout import Column
from lastmile.community.people.sheets.read import Row, Sheets
from lastmile.community.people.sheets.template import ROWS

PLACES = "地点"
WHERE = Column("place", "所在村(社区)", "从下拉框选；也可只写 12 位编码，或不重名的名称。", "", required=True, width=34)
CODE = re.compile(r"\d{12}")


def _villages(above: Place) -> Any:
    return Place.objects.under(above.code[:12]).at(Level.VILLAGE).current().order_by("code")


def offer_villages(book: Workbook, sheet: Any, columns: tuple[Column, ...], above: Place) -> None:
    """A sheet with the villages under the place, and a drop-down of them in the column WHERE of `sheet`."""
    villages = list(_villages(above))
    names = paths(villages)
    listed = book.create_sheet(PLACES)
    listed.append([WHERE.heading])
    for village in villages:
        listed.append([f"{village.code} {names[village.code]} {village.name}".replace("  ", " ")])
    listed.column_dimensions["A"].width = 50
    letter = get_column_letter(columns.index(WHERE) + 1)
    if villages:
        allowed = DataValidation(type="list", formula1=f"'{PLACES}'!$A$2:$A${len(villages) + 1}", allow_blank=True)
        sheet.add_data_validation(allowed)
        allowed.add(f"{letter}2:{letter}{ROWS}")


class Where:
    """Finds the place of each row of one sheet, by code or by a name that only one village has."""

    def __init__(self, above: Place, sheet: str) -> None:
        villages = list(_villages(above))
        named = Counter(village.name for village in villages)
        self.sheet = sheet
        self._codes = {village.code for village in villages}
        self._by_name = {village.name: village.code for village in villages if named[village.name] == 1}
        self._grids = set(Place.objects.under(above.code).at(Level.GRID).current().values_list("code", flat=True))

    def of(self, row: Row, sheets: Sheets) -> str:
        """The code of the village or grid, or "" with a sentence at the cell."""
        typed = row["place"] or ""
        found = CODE.match(typed)
        village = found[0] if found and found[0] in self._codes else self._by_name.get(typed, "")
        if not village:
            if typed:
                says = _("There is no village or community “%(name)s” here. Choose one from the drop-down.")
                sheets.wrong(self.sheet, WHERE.heading, row.line, says % {"name": typed[:40]})
            return ""
        grid = row["grid"] or ""
        if grid and village + grid not in self._grids:
            says = _("There is no grid %(grid)s in this village or community.")
            sheets.wrong(self.sheet, "网格编号", row.line, says % {"grid": grid})
            return ""
        return village + grid
