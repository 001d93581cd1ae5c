"""The dictionary as a workbook: one row a field, out and back in. Headings and words are data, whatever the language.

A row without a number is a new field. Of a field that is there, only what changes no meaning of stored facts may be
edited: who knows it, where from, for how long, further answers. What comes with the system is for reading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook

from lastmile.community.org.models import Level, Place, Post
from lastmile.community.people.sheets.cells import Wrong, choice, whole
from lastmile.community.people.sheets.layout import POSTS, Column
from lastmile.community.people.sheets.read import Row, Sheets
from lastmile.community.people.sheets.read import read as read_sheets
from lastmile.community.people.sheets.template import add_sheet, saved
from lastmile.facts import dictionary
from lastmile.facts.actions import define
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Definition, FieldType, Subject
from lastmile.facts.values import clean
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.lists import plain
from lastmile.kernel.permissions import Actor, Perm, may, require

SHEET = "字典"
MOST_ROWS = 1_000
TYPES = {
    "整数": FieldType.WHOLE,
    "小数": FieldType.DECIMAL,
    "是否": FieldType.YES_NO,
    "单选": FieldType.CHOICE,
    "日期": FieldType.DATE,
    "文字": FieldType.TEXT,
}
SUBJECTS = {"地方": Subject.PLACE, "重点场所": Subject.SITE, "住户": Subject.HOME}
LEVELS = {"乡镇街道": Level.TOWNSHIP, "村社区": Level.VILLAGE, "网格": Level.GRID}
KEEPER = {"场所责任人": Post.Kind.SITE}  # of fields that come with the system
CHOSEN: dict[str, Mapping[str, Any]] = {"type": TYPES, "subject": SUBJECTS, "level": LEVELS, "owner": POSTS}
COLUMNS = (
    Column("name", "编号", "系统给的编号，不要改；新增的一行空着。", width=22),
    Column("label", "问什么", "短而明白，如 应急灯。已有的不能改。", "应急灯", required=True, width=26),
    Column("type", "答案类型", "从下拉框选。已有的不能改。", "整数", required=True, choices=tuple(TYPES)),
    Column("unit", "单位", "如 盏；可空。已有的不能改。", "盏"),
    Column("answers", "可选答案", "只用于“单选”，2 至 20 个，用分号；隔开。已有的只能添加。", "", width=24),
    Column("subject", "关于", "从下拉框选。已有的不能改。", "地方", required=True, choices=tuple(SUBJECTS)),
    Column("level", "填报层级", "只用于“地方”。已有的不能改。", "村社区", choices=tuple(LEVELS)),
    Column("owner", "由谁掌握", "哪个岗位知道，从下拉框选。", "负责人", required=True, choices=tuple(POSTS)),
    Column("department", "部门", "可空。", "应急管理局", width=18),
    Column("source", "通常来源", "可空。", "现场清点", width=18),
    Column("validity", "有效天数", "1 至 3650。", "365", required=True),
)
LAYOUT = {SHEET: COLUMNS}
HEADINGS = {column.name: column.heading for column in COLUMNS}
HEADINGS |= {"choices": HEADINGS["answers"], "validity_days": HEADINGS["validity"]}
FIXED = ("label", "type", "unit", "subject", "level")


@dataclass(frozen=True)
class Change:
    """What a row changes of a field that is there: (heading, before, after) for each cell."""

    row: Definition
    given: dict[str, Any]
    cells: list[tuple[str, str, str]]


@dataclass
class Plan:
    """What a workbook would do. Nothing is to be written unless `errors` is empty."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> list[Any]:
        """To see whether the dictionary has moved on since the preview."""
        return [len(self.new), *([one.row.name, *map(list, one.cells)] for one in self.changed)]


def _word(name: str, value: Any) -> str:
    """The word of the workbook for a value of a column."""
    words = {**CHOSEN[name], **(KEEPER if name == "owner" else {})}
    return next(word for word, stands_for in words.items() if stands_for == value)


def line(one: Field) -> dict[str, str]:
    """A field as its row says it."""
    with translation.override("zh-hans"):
        texts = {"label": str(one.label), "unit": str(one.unit), "source": str(one.source)}
    of_level = one.subject == Subject.PLACE and not one.is_derived
    return {name: clean(text) for name, text in texts.items()} | {
        "name": one.name,
        "type": _word("type", one.type),
        "answers": "；".join(one.choices),
        "subject": _word("subject", one.subject),
        "level": _word("level", one.level) if of_level else "",
        "owner": "系统" if one.is_derived else _word("owner", one.owner),
        "department": one.department,
        "validity": "—" if one.is_derived else str(one.validity.days),
    }


