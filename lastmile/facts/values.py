"""A value as it is typed, as it is kept, and as it is shown: one text, checked by the field's type.

Kept: whole "1234", decimal "12.5", yes or no "yes"/"no", a choice by its word, a date "2026-05-01", text as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from lastmile.facts.models import FieldType
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal

LARGEST = 10**12
LONGEST = 500
YES = {"yes", "y", "true", "1", "是", "有", "对", "已", "√", "✓", "✔", "✅", "👍", "好"}
NO = {"no", "n", "false", "0", "否", "无", "没有", "没", "不是", "×", "✗", "✘", "❌", "未"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")
MEASURES = "人户台个处辆只套间名位口家条艘部盏座栋件箱"  # counted words that add nothing; 万 or 亿 would
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def clean(text: Any) -> str:
    """Without control characters and double spaces; full-width digits and letters as plain ones.

    >>> clean("　１２人 ")
    '12人'
    """
    shown = unicodedata.normalize("NFKC", "" if text is None else str(text))
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in shown).split())


def read(kind: str, typed: Any, *, unit: str = "", choices: Sequence[str] = ()) -> str:
    """The value as it is kept. Raises Refusal with a sentence when it is none."""
    text = _text(typed)
    if not text:
        raise Refusal(_("Nothing is written here."), _("Write a value, or say why you can't."))
    if kind in (FieldType.WHOLE, FieldType.DECIMAL):
        return _number(kind, text, unit)
    if kind == FieldType.YES_NO:
        return _yes_no(text)
    if kind == FieldType.CHOICE:
        return _choice(text, choices)
    if kind == FieldType.DATE:
        return _day(text)
    if len(text) > LONGEST:
        raise Refusal(_("The text is longer than %(n)s characters.") % {"n": LONGEST}, _("Shorten it."))
    return text


def _text(typed: Any) -> str:
    """What a form, a program or a workbook's cell gives, as text."""
    if isinstance(typed, datetime | date):
        return typed.isoformat()[:10]
    return clean(int(typed) if isinstance(typed, float) and typed.is_integer() else typed)


def _number(kind: str, text: str, unit: str) -> str:
    bare = text.removesuffix(clean(unit)).strip() if unit else text
    bare = bare.rstrip(MEASURES).strip()
    bare = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", bare)
    try:
        number = Decimal(bare) if NUMBER.fullmatch(bare) else None
    except InvalidOperation:
        number = None
    if number is None or number < 0 or number > LARGEST:
        raise Refusal(_("“%(text)s” is not a number from 0 on.") % {"text": text[:20]}, _("Write digits only, as 12."))
    if number == number.to_integral_value():
        return str(int(number))
    if kind == FieldType.WHOLE:
        raise Refusal(_("“%(text)s” is not a whole number.") % {"text": text[:20]}, _("Write it without decimals."))
    return format(number.normalize(), "f")


def _yes_no(text: str) -> str:
    word = text.lower()
    if word in YES:
        return "yes"
    if word in NO:
        return "no"
    raise Refusal(_("“%(text)s” is neither yes nor no.") % {"text": text[:20]}, _("Write 是 or 否."))


def _choice(text: str, choices: Sequence[str]) -> str:
    found = next((choice for choice in choices if clean(choice) == text), None)
    if found is None:
        raise Refusal(
            _("“%(text)s” is not one of: %(allowed)s.") % {"text": text[:20], "allowed": "、".join(choices)},
            _("Use one of these words."),
        )
    return found


def _day(text: str) -> str:
    found = DAY.fullmatch(text)
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2200:
        raise Refusal(_("“%(text)s” is not a date.") % {"text": text[:20]}, _("Write it as 2026-05-01."))
    return day.isoformat()


def day(typed: Any) -> date:
    """A date that is not in the future, for "as of"; empty means today."""
    today = clock.today()
    if typed in (None, ""):
        return today
    found = date.fromisoformat(_day(clean(typed.isoformat() if isinstance(typed, date) else typed)))
    if found > today:
        raise Refusal(_("A fact can't be of a day to come."), _("Write the day on which it was so, or leave it empty."))
    return found


def number(value: str) -> int | float | None:
    """The value as a number, or None when it is none."""
    if not NUMBER.fullmatch(value):
        return None
    return float(value) if "." in value else int(value)


def plain_number(added: Any) -> str:
    """A sum as text; empty where nothing was added."""
    if added is None:
        return ""
    return str(int(added)) if added == int(added) else format(Decimal(added).normalize(), "f")


def shown(kind: str, value: str, unit: str = "") -> str:
    """The value with its unit, in the reader's language."""
    if not value:
        return ""
    if kind == FieldType.YES_NO:
        return _("yes") if value == "yes" else _("no")
    return f"{value} {unit}".strip() if kind in (FieldType.WHOLE, FieldType.DECIMAL) else value


def cell(kind: str, value: str) -> Any:
    """The value for a workbook: numbers as numbers."""
    if kind in (FieldType.WHOLE, FieldType.DECIMAL):
        found = number(value)
        return value if found is None else found
    return shown(kind, value)


def total(kind: str, found: Sequence[str]) -> str:
    """The sum of numbers, or how many said yes; '' where adding makes no sense."""
    if kind == FieldType.YES_NO:
        return str(sum(value == "yes" for value in found))
    if kind not in (FieldType.WHOLE, FieldType.DECIMAL):
        return ""
    added = sum((Decimal(value) for value in found if NUMBER.fullmatch(value)), Decimal(0))
    return plain_number(added)
