"""Cells and pairs as a workbook: all of it or nothing, every mistake with its cell.

A household that is not in the workbook stays as it is. Whoever is head already may stand there masked, as exported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import MOST, Cell, Helper, How
from lastmile.community.org.models import Place
from lastmile.community.people.models import Household, Person
from lastmile.community.people.sheets.layout import Column
from lastmile.community.people.sheets.read import Row, Sheets, read
from lastmile.community.people.sheets.template import add_sheet, guided, saved
from lastmile.kernel import clock
from lastmile.kernel.fields import mask
from lastmile.kernel.lists import plain
from lastmile.kernel.permissions import Actor

CELLS, PAIRS = "互助单元", "结对"
ROLES = {"组长": Helper.Role.HEAD, "副组长": Helper.Role.DEPUTY}
HOWS = {"当面": How.TALK, "电话": How.PHONE, "书面": How.PAPER}
WORDS = {how.value: word for word, how in HOWS.items()}
HOW = Column("how", "同意方式", "本人怎样同意的，从下拉框选。", "当面", choices=tuple(HOWS))
ON = Column("on", "同意日期", "写成 2026-05-12；空着就是今天。请把单元格设为文本格式。", "2026-05-12", width=16)
LAYOUT = {
    CELLS: (
        Column("number", "门户编号", "住户表里的编号。", "001-0001", required=True, width=16),
        Column("cell", "组号", "网格内的第几组，1、2、3；空着就是不在任何组。", "1"),
        Column("duty", "职责", "住在这一户的组长或副组长，从下拉框选；没有就空着。", "组长", choices=tuple(ROLES)),
        Column("name", "姓名", "组长或副组长的姓名；没有变化的，可以留着遮住的写法。", "示例人"),
        HOW,
        ON,
    ),
    PAIRS: (
        Column("number", "门户编号", "特殊人员住在哪一户。", "001-0001", required=True, width=16),
        Column("name", "姓名", "特殊人员的姓名。", "示例人", required=True),
        Column("number1", "邻居一门户编号", "", "001-0002", required=True, width=16),
        Column("name1", "邻居一姓名", "", "示例人", required=True),
        Column("number2", "邻居二门户编号", "", "001-0003", required=True, width=16),
        Column("name2", "邻居二姓名", "", "示例人", required=True),
        HOW,
        ON,
    ),
}
GUIDE = (
    "最后一公里 · 邻里互助单元和结对表",
    "1. 橙色列必填，蓝色列可空。把鼠标放在表头上看说明。第 2 行是示例，可以不删。",
    "2. 每组 5 到 10 户，同一网格；组长、副组长住在本组，并且本人同意。",
    "3. 结对：每位特殊人员有两位同意的邻居。",
    "4. 有错会说明在哪个单元格；全部改好才会导入，不会只导入一半。表里没有的住户保持原样。",
)


class Agreed(NamedTuple):
    place: str
    number: int
    role: str
    person: Person
    how: str
    on: date | None


class Paired(NamedTuple):
    resident: Person
    neighbours: tuple[Person, Person]
    how: str
    on: date | None


@dataclass
class Plan:
    """What a workbook would change. `key` differs when something has changed below it since."""

    errors: list[tuple[str, str]] = field(default_factory=list)
    wanted: dict[str, dict[int, int]] = field(default_factory=dict)
    agreed: list[Agreed] = field(default_factory=list)
    paired: list[Paired] = field(default_factory=list)
    moved: int = 0

    @property
    def key(self) -> list[Any]:
        helpers = sorted((one.place, one.number, one.role, one.person.pk) for one in self.agreed)
        pairs = sorted((one.resident.pk, *sorted(person.pk for person in one.neighbours)) for one in self.paired)
        return [self.moved, [list(one) for one in helpers], [list(one) for one in pairs]]

    @property
    def empty(self) -> bool:
        return not (self.moved or self.agreed or self.paired)


def read_book(place: Place, filename: str, content: bytes) -> Sheets:
    """Raises Refusal for a file that is no workbook."""
    return read(filename, content, LAYOUT)


@dataclass
class Known:
    """The households of a place by their number, who lives there, and how they are divided."""

    homes: dict[str, Household]
    living: dict[int, list[Person]]
    before: dict[str, dict[int, int]]

    def person(self, found: Sheets, sheet: str, row: Row, door: str, name: str) -> Person | None:
        """Who is meant, by full or masked name; otherwise a sentence at the cell of the name."""
        heading = {column.name: column.heading for column in LAYOUT[sheet]}
        home = self.homes.get(row[door] or "")
        if home is None:
            found.wrong(sheet, heading[door], row.line, _("There is no household with this number here."))
            return None
        typed = row[name] or ""
        fitting = [one for one in self.living[home.pk] if typed in ((known := one.name.reveal()), mask(known))]
        if len(fitting) == 1:
            return fitting[0]
        says = (
            _("Nobody of this name lives there.")
            if not fitting
            else _("Several people there fit; write the full name.")
        )
        found.wrong(sheet, heading[name], row.line, says)
        return None


def known(place: Place) -> Known:
    rows = Household.objects.filter(place__code__startswith=place.code, moved_out_on=None)
    homes = {home.number: home for home in rows}
    living: dict[int, list[Person]] = defaultdict(list)
    people = Person.objects.filter(household__in=[home.pk for home in homes.values()], left_on=None)
    for person in people.select_related("household"):
        living[person.household_id or 0].append(person)
    places = {home.place_id for home in homes.values()}
    return Known(homes, living, {code: queries.arranged(code) for code in sorted(places)})


def planned(place: Place, found: Sheets) -> Plan:
    """What would change, or in `errors` what is wrong. Writes nothing."""
    here, plan = known(place), Plan()
    plan.wanted = {code: dict(before) for code, before in here.before.items()}
    seen: dict[str, int] = {}
    for row in found.rows[CELLS]:
        _member(plan, here, found, row, seen)
    for row in found.rows[PAIRS]:
        _pair(plan, here, found, row)
    _sizes(plan, found)
    for code, wanted in plan.wanted.items():
        before = here.before[code]
        plan.moved += sum(before.get(home) != wanted.get(home) for home in {*before, *wanted})
    plan.errors = found.errors
    return plan


def _member(plan: Plan, here: Known, found: Sheets, row: Row, seen: dict[str, int]) -> None:
    home = here.homes.get(row["number"] or "")
    if home is None:
        found.wrong(CELLS, "门户编号", row.line, _("There is no household with this number here."))
        return
    first = seen.setdefault(home.number, row.line)
    number, before = _cell(found, row), plan.wanted[home.place_id].get(home.pk)
    if first != row.line and number != before:
        found.wrong(CELLS, "组号", row.line, _("In row %(line)s it is in another cell.") % {"line": first})
        return
    if number:
        plan.wanted[home.place_id][home.pk] = number
    else:
        plan.wanted[home.place_id].pop(home.pk, None)
    if row["duty"]:
        _duty(plan, here, found, row, home, number)


def _cell(found: Sheets, row: Row) -> int:
    typed = row["cell"] or ""
    if not typed:
        return 0
    if not typed.isdecimal() or not 1 <= int(typed[:6]) <= 999:
        found.wrong(CELLS, "组号", row.line, _("A cell has a number from 1 to 999."))
        return 0
    return int(typed)


def _duty(plan: Plan, here: Known, found: Sheets, row: Row, home: Household, number: int) -> None:
    role = ROLES.get(row["duty"])
    if role is None:
        found.wrong(CELLS, "职责", row.line, _("Write 组长 or 副组长, or leave it empty."))
        return
    if not number:
        found.wrong(CELLS, "组号", row.line, _("Who is head or deputy is in a cell: write its number."))
        return
    person = here.person(found, CELLS, row, "number", "name")
    how, on = _consent(found, CELLS, row)
    if person is None:
        return
    if person.minor:
        found.wrong(CELLS, "姓名", row.line, _("Only somebody grown who lives here can look after others."))
    same = [one for one in plan.agreed if (one.place, one.number) == (home.place_id, number)]
    if any(one.role == role or one.person.pk == person.pk for one in same):
        found.wrong(CELLS, "职责", row.line, _("This cell has two people for one role, or one person for two."))
        return
    held = Helper.objects.filter(cell__place=home.place_id, cell__number=number, role=role, until=None, person=person)
    if not held.exists():
        plan.agreed.append(Agreed(home.place_id, number, role, person, how, on))


def _consent(found: Sheets, sheet: str, row: Row) -> tuple[str, date | None]:
    how = HOWS.get(row["how"] or "当面")
    if how is None:
        found.wrong(sheet, "同意方式", row.line, _("Write one of: %(words)s.") % {"words": "、".join(HOWS)})
    on = None
    if row["on"]:
        try:
            on = parse_date(row["on"])
        except ValueError:
            on = None
        if on is None or on > clock.today():
            found.wrong(sheet, "同意日期", row.line, _("Write a day that has been, as 2026-05-12."))
    return how or How.TALK, on


def _pair(plan: Plan, here: Known, found: Sheets, row: Row) -> None:
    resident = here.person(found, PAIRS, row, "number", "name")
    both = [here.person(found, PAIRS, row, f"number{n}", f"name{n}") for n in (1, 2)]
    how, on = _consent(found, PAIRS, row)
    neighbours = [person for person in both if person is not None]
    if resident is None or len(neighbours) < len(both):
        return
    if not resident.vulnerable:
        found.wrong(PAIRS, "姓名", row.line, _("Only a vulnerable resident who lives here is paired."))
        return
    first, second = neighbours
    homes = {first.household_id, second.household_id}
    if first.pk == second.pk or resident.household_id in homes or first.minor or second.minor:
        says = _("A pair has two different grown neighbours from other households.")
        found.wrong(PAIRS, "邻居一姓名", row.line, says)
        return
    known_ = queries.pairs([resident.pk]).get(resident.pk)
    if known_ is None or {one.person_id for one in known_[1]} != {first.pk, second.pk}:
        plan.paired.append(Paired(resident, (first, second), how, on))


def _sizes(plan: Plan, found: Sheets) -> None:
    for code, wanted in plan.wanted.items():
        for number, size in sorted(Counter(wanted.values()).items()):
            if size > MOST:
                found.at(f"{CELLS} {code[12:] or code}", str(actions.TOO_LARGE) % {"number": number, "size": size})


@transaction.atomic
def bring_in(place: Place, plan: Plan, *, by: Actor) -> None:
    """Write all of it in one transaction. Call it only without errors."""
    places = Place.objects.in_bulk(plan.wanted)
    for code, wanted in plan.wanted.items():
        actions.arrange(places[code], wanted, by=by)
    for one in plan.agreed:
        cell = Cell.objects.get(place=one.place, number=one.number)
        Helper.objects.filter(cell=cell, person=one.person, until=None).update(until=clock.today())
        actions.agree(cell, one.role, one.person, how=one.how, on=one.on, by=by)
    for pair in plan.paired:
        actions.pair_with(pair.resident, pair.neighbours, how=pair.how, on=pair.on, by=by)


def exported(place: Place) -> bytes:
    """Everything as it is, in the form that can be corrected and brought back; names stay masked."""
    book = guided((*GUIDE, f"本表用于：{place.name}"))
    for name, rows in ((CELLS, _cell_rows(place)), (PAIRS, _pair_rows(place))):
        sheet = add_sheet(book, name, LAYOUT[name])
        for at, row in enumerate(rows, start=3):
            for column, value in enumerate(row, start=1):
                sheet.cell(at, column, plain(value))
    return saved(book)


def _cell_rows(place: Place) -> list[list[str]]:
    here = known(place)
    roles: dict[int, list[Helper]] = defaultdict(list)
    for one in queries.helpers_now().filter(cell__place__code__startswith=place.code).select_related("person"):
        roles[one.person.household_id or 0].append(one)
    order = sorted(here.homes.values(), key=lambda home: (home.place_id, home.walking_order or 2**31, home.number))
    rows = []
    for home in order:
        number = here.before[home.place_id].get(home.pk)
        shown = [home.number, str(number or "")]
        held: Sequence[Helper | None] = roles[home.pk] or [None]
        rows += [shown + (_helper(one) if one else ["", "", "", ""]) for one in held]
    return rows


def _helper(one: Helper) -> list[str]:
    word = next(word for word, role in ROLES.items() if role == one.role)
    return [word, one.person.name.masked(), WORDS.get(one.agreed_how, "当面"), one.agreed_on.isoformat()]


def _pair_rows(place: Place) -> list[list[str]]:
    people = Person.objects.filter(place__code__startswith=place.code, vulnerable=True, left_on=None)
    residents = {one.pk: one for one in people.select_related("household").order_by("household__number", "pk")}
    found = queries.pairs(list(residents))
    rows = []
    for pk, resident in residents.items():
        _none, helping = found.get(pk, (None, []))
        if len(helping) == 2 and resident.household:
            both = [part for one in helping for part in (_door(one), one.person.name.masked())]
            consent = [WORDS.get(helping[0].agreed_how, "当面"), helping[0].agreed_on.isoformat()]
            rows.append([resident.household.number, resident.name.masked(), *both, *consent])
    return rows


def _door(one: Helper) -> str:
    return one.person.household.number if one.person.household else ""