def exported(fields: Sequence[Field]) -> bytes:
    """The workbook of some fields, with drop-downs and an example for what is added."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = add_sheet(book, SHEET, COLUMNS)
    for texts in map(line, fields):
        sheet.append([plain(texts[column.name]) for column in COLUMNS])
    return saved(book)


def read(filename: str, content: bytes) -> Sheets:
    """Every row, each cell checked by itself. Raises Refusal when the file is no good."""
    found = read_sheets(filename, content, LAYOUT)
    if len(found.rows[SHEET]) > MOST_ROWS:
        raise Refusal(_("More than %(n)s rows. Split the workbook.") % {"n": MOST_ROWS})
    return found


def planned(by: Actor, found: Sheets) -> Plan:
    """What is new, changed and wrong, beside what the dictionary holds now. Writes nothing."""
    plan = Plan()
    known = {one.name: one for one in dictionary.fields()}
    rows = {row.name: row for row in Definition.objects.all()}
    asked: dict[tuple[str, int, str], str] = {}  # what is asked of each → where
    for one in known.values():
        levels = LEVELS.values() if one.is_derived else [one.level]
        asked |= {(one.subject, int(level), dictionary.plain(str(one.label))): "" for level in levels}
    seen: dict[str, int] = {}
    for row in found.rows[SHEET]:
        if None in row.values.values():
            continue  # its cells are named already
        texts = {name: _bare(name, text) for name, text in row.values.items()}
        name = texts["name"]
        if name and seen.setdefault(name, row.line) != row.line:
            _tell(found, row, "name", _("The same as in row %(line)s.") % {"line": seen[name]})
        elif name:
            _there(plan, found, row, texts, known.get(name), rows.get(name), by)
        else:
            _added(plan, found, row, texts, asked)
    plan.errors = found.errors
    return plan


def _bare(name: str, text: str) -> str:
    """As it was before the export made it harmless; answers keep what parts them."""
    text = re.sub(r"^'(?=[=+\-@])", "", text)
    return text if name == "answers" else clean(text)


def _tell(found: Sheets, row: Row, name: str, says: str) -> None:
    found.wrong(SHEET, HEADINGS[name], row.line, says)


def _tell_all(found: Sheets, row: Row, refusal: Refusal) -> None:
    for name, says in refusal.fields.items():
        _tell(found, row, name, str(says))


def _there(
    plan: Plan,
    found: Sheets,
    row: Row,
    texts: dict[str, str],
    one: Field | None,
    stored: Definition | None,
    by: Actor,
) -> None:
    """A row with a number: the same as before, a change, or wrong."""
    if one is None:
        gone = _("This field was retired. Take the row out.")
        none = _("The dictionary has no field with this number. Leave it empty for a new field.")
        _tell(found, row, "name", gone if stored else none)
        return
    before = line(one)
    differ = [column.name for column in COLUMNS if clean(texts[column.name]) != clean(before[column.name])]
    if not differ:
        plan.same += 1
        return
    if stored is None or not may(by, Perm.FACT_DEFINE, stored.place_id):
        system = _("This field comes with the system and can't be changed here.")
        other = _("Another unit defined this field; only that unit or one above it may change it.")
        _tell(found, row, differ[0], other if stored else system)
        return
    for name in differ:
        if name in FIXED:
            says = _("This can't be changed: facts are on record under it. Retire the field and define another.")
            _tell(found, row, name, says)
    given = _values(found, row, {name: texts[name] for name in differ if name not in FIXED})
    try:
        define.amended(stored, given)
    except Refusal as refusal:
        _tell_all(found, row, refusal)
    plan.changed.append(Change(stored, given, [(HEADINGS[name], before[name], texts[name]) for name in differ]))


def _added(plan: Plan, found: Sheets, row: Row, texts: dict[str, str], asked: dict[tuple[str, int, str], str]) -> None:
    """A row without a number: a new field, unless it is asked already."""
    before = found.error_count
    given = _values(found, row, texts)
    of_place = given.get("subject") == Subject.PLACE
    if of_place and not texts["level"]:
        _tell(found, row, "level", _("Choose the level at which it is entered."))
    elif not of_place and texts["level"]:
        _tell(found, row, "level", _("Leave this empty: only a fact about a place has a level."))
    if given.get("type") != FieldType.CHOICE and texts["answers"]:
        _tell(found, row, "answers", _("Leave this empty: only “单选” has answers to choose from."))
    if found.error_count > before:
        return
    try:
        values = define.checked(given)
    except Refusal as refusal:
        _tell_all(found, row, refusal)
        return
    key = (values["subject"], int(values["level"]), values["plain"])
    if key in asked:
        where = asked[key] or _("the dictionary")
        _tell(found, row, "label", _("This is asked already, in %(where)s. Use that field.") % {"where": where})
        return
    asked[key] = _("row %(line)s") % {"line": row.line}
    plan.new.append(given)


def _values(found: Sheets, row: Row, texts: dict[str, str]) -> dict[str, Any]:
    """What the actions take, from the cells given; a cell that is none of its words is named."""
    given: dict[str, Any] = {name: texts[name] for name in ("label", "unit", "department", "source") if name in texts}
    for name, words in CHOSEN.items():
        try:
            if name in texts:
                given[name] = choice(texts[name], words) if texts[name] or name != "level" else Level.VILLAGE
        except Wrong as wrong:
            _tell(found, row, name, str(wrong))
    if "answers" in texts:
        given["choices"] = [word for word in re.split(r"[;；\n]+", texts["answers"]) if clean(word)]
    try:
        if "validity" in texts:
            given["validity_days"] = whole(texts["validity"], 3650)
    except Wrong as wrong:
        _tell(found, row, "validity", str(wrong))
    return given


@transaction.atomic
def bring_in(by: Actor, unit: Place, found: Sheets, key: list[Any]) -> Plan:
    """Write every row, or none. Raises Conflict when the dictionary is no longer as the preview saw it."""
    require(by, Perm.FACT_DEFINE, unit.code)
    plan = planned(by, found)
    if plan.errors or plan.key != key:
        raise Conflict(_("Since the preview, the dictionary has changed."), _("Upload the workbook again."))
    for given in plan.new:
        define.define(by, unit, **given)
    for one in plan.changed:
        define.amend(by, one.row, **one.given)
    new, changed = len(plan.new), len(plan.changed)
    kind = "facts.definition"
    audit.record("facts.dictionary_import", actor=by, place=unit.code, object_type=kind, new=new, changed=changed)
    return plan
