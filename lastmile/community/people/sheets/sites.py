"""Special sites of a county, township or village from a workbook of their own."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from lastmile.community.org.models import Place, SpecialSite
from lastmile.community.people.sheets.check import FIRST_ROWS, keeper_whole
from lastmile.community.people.sheets.layout import SHEETS
from lastmile.community.people.sheets.posts import write_sites
from lastmile.community.people.sheets.read import Sheets
from lastmile.community.people.sheets.template import add_sheet, guided, saved
from lastmile.community.people.sheets.where import PLACES, WHERE, Where, offer_villages
from lastmile.kernel.permissions import Actor

__all__ = ["PLACES", "SHEET", "compare", "import_sites", "report", "template"]

SHEET = "重点场所"
LAYOUT = {SHEET: (*SHEETS[SHEET][:2], WHERE, *SHEETS[SHEET][2:])}
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
    book = guided((*GUIDE, f"本表用于：{above.name}"))
    offer_villages(book, add_sheet(book, SHEET, LAYOUT[SHEET]), LAYOUT[SHEET], above)
    return saved(book)


def compare(above: Place, sheets: Sheets) -> Sheets:
    """Find the place of each row, and say what is wrong between rows. Writes nothing."""
    where = Where(above, SHEET)
    seen: dict[tuple[str, str], int] = {}
    for row in sheets.rows[SHEET]:
        place = where.of(row, sheets)
        row.values["grid"] = place
        first = seen.setdefault((place, row["name"]), row.line)
        if place and first != row.line:
            sheets.wrong(SHEET, "名称", row.line, _("The same as in row %(line)s.") % {"line": first})
        keeper_whole(sheets, row)
    return sheets


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
