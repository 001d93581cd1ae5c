"""Read one cell as what its column wants; what is wrong is a sentence beside the cell's address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lastmile.community.org.terminals import CODE as TERMINAL
from lastmile.community.people import phones
from lastmile.community.people.actions.people import checked_birth_year
from lastmile.community.people.sheets.layout import ABILITIES, CARE, SEPARATORS
from lastmile.kernel.errors import Refusal

NUMBER_LIMIT = {"longitude": (70.0, 140.0), "latitude": (0.0, 56.0)}
LONGEST = {
    "number": 40,
    "address": 200,
    "name": 60,
    "title": 100,
    "note": 200,
    "keeper": 60,
    "email": 120,
    "label": 60,
    "unit": 20,
    "answers": 900,
    "department": 100,
    "source": 100,
    "areas": 20_000,
    "outline": 32_767,
}


class Wrong(Exception):
    """What is wrong with a cell, as a sentence."""


def text(value: Any) -> str:
    """A cell as people see it: numbers typed as numbers lose no digit and gain no '.0'."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\0", "").replace(" ", " ").strip()


def grid(value: str) -> str:
    if not value:
        return ""
    if not re.fullmatch(r"\d{1,3}", value) or int(value) == 0:
        raise Wrong(_("“%(value)s” is not a grid number: write 001 to 999.") % {"value": value[:20]})
    return value.zfill(3)


def choice(value: str, choices: Mapping[str, Any]) -> Any:
    if value not in choices:
        allowed = "、".join(choices)
        raise Wrong(_("“%(value)s” is not one of: %(allowed)s.") % {"value": value[:20], "allowed": allowed})
    return choices[value]


def care(value: str) -> list[str]:
    return sorted({kind.value for kind in several(value, CARE)})


def abilities(value: str) -> list[str]:
    return sorted(set(several(value, ABILITIES)))


def several(value: str, choices: Mapping[str, Any]) -> list[Any]:
    return [choice(part, choices) for part in re.split(f"[{SEPARATORS}]+", value) if part]


def terminal(value: str) -> str:
    if not TERMINAL.fullmatch(value):
        raise Wrong(_("“%(value)s” is no code: write 3 to 30 letters, digits, - and _.") % {"value": value[:40]})
    return value


def decimal(name: str, value: str) -> float | None:
    if not value:
        return None
    low, high = NUMBER_LIMIT[name]
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise Wrong(
            _("“%(value)s” is not a position in China: write degrees between %(low)s and %(high)s.")
            % {"value": value[:20], "low": int(low), "high": int(high)}
        )
    return number


def whole(value: str, highest: int) -> int | None:
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= highest:
        raise Wrong(_("“%(value)s” is not a whole number from 1 to %(top)s.") % {"value": value[:20], "top": highest})
    return int(value)


def born(value: str) -> int | None:
    if not value:
        return None
    try:
        checked = checked_birth_year(int(value) if value.isascii() and value.isdigit() and len(value) == 4 else 0)
    except Refusal:
        raise Wrong(_("“%(value)s” is not a year of birth: write 4 digits, as 1958.") % {"value": value[:20]}) from None
    return int(checked or 0)


def contact(kind: str, value: str) -> str:
    if not value:
        return ""
    try:
        return phones.normal(kind, value)
    except Refusal as refusal:
        raise Wrong(f"{refusal.says} {refusal.mend}") from refusal


def short(name: str, value: str) -> str:
    longest = LONGEST.get(name, 200)
    if len(value) > longest:
        raise Wrong(_("The text is longer than %(n)s characters.") % {"n": longest})
    return value
