"""A list that grows for ever, newest first, paged by the key of its rows: the last page costs what the first one does.

It counts nothing and sorts by nothing else. `?before=KEY` goes to older rows, `?after=KEY` to newer ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from lastmile.kernel.lists import ListPage

BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class Window:
    """The rows of one page, and whether there are older and newer ones."""

    object_list: list[Any]
    older: bool
    newer: bool


@dataclass
class KeyedList(ListPage):
    part: str = "kernel/keyed_part.html"

    def found(self) -> QuerySet[Any]:
        return self.narrow(self.rows).order_by("-pk")

    def _key(self, name: str) -> int | None:
        typed = self.request.GET.get(name, "")
        return min(int(typed), BIGGEST) if typed.isascii() and typed.isdigit() else None

    @cached_property
    def page(self) -> Window:  # type: ignore[override]  # where ListPage has pages with numbers
        before, after = self._key("before"), self._key("after")
        if after is not None:
            near = list(self.found().filter(pk__gt=after).order_by("pk")[: self.page_size + 1])
            return Window(near[: self.page_size][::-1], older=True, newer=len(near) > self.page_size)
        rows = self.found() if before is None else self.found().filter(pk__lt=before)
        shown = list(rows[: self.page_size + 1])
        return Window(shown[: self.page_size], older=len(shown) > self.page_size, newer=before is not None)

    @property
    def older_url(self) -> str:
        return self._at("before", self.page.object_list[-1].pk)

    @property
    def newer_url(self) -> str:
        return self._at("after", self.page.object_list[0].pk)

    @property
    def newest_url(self) -> str:
        return self._at("", "")

    def _at(self, name: str, key: Any) -> str:
        parameters = self.request.GET.copy()
        for gone in ("before", "after"):
            parameters.pop(gone, None)
        if name:
            parameters[name] = str(key)
        return "?" + parameters.urlencode()
