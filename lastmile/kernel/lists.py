"""One way to list things: search, filter, sort, paging, and the whole result as xlsx.

A room declares its columns and filters, and passes a queryset already cut to the person's scope:

    page = ListPage(request, rows, columns=[Column("name", _("Name"), sort="name")], search=["name"],
                    filters=[Choice("level", _("Level"), Level.choices)])
    return page.response(request, title=_("Places"))
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import Refusal, Text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORT_LIMIT = 100_000  # rows; a spreadsheet program opens no more in comfort
PAGE_SIZE = 50


@dataclass(frozen=True)
class Column:
    """`name` is an attribute, or `value` computes the cell; `sort` the ORM field to order by; `link` the cell's URL."""

    name: str
    label: Text
    value: Callable[[Any], Any] | None = None
    sort: str = ""
    link: Callable[[Any], str] | None = None
    badge: Callable[[Any], str] | None = None  # a Tabler colour, shown beside the text, never instead of it
    number: bool = False
    phone: bool = True  # whether the column is kept on a narrow screen
    exported: bool = True  # whether it stands in the xlsx, too: a link alone says nothing there

    def cell(self, row: Any) -> Any:
        found = self.value(row) if self.value else getattr(row, self.name)
        return "" if found is None else found


@dataclass(frozen=True)
class Choice:
    """A drop-down filter: `apply` narrows the rows, by default with `name`=value.

    `default` is chosen until the reader chooses, which may be all.
    """

    name: str
    label: Text
    choices: Sequence[tuple[Any, Text]]
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    default: str = ""

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return self.apply(rows, value) if self.apply else rows.filter(**{self.name: value})


@dataclass(frozen=True)
class Typed:
    """A filter of its own words: `apply` narrows the rows to those that fit what was typed."""

    name: str
    label: Text
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]]


@dataclass(frozen=True)
class Days:
    """A pair of date fields that narrows the rows to days (in Beijing) of the moment in field `name`, both included."""

    name: str
    label: Text

    def narrow(self, rows: QuerySet[Any], first: str, last: str) -> QuerySet[Any]:
        if first:
            rows = rows.filter(**{f"{self.name}__gte": _midnight(first)})
        if last:
            rows = rows.filter(**{f"{self.name}__lt": _midnight(last) + timedelta(days=1)})
        return rows


