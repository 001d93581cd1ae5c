"""What no cell can tell alone: numbers used twice, grids and doors that nobody knows, guardians without a phone."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Contact, Household
from lastmile.community.people.sheets.read import Row, Sheets, read
from lastmile.kernel.crypto import keyring

FIRST_ROWS = 5


def check(village: Place, filename: str, content: bytes) -> Sheets:
    """Read the workbook and compare it with itself and with what the village has. Writes nothing."""
    return compare(village, read(filename, content))


def compare(village: Place, sheets: Sheets) -> Sheets:
    """Add what is wrong between rows, and between them and what the village has."""
    doors = set(Household.objects.filter(village=village.code).values_list("number", flat=True))
    _once(sheets, "网格", ("grid",), "网格编号")
    _once(sheets, "住户", ("number",), "门户编号")
    _namesakes(sheets)
    _once(sheets, "岗位人员", ("grid", "kind", "title", "role"), "岗位类别")
    _once(sheets, "岗位人员", ("grid", "kind", "title", "phone"), "手机")
    _once(sheets, "重点场所", ("grid", "name"), "名称")
    _grids(sheets, village)
    _doors(sheets, doors)
    _guardians(sheets, village)
    for row in sheets.rows["重点场所"]:
        keeper_whole(sheets, row)
    return sheets


def keeper_whole(sheets: Sheets, row: Row) -> None:
    if bool(row["keeper"]) != bool(row["phone"]):
        says = _("Write both name and phone of the responsible person, or neither.")
        sheets.wrong("重点场所", "责任人手机" if row["keeper"] else "责任人姓名", row.line, says)


def _once(sheets: Sheets, name: str, key: tuple[str, ...], heading: str) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for row in sheets.rows[name]:
        value = tuple(row[part] for part in key)
        if None in value[:1] or (len(key) == 1 and not value[0]):
            continue
        if value in seen:
            sheets.wrong(name, heading, row.line, _("The same as in row %(line)s.") % {"line": seen[value]})
        seen.setdefault(value, row.line)


def _namesakes(sheets: Sheets) -> None:
    """Two rows of one name behind one door must differ in their years, or nobody could tell them apart next time."""
    seen: dict[tuple[str, str], dict[int | None, int]] = {}
    for row in sheets.rows["居民"]:
        years = seen.setdefault((row["number"], row["name"]), {})
        if years and (row["born"] is None or None in years or row["born"] in years):
            line = years.get(row["born"]) or min(years.values())
            says = _("Row %(line)s has the same name behind this door. Delete one, or write their different years.")
            sheets.wrong("居民", "姓名", row.line, says % {"line": line})
        years.setdefault(row["born"], row.line)


def _grids(sheets: Sheets, village: Place) -> None:
    known = Place.objects.filter(code__startswith=village.code, level=Level.GRID, valid_to=None)
    grids = {code[12:] for code in known.values_list("code", flat=True)} | {row["grid"] for row in sheets.rows["网格"]}
    for name in ("住户", "岗位人员", "重点场所"):
        for row in sheets.rows[name]:
            if row["grid"] and row["grid"] not in grids:
                says = _("There is no grid %(grid)s. Enter it in the sheet 网格.") % {"grid": row["grid"]}
                sheets.wrong(name, "网格编号", row.line, says)


def _doors(sheets: Sheets, known: set[str]) -> None:
    doors = known | {row["number"] for row in sheets.rows["住户"]}
    for row in sheets.rows["居民"]:
        if row["number"] and row["number"] not in doors:
            says = _("There is no household %(number)s. Enter it in the sheet 住户.") % {"number": row["number"]}
            sheets.wrong("居民", "门户编号", row.line, says)


def _guardians(sheets: Sheets, village: Place) -> None:
    wanted = [row for row in sheets.rows["居民"] if row["guardian"]]
    phones = {row[column] for row in sheets.rows["居民"] for column in ("phone", "phone2")}
    blinds = {row["guardian"]: keyring().blinds(row["guardian"]) for row in wanted}
    sought = [one for both in blinds.values() for one in both]
    people = Contact.objects.filter(person__place__code__startswith=village.code, person__left_on=None)
    known = {bytes(b) for b in people.filter(blind__in=sought).values_list("blind", flat=True)}
    for row in wanted:
        if row["guardian"] not in phones and known.isdisjoint(blinds[row["guardian"]]):
            says = _("Nobody in this workbook or village has this phone. Enter the guardian as a resident first.")
            sheets.wrong("居民", "监护人手机", row.line, says)
        elif row["guardian"] in (row["phone"], row["phone2"]):
            sheets.wrong("居民", "监护人手机", row.line, _("Nobody can be their own guardian."))


def report(sheets: Sheets, village: Place) -> str:
    """What the preview shows, as JSON: counts, how many doors are new, first rows, mistakes by cell."""
    numbers = [row["number"] for row in sheets.rows["住户"]]
    known = Household.objects.filter(village=village.code, number__in=numbers).count()
    body = {
        "counts": {name: len(rows) for name, rows in sheets.rows.items()},
        "known": known,
        "new": len(numbers) - known,
        "first": {name: [row.texts for row in rows[:FIRST_ROWS]] for name, rows in sheets.rows.items()},
        "errors": sheets.errors,
        "error_count": sheets.error_count,
    }
    return json.dumps(body, ensure_ascii=False)
