"""Special sites of a county, township or village from a workbook of their own."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from lastmile.community.org.models import Level, Place, SpecialSite
from lastmile.community.org.queries import paths
from lastmile.community.people.sheets.check import FIRST_ROWS, keeper_whole
from lastmile.community.people.sheets.layout import SHEETS, Column
from lastmile.community.people.sheets.posts import write_sites
from lastmile.community.people.sheets.read import Row, Sheets
from lastmile.community.people.sheets.template import ROWS, add_sheet, saved
from lastmile.kernel.permissions import Actor

SHEET = "重点场所"
PLACES = "地点"
WHERE = Column("place", "所在村(社区)", "从下拉框选；也可只写 12 位编码，或不重名的名称。", "", required=True, width=34)
LAYOUT = {SHEET: (*SHEETS[SHEET][:2], WHERE, *SHEETS[SHEET][2:])}
CODE = re.compile(r"\d{12}")
GUIDE = (
    "最后一公里 · 重点场所表",
    "1. 橙色列必填，蓝色列可空。把鼠标放在表头上看说明。第 2 行是示例，可以不删。",
    "2. “所在村(社区)”从下拉框选，选项在“地点”表里，不要改动“地点”表。",
    "3. 不要合并单元格，不要用公式，不要改表名和表头。",
    "4. 上传后先预览，有错会说明在哪个单元格；全部改好才会导入，不会只导入一半。",
    "5. 以后可以改了再传：同一地点、同一名称的场所只会更新，不会重复。表里没有的场所不会被删除。",
)


def template(above: Place) -> bytes:
    """The empty workbook for all villages under a place, as the bytes of an .xlsx file."""
    book = Workbook()
    guide: Any = book.active
    guide.title = "说明"
    for line in (*GUIDE, f"本表用于：{above.name}"):
        guide.append([line])
    guide.column_dimensions["A"].width = 90
    villages = list(_villages(above))
    sheet = add_sheet(book, SHEET, LAYOUT[SHEET])
    names = paths(villages)
    listed = book.create_sheet(PLACES)
    listed.append(["所在村(社区)"])
    for village in villages:
        listed.append([f"{village.code} {names[village.code]} {village.name}".replace("  ", " ")])
    listed.column_dimensions["A"].width = 50
    letter = get_column_letter(LAYOUT[SHEET].index(WHERE) + 1)
    if villages:
        allowed = DataValidation(type="list", formula1=f"'{PLACES}'!$A$2:$A${len(villages) + 1}", allow_blank=True)
        sheet.add_data_validation(allowed)
        allowed.add(f"{letter}2:{letter}{ROWS}")
    book.active = 1
    return saved(book)


def _villages(above: Place) -> Any:
    return Place.objects.under(above.code[:12]).at(Level.VILLAGE).current().order_by("code")


def compare(above: Place, sheets: Sheets) -> Sheets:
    """Find the place of each row, and say what is wrong between rows. Writes nothing."""
    villages = list(_villages(above))
    codes = {village.code for village in villages}
    named = Counter(village.name for village in villages)
    by_name = {village.name: village.code for village in villages if named[village.name] == 1}
    grids = set(Place.objects.under(above.code).at(Level.GRID).current().values_list("code", flat=True))
    seen: dict[tuple[str, str], int] = {}
    for row in sheets.rows[SHEET]:
        place = _place(row, codes, by_name, grids, sheets)
        row.values["grid"] = place
        first = seen.setdefault((place, row["name"]), row.line)
        if place and first != row.line:
            sheets.wrong(SHEET, "名称", row.line, _("The same as in row %(line)s.") % {"line": first})
        keeper_whole(sheets, row)
    return sheets


def _place(row: Row, codes: set[str], by_name: dict[str, str], grids: set[str], sheets: Sheets) -> str:
    """The code of the village or grid, or "" with a sentence at the cell."""
    typed = row["place"] or ""
    found = CODE.match(typed)
    village = found[0] if found and found[0] in codes else by_name.get(typed, "")
    if not village:
        if typed:
            says = _("There is no village or community “%(name)s” here. Choose one from the drop-down.")
            sheets.wrong(SHEET, WHERE.heading, row.line, says % {"name": typed[:40]})
        return ""
    grid = row["grid"] or ""
    if grid and village + grid not in grids:
        says = _("There is no grid %(grid)s in this village or community.")
        sheets.wrong(SHEET, "网格编号", row.line, says % {"grid": grid})
        return ""
    return str(village + grid)


def report(sheets: Sheets, _above: Place) -> str:
    """What the preview shows, as JSON."""
    rows = sheets.rows[SHEET]
    wanted = {(row["grid"], row["name"]) for row in rows}
    there = SpecialSite.objects.filter(place__in={code for code, _name in wanted if code})
    known = len(wanted & set(there.values_list("place_id", "name")))
    body = {
        "counts": {SHEET: len(rows)},
        "known": known,
        "new": len(wanted) - known,
        "first": {SHEET: [row.texts for row in rows[:FIRST_ROWS]]},
        "errors": sheets.errors,
        "error_count": sheets.error_count,
    }
    return json.dumps(body, ensure_ascii=False)


def import_sites(_above: Place, sheets: Sheets, *, by: Actor, progress: Any = None) -> Counter[str]:
    """Write every site in the caller's transaction; what was new."""
    counts: Counter[str] = Counter()
    rows = sheets.rows[SHEET]
    places = {place.code: place for place in Place.objects.filter(code__in={row["grid"] for row in rows})}
    write_sites(rows, places, [], counts, by)
    return Counter({name: n for name, n in counts.items() if n})
