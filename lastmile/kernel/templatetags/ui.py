"""Template tags every page may use: icons, active menu entries, times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from lastmile.kernel import clock

register = template.Library()


@lru_cache(maxsize=200)
def _svg(name: str) -> str:
    path = Path(settings.VAR) / "vendor" / "icons" / f"{name}.svg"
    if not path.exists():
        return ""
    return path.read_text().replace("<svg", '<svg aria-hidden="true"', 1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A Tabler icon, inline and hidden from screen readers; tools/vendor.py lists which are installed."""
    return mark_safe(_svg(name))  # noqa: S308  (files we installed ourselves)


@register.filter
def since(moment: datetime) -> str:
    """How long ago by our own clock, in words: “3 minutes”."""
    return timesince(moment, clock.now()).replace("，", " ")


@register.filter
def numeric(rows: Sequence[Sequence[object]], at: int) -> bool:
    """Whether a column of a table holds figures, which stand to the right with their head; the first names the row."""
    cells = [row[at] for row in rows if row[at] != ""]
    return at > 0 and bool(cells) and all(_is_figure(cell) for cell in cells)


def _is_figure(cell: object) -> bool:
    """12, 40.0, “50 %”, “–”."""
    return isinstance(cell, int | float) or bool(re.fullmatch(r"[\d,.]+( ?%)?|–", str(cell)))