def _day(text: str) -> str:
    """The date that was typed, or nothing when it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), BEIJING)


@dataclass
class ListPage:
    """One request's view of a list. `search` names text columns, or is a function of (rows, words)."""

    request: HttpRequest
    rows: QuerySet[Any]
    columns: Sequence[Column]
    search: Sequence[str] | Callable[[QuerySet[Any], str], QuerySet[Any]] = ()
    filters: Sequence[Choice] = ()
    days: Sequence[Days] = ()
    typed: Sequence[Typed] = ()
    order: Sequence[str] = ("pk",)
    page_size: int = PAGE_SIZE
    filename: str = "export"
    part: str = "kernel/list_part.html"  # the template of the table
    words: str = field(init=False)
    sort: str = field(init=False)
    chosen: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = self.request.GET.get("q", "").replace("\0", "").strip()[:100]
        self.sort = self.request.GET.get("sort", "")
        self.chosen = {f.name: self.request.GET.get(f.name, f.default) for f in self.filters}
        for wanted in self.typed:
            self.chosen[wanted.name] = self.request.GET.get(wanted.name, "").replace("\0", "").strip()[:100]
        for span in self.days:
            for end in ("from", "to"):
                self.chosen[f"{span.name}_{end}"] = _day(self.request.GET.get(f"{span.name}_{end}", ""))

    def found(self) -> QuerySet[Any]:
        return self.narrow(self.rows).order_by(*self._order())

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those that meet every filter and hold the words."""
        for choice in self.filters:
            value = self.chosen[choice.name]
            if value in {str(key) for key, _label in choice.choices}:
                rows = choice.narrow(rows, value)
        for wanted in self.typed:
            if self.chosen[wanted.name]:
                rows = wanted.apply(rows, self.chosen[wanted.name])
        for span in self.days:
            rows = span.narrow(rows, self.chosen[f"{span.name}_from"], self.chosen[f"{span.name}_to"])
        if self.words:
            rows = self.search(rows, self.words) if callable(self.search) else self._contains(rows)
        return rows

    def _contains(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        condition = Q()
        for name in self.search if not callable(self.search) else ():
            condition |= Q(**{f"{name}__icontains": self.words})
        return rows.filter(condition)

    def _order(self) -> list[str]:
        sortable = {c.name: c.sort for c in self.columns if c.sort}
        name = self.sort.removeprefix("-")
        if name in sortable:
            return [("-" if self.sort.startswith("-") else "") + sortable[name], "pk"]
        return list(self.order)

    @cached_property
    def page(self) -> Page[Any]:
        return Paginator(self.found(), self.page_size).get_page(self.request.GET.get("page", "1"))

    @property
    def searchable(self) -> bool:
        """For the template, which would call `search` where it is a function."""
        return bool(self.search)

    @property
    def narrowed(self) -> bool:
        """Whether the reader has chosen anything: what is chosen for them at first is no narrowing of theirs."""
        first = {choice.name: choice.default for choice in self.filters}
        return any(value for name, value in self.chosen.items() if value != first.get(name, ""))

    @property
    def filter_states(self) -> list[dict[str, Any]]:
        return [
            {
                "name": f.name,
                "label": f.label,
                "value": self.chosen[f.name],
                "choices": [(str(k), v) for k, v in f.choices],
            }
            for f in self.filters
        ]

    @property
    def typed_states(self) -> list[dict[str, Any]]:
        return [{"name": t.name, "label": t.label, "value": self.chosen[t.name]} for t in self.typed]

    @property
    def day_states(self) -> list[dict[str, Any]]:
        return [
            {
                "name": span.name,
                "label": span.label,
                "from": self.chosen[f"{span.name}_from"],
                "to": self.chosen[f"{span.name}_to"],
            }
            for span in self.days
        ]

    @property
    def body(self) -> list[list[dict[str, Any]]]:
        return [[_cell(column, row) for column in self.columns] for row in self.page.object_list]

    @property
    def export_url(self) -> str:
        return self.query(export="xlsx", page="1")

    @property
    def previous_url(self) -> str:
        return self.query(page=str(self.page.previous_page_number()))

    @property
    def next_url(self) -> str:
        return self.query(page=str(self.page.next_page_number()))

    def query(self, **changes: str) -> str:
        """The address of this list with some parameters changed, from '?' on."""
        parameters = self.request.GET.copy()
        for key, value in changes.items():
            parameters[key] = value
        return "?" + parameters.urlencode()

    def headers(self) -> list[dict[str, Any]]:
        heads = []
        for column in self.columns:
            state = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "none")
            flip = f"-{column.name}" if state == "ascending" else column.name
            heads.append(
                {"column": column, "state": state, "url": self.query(sort=flip, page="1") if column.sort else ""}
            )
        return heads

    def response(self, request: HttpRequest, template: str = "kernel/list.html", **context: Any) -> HttpResponse:
        """The page, only its table for htmx, or the xlsx when `?export=xlsx`."""
        if request.GET.get("export") == "xlsx":
            return self.xlsx()
        part = request.headers.get("HX-Target") == "list"
        return render(request, self.part if part else template, {"list": self, "page": self.page, **context})

    def xlsx(self) -> HttpResponse:
        rows = self.found()
        if rows.count() > EXPORT_LIMIT:
            raise Refusal(
                _("These are more than %(limit)s rows; a spreadsheet can't show them.")
                % {"limit": f"{EXPORT_LIMIT:,}"},
                _("Narrow the list by search or filter, then export again."),
            )
        columns = [column for column in self.columns if column.exported]
        cells = ([column.cell(row) for column in columns] for row in rows.iterator(chunk_size=2000))
        return xlsx_response(self.filename, [str(c.label) for c in columns], cells)


def _shown(value: Any) -> Any:
    """A time as it is read at a glance; everything else as it is."""
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else value


def _cell(column: Column, row: Any) -> dict[str, Any]:
    return {
        "column": column,
        "text": _shown(column.cell(row)),
        "link": column.link(row) if column.link else "",
        "badge": column.badge(row) if column.badge else "",
    }


def xlsx_response(filename: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """An xlsx download of one sheet. Text that a spreadsheet program would run as a formula is made harmless."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.append([plain(label) for label in head])  # people name columns, too: facts of the dictionary
    for row in rows:
        sheet.append([plain(value) for value in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return workbook_response(filename, buffer.getvalue())


def workbook_response(filename: str, content: bytes) -> HttpResponse:
    """A workbook that is made already, as a download; `filename` is without its ending."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{filename}.xlsx"'
    return response


def plain(value: Any) -> Any:
    """A cell value that is data and nothing else: times in Beijing time, formulas as text, no control characters."""
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).replace(tzinfo=None)
    if isinstance(value, (int, float)):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
