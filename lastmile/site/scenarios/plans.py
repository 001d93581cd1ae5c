"""The carried facts of each event: places, times, what is known of it and how sure, what is assumed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import NotFound

NAMES = ("zhengzhou-2021", "miyun-2025")
DATA = Path(__file__).parent / "data"


def moment(text: str) -> datetime:
    """A time of the data, in Beijing; a day alone is its beginning."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@dataclass(frozen=True)
class Plan:
    """`plan[key]` is the datum. A template looks there first, so no property is named like one."""

    name: str
    data: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    @property
    def start(self) -> datetime:
        return moment(self["begins"])

    @property
    def finish(self) -> datetime:
        return moment(self["ends"])

    @property
    def heading(self) -> str:
        return worded(self["title"])

    @property
    def told(self) -> str:
        return worded(self["lesson"])


def worded(texts: dict[str, Any]) -> str:
    """The text in the reader's language."""
    return str(texts["zh" if (get_language() or "zh").startswith("zh") else "en"])


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def plan(name: str) -> Plan:
    if name not in NAMES:
        raise NotFound(_("There is no such scenario."), _("There are: %(names)s.") % {"names": ", ".join(NAMES)})
    return Plan(name, _read(name))


def plans() -> list[Plan]:
    return [plan(name) for name in NAMES]
