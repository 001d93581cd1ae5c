"""Plan areas of a county, township or village from a workbook, all of it or nothing; every mistake with its cell.

An export has the same form, drawn parts as GeoJSON, so that it can be corrected and brought back.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from lastmile.alerting.codes import Hazard
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import actions, destinations, forms
from lastmile.community.org.models import Place, Post, ancestors
from lastmile.community.people.sheets.layout import SEPARATORS, Column
from lastmile.community.people.sheets.read import Row, Sheets, read
from lastmile.community.people.sheets.template import add_sheet, guided, saved
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import plain
from lastmile.kernel.permissions import Actor

SHEET = "预案区域"
EVERY = "所有灾种"


def hazards() -> dict[str, str]:
    """The words of the workbook are data, the same in every language of the console."""
    with override("zh-hans"):
        return {EVERY: ""} | {str(label): value for value, label in Hazard.choices}


def columns() -> tuple[Column, ...]:
    return (
        Column("name", "名称", "本地不重复，如 东岭坡脚。", "东岭坡脚", required=True, width=24),
        Column("hazards", "灾种", "从下拉框选；不分灾种就选“所有灾种”。", EVERY, choices=tuple(hazards()), width=16),
        Column("owner", "谁的预案(编码)", "村 12 位、乡镇 9 位、县 6 位编码；空着就是本表所用的地方。", "", width=18),
        Column(
            "areas", "覆盖的村或网格编码", "可写多个，用顿号隔开；画在图上的另填最后一列。", "410182109001001", width=30
        ),
        Column("shelters", "转移到(避难场所)", "名录里的名称，可写多个，用顿号隔开。", "", width=24),
        Column("destination", "转移去向说明", "名录里没有的，或怎么走。", "村委会后山空地", width=24),
        Column("post", "责任岗位", "岗位名称；本地或上级的，须不重名。", "", width=18),
        Column("basis", "依据(预案条款)", "哪个预案第几条。", "2026 年防汛预案 4.2", width=24),
        Column("outline", "边界(GeoJSON)", "WGS84；从系统导出的不用改。", "", width=20),
    )


GUIDE = (
    "最后一公里 · 预案区域表",
    "1. 橙色列必填，蓝色列可空。把鼠标放在表头上看说明。第 2 行是示例，可以不删。",
    "2. 每一行要么写村或网格编码，要么有边界，两样都有就合在一起。",
    "3. 有错会说明在哪个单元格；全部改好才会导入，不会只导入一半。",
    "4. 以后可以改了再传：同一地方、同一名称的只会更新，不会重复。表里没有的不会被删除。",
)


def book(above: Place, rows: list[PlanArea] | None = None) -> bytes:
    """The template of a place, or with rows what is there."""
    made = guided((*GUIDE, f"本表用于：{above.name}"))
    add_sheet(made, SHEET, columns())
    words = {value: word for word, value in hazards().items()}
    shelters = {one.key: one.name for one in destinations.known({key for row in rows or () for key in row.shelters})}
    for number, row in enumerate(rows or (), start=3):
        for column, value in enumerate(_line(row, words, shelters), start=1):
            made[SHEET].cell(number, column, plain(value))
    return saved(made)


def _line(one: PlanArea, words: dict[str, str], shelters: dict[int, str]) -> list[str]:
    return [
        one.name,
        words.get(one.hazard, EVERY),
        one.place_id,
        "、".join(one.area.get("places", [])),
        "、".join(shelters[key] for key in one.shelters if key in shelters),
        one.destination,
        one.post.title if one.post else "",
        one.basis,
        forms.drawn(one),
    ]


def checked(above: Place, filename: str, content: bytes) -> Sheets:
    """Every row with its place, post and shelters found. Raises Refusal for a file that is no workbook."""
    found = read(filename, content, {SHEET: columns()})
    seen: dict[tuple[str, str], int] = {}
    for row in found.rows[SHEET]:
        _check(found, row, above)
        first = seen.setdefault((row["owner"], row["name"]), row.line)
        if first != row.line:
            found.wrong(SHEET, "名称", row.line, _("The same as in row %(line)s.") % {"line": first})
    return found


def _check(found: Sheets, row: Row, above: Place) -> None:
    def tell(heading: str, says: object) -> None:
        found.wrong(SHEET, heading, row.line, str(says))

    values, known = row.values, hazards()
    if (values["hazards"] or EVERY) not in known:
        tell("灾种", _("“%(value)s” is no hazard; choose from the list.") % {"value": values["hazards"][:20]})
    values["hazard"] = known.get(values["hazards"] or EVERY, "")
    owner = values["owner"] or above.code
    place = Place.objects.current().filter(pk=owner).first() if owner.startswith(above.code) else None
    values["owner"] = owner
    if place is None:
        tell("谁的预案(编码)", _("There is no place with this code here."))
        return
    try:
        raw = {"places": _parts(values["areas"]), "polygons": _polygons(values["outline"])}
        values["area"] = actions.area_of(place, raw)
    except Refusal as refusal:
        tell("边界(GeoJSON)" if values["outline"] and not values["areas"] else "覆盖的村或网格编码", refusal.says)
    values["keys"] = _shelters(place, values, tell)
    values["answers"] = _post(place, values, tell)


def _parts(text: str | None) -> list[str]:
    return [part for part in re.split(f"[{SEPARATORS}]+", text or "") if part]


def _polygons(text: str | None) -> list[Any]:
    try:
        return [json.loads(text)] if text else []
    except (ValueError, RecursionError) as error:
        raise Refusal(_("This is not GeoJSON. Paste a polygon, or draw the area on the map.")) from error


def _shelters(place: Place, values: dict[str, Any], tell: Any) -> list[int]:
    near = destinations.near(place.code)
    named = Counter(one.name for one in near)
    keys = {one.name: one.key for one in near if named[one.name] == 1}
    wanted = _parts(values["shelters"])
    unknown = [name for name in wanted if name not in keys]
    if unknown:
        says = _("There is no shelter “%(name)s” in the register of this county, or several.")
        tell("转移到(避难场所)", says % {"name": unknown[0][:40]})
    return [keys[name] for name in wanted if name in keys]


def _post(place: Place, values: dict[str, Any], tell: Any) -> Post | None:
    if not values["post"]:
        return None
    rows = Post.objects.filter(title=values["post"], closed_on=None, site=None)
    near = list(rows.filter(place=place)[:2]) or list(rows.filter(place__in=ancestors(place.code))[:2])
    near = near or list(rows.filter(place__code__startswith=place.code)[:2])
    if len(near) != 1:
        tell("责任岗位", _("There is no post “%(name)s” here, or several.") % {"name": values["post"][:40]})
        return None
    return near[0]


@transaction.atomic
def bring_in(found: Sheets, *, by: Actor) -> Counter[str]:
    """Write every row; how many were new and how many were there. Call it only without errors."""
    counts: Counter[str] = Counter()
    for row in found.rows[SHEET]:
        known = PlanArea.objects.filter(place=row["owner"], name=row["name"]).select_related("place").first()
        one = known or PlanArea(place_id=row["owner"])
        one.closed_on = None
        facts = {"name": row["name"], "hazard": row["hazard"], "post": row["answers"]}
        facts |= {"destination": row["destination"] or "", "basis": row["basis"] or ""}
        actions.save(one, by=by, area=row["area"], shelters=row["keys"], **facts)
        counts["known" if known else "new"] += 1
    return counts
