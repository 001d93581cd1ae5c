"""Loudspeakers and screens of a county, township or village from a workbook of their own."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from lastmile.community.org import terminals
from lastmile.community.org.models import Place, Post, Terminal
from lastmile.community.people.sheets.check import FIRST_ROWS
from lastmile.community.people.sheets.layout import ABILITIES, GRID, TERMINAL_SHEET, TERMINALS, Column
from lastmile.community.people.sheets.read import Row, Sheets
from lastmile.community.people.sheets.template import add_sheet, guided, saved
from lastmile.community.people.sheets.where import WHERE, Where, offer_villages
from lastmile.kernel.permissions import Actor

SHEET = TERMINAL_SHEET
COLUMNS = (
    Column("terminal", "终端编号", "全市唯一，3 到 30 个字母、数字、- 或 _。", "ZY-0001", required=True, width=18),
    Column("kind", "类型", "从下拉框选。", "大喇叭", required=True, choices=tuple(TERMINALS)),
    WHERE,
    GRID,
    Column("spot", "安装位置", "找得到它的写法，如 村委会楼顶。", "村委会楼顶", width=26),
    Column("abilities", "能力", "可填几项，用顿号隔开：" + "、".join(ABILITIES), "播放音频", required=True, width=18),
    Column("letters", "显示字数", "屏幕一次能显示的字数；不显示文字就留空。", ""),
    Column("quietest", "最小音量", "1 到 100，可留空。", "40"),
    Column("loudest", "最大音量", "1 到 100，可留空。", "100"),
    Column("keeper", "责任岗位", "本村(社区)已有的岗位名称，如 网格员；可留空。", ""),
    Column("longitude", "经度", "WGS84，可留空。", ""),
    Column("latitude", "纬度", "WGS84，可留空。", ""),
)
LAYOUT = {SHEET: COLUMNS}
GUIDE = (
    "最后一公里 · 大喇叭和屏幕表",
    "1. 橙色列必填，蓝色列可空。把鼠标放在表头上看说明。第 2 行是示例，可以不删。",
    "2. “所在村(社区)”从下拉框选，选项在“地点”表里，不要改动“地点”表。",
    "3. 不要合并单元格，不要用公式，不要改表名和表头。",
    "4. 上传后先预览，有错会说明在哪个单元格；全部改好才会导入，不会只导入一半。",
    "5. 以后可以改了再传：同一编号的终端只会更新，不会重复。表里没有的终端不会被停用。",
)


def template(above: Place) -> bytes:
    """The empty workbook for all villages under a place, as the bytes of an .xlsx file."""
    book = guided((*GUIDE, f"本表用于：{above.name}"))
    offer_villages(book, add_sheet(book, SHEET, COLUMNS), COLUMNS, above)
    return saved(book)


def compare(above: Place, sheets: Sheets) -> Sheets:
    """Find the place and post of each row, and say what is wrong between rows. Writes nothing."""
    where, seen = Where(above, SHEET), dict[str, int]()
    posts = _posts(above)
    wanted = [row["terminal"] for row in sheets.rows[SHEET] if row["terminal"]]
    elsewhere = Terminal.objects.filter(code__in=wanted).exclude(place__code__startswith=above.code)
    taken = set(elsewhere.values_list("code", flat=True))
    for row in sheets.rows[SHEET]:
        place = where.of(row, sheets)
        row.values["grid"], code = place, row["terminal"]
        first = seen.setdefault(code or f"row {row.line}", row.line)
        if first != row.line:
            _wrong(sheets, row, "终端编号", _("The same as in row %(line)s.") % {"line": first})
        if code in taken:
            _wrong(sheets, row, "终端编号", _("Another place has a terminal with this code."))
        if row["keeper"] and place and (place[:12], row["keeper"]) not in posts:
            says = _("There is no post “%(name)s” in this village or community. Open it first.")
            _wrong(sheets, row, "责任岗位", says % {"name": row["keeper"][:40]})
        if (row["quietest"] or 40) > (row["loudest"] or 100):
            _wrong(sheets, row, "最大音量", _("The loudest can't be below the quietest."))
        if "letters" in (row["abilities"] or []) and not row["letters"]:
            _wrong(sheets, row, "显示字数", _("Say how many letters it shows."))
    return sheets


def _wrong(sheets: Sheets, row: Row, heading: str, says: str) -> None:
    sheets.wrong(SHEET, heading, row.line, says)


def _posts(above: Place) -> dict[tuple[str, str], int]:
    """Keys of open posts by village and title."""
    rows = Post.objects.filter(place__code__startswith=above.code[:12], closed_on=None).order_by("-place_id", "-pk")
    return {(place[:12], title): pk for pk, place, title in rows.values_list("pk", "place_id", "title")}


def report(sheets: Sheets, _above: Place) -> str:
    """What the preview shows, as JSON."""
    rows = sheets.rows[SHEET]
    wanted = {row["terminal"] for row in rows if row["terminal"]}
    known = Terminal.objects.filter(code__in=wanted).count()
    body = {
        "counts": {SHEET: len(rows)},
        "known": known,
        "new": len(wanted) - known,
        "first": {SHEET: [row.texts for row in rows[:FIRST_ROWS]]},
        "errors": sheets.errors,
        "error_count": sheets.error_count,
    }
    return json.dumps(body, ensure_ascii=False)


def import_terminals(above: Place, sheets: Sheets, *, by: Actor, progress: Any = None) -> Counter[str]:
    """Write every terminal in the caller's transaction; what was new. An empty cell changes nothing."""
    counts: Counter[str] = Counter()
    rows = sheets.rows[SHEET]
    places = {place.code: place for place in Place.objects.filter(code__in={row["grid"] for row in rows})}
    posts = _posts(above)
    there = {one.code: one for one in Terminal.objects.filter(code__in=[row["terminal"] for row in rows])}
    for row in rows:
        held = there.get(row["terminal"]) or Terminal(code=row["terminal"])
        counts["terminals_new"] += held.pk is None
        facts = {"kind": row["kind"], "place": places[row["grid"]], "closed_on": None, **_abilities(row)}
        named = ("spot", "quietest", "loudest", "longitude", "latitude")
        facts |= {name: row[name] for name in named if row[name] not in ("", None)}
        if row["keeper"]:
            facts["post_id"] = posts[row["grid"][:12], row["keeper"]]
        terminals.save(held, by=by, **facts)
    return Counter({name: n for name, n in counts.items() if n})


def _abilities(row: Row) -> dict[str, Any]:
    can = row["abilities"]
    return {"plays": "plays" in can, "speaks": "speaks" in can, "letters": row["letters"] or 0}
