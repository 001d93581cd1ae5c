"""Shelters of a county, township or village from a workbook, all of it or nothing; every mistake with its cell."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.actions import save_post
from lastmile.community.org.models import CODE_LENGTH, Level, Place, Post
from lastmile.community.people.sheets.cells import Wrong, choice
from lastmile.community.people.sheets.layout import GRID, SEPARATORS, Column
from lastmile.community.people.sheets.read import Row, Sheets, read
from lastmile.community.people.sheets.template import add_sheet, guided, saved
from lastmile.kernel.permissions import Actor
from lastmile.modules.shelters.actions import register
from lastmile.modules.shelters.models import Equipment, Shelter

SHEET = "避难场所"
CODE = re.compile(r"\d{6,12}")
TYPES = {
    "学校": Shelter.Kind.SCHOOL,
    "体育场馆": Shelter.Kind.STADIUM,
    "文化礼堂或村委会": Shelter.Kind.HALL,
    "公园绿地": Shelter.Kind.PARK,
    "宾馆旅店": Shelter.Kind.HOTEL,
    "人防工程": Shelter.Kind.SUBWAY,
    "其他": Shelter.Kind.OTHER,
}
EQUIPMENT = {
    "无障碍": Equipment.WHEELCHAIR,
    "医疗": Equipment.MEDICAL,
    "母婴": Equipment.INFANTS,
    "厨房": Equipment.KITCHEN,
    "自备电源": Equipment.POWER,
}
WORDS = {what.value: word for word, what in (TYPES | EQUIPMENT).items()}
COLUMNS = (
    Column("name", "名称", "门牌或众所周知的名称，如 崔庙镇中心小学。", "崔庙镇中心小学", required=True, width=26),
    Column("type", "类型", "从下拉框选。", "学校", required=True, choices=tuple(TYPES), width=18),
    Column("village", "所在村(社区)", "12 位编码，或本地不重名的名称。", "410182109001", required=True, width=26),
    GRID,
    Column("area", "服务范围编码", "谁到这里来：村 12 位、乡镇 9 位、县 6 位；空着就是所在村。", "410182109", width=16),
    Column("address", "地址", "", "崔庙镇人民路 12 号", width=30),
    Column("capacity", "容纳人数", "最多能住下多少人。", "600", required=True),
    Column("equipment", "设施", "可写多个，用顿号隔开：" + "、".join(EQUIPMENT), "无障碍、医疗", width=20),
    Column("keeper", "管理岗位", "谁来开门、管理；岗位名称，没有就新建一个。", "避难场所管理员", width=18),
    Column("contact", "值班电话", "单位电话，不要写个人手机号。", "0371-64660000", width=18),
    Column("longitude", "经度", "WGS84，度。", "113.3912"),
    Column("latitude", "纬度", "WGS84，度。", "34.6201"),
    Column("notes", "备注", "", "", width=24),
)
LAYOUT = {SHEET: COLUMNS}
GUIDE = (
    "最后一公里 · 避难场所表",
    "1. 橙色列必填，蓝色列可空。把鼠标放在表头上看说明。第 2 行是示例，可以不删。",
    "2. 不要合并单元格，不要用公式，不要改表名和表头。",
    "3. 有错会说明在哪个单元格；全部改好才会导入，不会只导入一半。",
    "4. 以后可以改了再传：同一地点、同一名称的只会更新，不会重复。表里没有的不会被删除。",
)


def template(above: Place) -> bytes:
    book = guided((*GUIDE, f"本表用于：{above.name}"))
    add_sheet(book, SHEET, COLUMNS)
    return saved(book)


def exported(shelter: Shelter) -> list[Any]:
    """A shelter as a row of the workbook, so that an export can be corrected and brought back."""
    return [
        shelter.name,
        WORDS[shelter.kind],
        shelter.place_id[:12],
        shelter.place_id[12:],
        shelter.area_id,
        shelter.address,
        str(shelter.capacity),
        "、".join(WORDS[what] for what in shelter.equipment),
        shelter.keeper.title if shelter.keeper else "",
        shelter.contact,
        "" if shelter.longitude is None else str(shelter.longitude),
        "" if shelter.latitude is None else str(shelter.latitude),
        shelter.notes,
    ]


def checked(above: Place, filename: str, content: bytes) -> Sheets:
    """Every row with its place found; `errors` says what is wrong. Raises Refusal for a file that is no workbook."""
    found = read(filename, content, LAYOUT)
    places = {place.code: place for place in Place.objects.current().under(above.code).filter(level__gte=Level.VILLAGE)}
    villages = [place for place in places.values() if place.level == Level.VILLAGE]
    if above.level == Level.GRID:
        villages = [*Place.objects.filter(pk=above.code[:12])]
    named = Counter(place.name for place in villages)
    codes = {place.name: place.code for place in villages if named[place.name] == 1}
    codes |= {place.code: place.code for place in villages}
    seen: dict[tuple[str, str], int] = {}
    for row in found.rows[SHEET]:
        _check(found, row, codes, places)
        first = seen.setdefault((row["place"], row["name"]), row.line)
        if first != row.line:
            found.wrong(SHEET, "名称", row.line, _("The same as in row %(line)s.") % {"line": first})
    return found


def _check(found: Sheets, row: Row, codes: dict[str, str], places: dict[str, Place]) -> None:
    def tell(heading: str, says: str) -> None:
        found.wrong(SHEET, heading, row.line, says)

    values = row.values
    try:
        values["type"] = choice(values["type"], TYPES) if values["type"] else None
    except Wrong as wrong:
        tell("类型", str(wrong))
    try:
        parts = [part for part in re.split(f"[{SEPARATORS}]+", values["equipment"] or "") if part]
        values["equipment"] = sorted({choice(part, EQUIPMENT).value for part in parts})
    except Wrong as wrong:
        tell("设施", str(wrong))
    typed = values["village"] or ""
    village = codes.get(typed, "")
    if typed and not village:
        says = _("There is no village or community “%(name)s” here.")
        tell("所在村(社区)", says % {"name": typed[:40]})
    grid = values["grid"] or ""
    values["place"] = village + grid if village else ""
    if village and grid and values["place"] not in places:
        tell("网格编号", _("There is no grid %(grid)s in this village or community.") % {"grid": grid})
    _check_area(values, village, tell)
    if (values["longitude"] is None) != (values["latitude"] is None):
        tell("纬度", _("Give both longitude and latitude, or neither."))


def _check_area(values: dict[str, Any], village: str, tell: Any) -> None:
    area = values["area"] or village
    values["area"] = area
    if not village or area == village:
        return
    known = CODE.fullmatch(area) and Place.objects.current().filter(pk=area).exists()
    if not known or area[:6] != village[:6]:
        tell("服务范围编码", _("There is no place with this code in the same county."))


@transaction.atomic
def bring_in(found: Sheets, *, by: Actor) -> Counter[str]:
    """Write every row; how many were new and how many were there. Call it only without errors."""
    counts: Counter[str] = Counter()
    for row in found.rows[SHEET]:
        known = Shelter.objects.filter(place=row["place"], name=row["name"]).first()
        shelter = known or Shelter(place_id=row["place"], name=row["name"])
        facts = {name: row[name] for name in ("address", "capacity", "equipment", "contact", "longitude", "latitude")}
        facts |= {"kind": row["type"], "area_id": row["area"], "notes": row["notes"] or "", "closed_on": None}
        if row["keeper"]:
            facts["keeper"] = _post(row["place"], row["keeper"], by)
        register.save(shelter, by=by, **facts)
        counts["known" if known else "new"] += 1
    return counts


def _post(place: str, title: str, by: Actor) -> Post:
    """The post of this title at the place or above it in the village; a new one where there is none."""
    codes = [place, place[: CODE_LENGTH[Level.VILLAGE]]]
    found = Post.objects.filter(place__in=codes, title=title, closed_on=None).order_by("-place_id").first()
    kind = Post.Kind.OTHER
    return found or save_post(Post(place_id=place), by=by, kind=kind, title=title, must_answer=False)
