"""The one way to list things, for rows that no table holds: computed ones, or several sources put together.

page = RowsPage(request, found, columns=[...], search=["label"], filters=[kept("state", _("State"), STATES)])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import HttpResponse

from lastmile.kernel.errors import Text
from lastmile.kernel.lists import Choice, ListPage, xlsx_response

Rows = Sequence[Any]


def kept(name: str, label: Text, choices: Sequence[tuple[Any, Text]], of: Callable[[Any], Any] | None = None) -> Choice:
    """A drop-down filter over rows: those whose attribute (or `of(row)`) is the chosen one."""
    return Choice(name, label, choices, cast("Any", partial(_narrow, of or (lambda row: getattr(row, name)))))


def _narrow(of: Callable[[Any], Any], rows: Rows, value: str) -> Rows:
    return [row for row in rows if str(of(row)) == value]


@dataclass
class RowsPage(ListPage):
    """A ListPage over a sequence. `search` names attributes; a column's `sort` is any text: it sorts by its cells."""

    rows: Rows  # type: ignore[assignment]  # where ListPage wants a queryset

    def listed(self) -> list[Any]:
        rows: Any = list(self.rows)
        for choice in self.filters:
            value = self.chosen[choice.name]
            if value in {str(key) for key, _label in choice.choices}:
                rows = choice.narrow(rows, value)
        if self.words:
            rows = [row for row in rows if self._holds(row)]
        return self._sorted(rows)

    def _holds(self, row: Any) -> bool:
        names = () if callable(self.search) else self.search
        return any(self.words.lower() in str(getattr(row, name)).lower() for name in names)

    def _sorted(self, rows: list[Any]) -> list[Any]:
        name = self.sort.removeprefix("-")
        column = next((c for c in self.columns if c.sort and c.name == name), None)
        if column is None:
            return rows
        keyed = [(_order(column.cell(row)), row) for row in rows]
        return [row for _key, row in sorted(keyed, key=lambda pair: pair[0], reverse=self.sort.startswith("-"))]

    @property
    def page(self) -> Page[Any]:
        return Paginator(self.listed(), self.page_size).get_page(self.request.GET.get("page", "1"))

    def xlsx(self) -> HttpResponse:
        cells = ([column.cell(row) for column in self.columns] for row in self.listed())
        return xlsx_response(self.filename, [str(c.label) for c in self.columns], cells)


def _order(value: Any) -> tuple[int, Any]:
    """Numbers before texts, nothing last, so that mixed columns sort too."""
    if isinstance(value, int | float):
        return 0, value
    return (2, "") if value in ("", None) else (1, str(value))
