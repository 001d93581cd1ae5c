"""The public ledger of what superiors ask of communities."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Window
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.community.org.models import Level, Place
from lastmile.facts.queries import burden
from lastmile.kernel.doors import signed_in
from lastmile.kernel.lists import Choice, Column, ListPage


class Ledger(ListPage):
    """A list of groups, which have no key to order by at last, and are counted while they are listed."""

    @cached_property
    def page(self) -> Page[Any]:
        """Grouping is what costs here: done once for the lines of the page and for how many there are in all."""
        asked = self.request.GET.get("page", "1")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        counted = self.found().annotate(lines=Window(Count("*")))
        listed = list(counted[(number - 1) * self.page_size : number * self.page_size]) if number else []
        if not listed:  # a page that isn't there
            return super().page
        pages = Paginator(listed, self.page_size)
        pages.count = listed[0]["lines"]
        return Page(listed, number, pages)

    def entries(self) -> QuerySet[Any]:
        """The same choice of what the groups are made of: to add it up, it need not be grouped."""
        return self.narrow(burden.entries())

    def _order(self) -> list[str]:
        found = [name for name in super()._order() if name != "pk"]
        return [
            *found,
            *(name for name in ("at", "unit", "department") if name not in {one.lstrip("-") for one in found}),
        ]


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Fields, minutes and requests for each community, week and requester: open to every role, everywhere."""
    listed = Ledger(
        request,
        burden.grouped(),
        columns=_columns(),
        search=_search,
        filters=_filters([week.isoformat() for week in burden.weeks()]),
        order=("-week", "-took"),
        filename="burden",
    )
    context = {"title": _("Burden ledger"), "chart": burden.chart(), "sums": burden.sums(listed.entries())}
    return listed.response(request, "facts/burden.html", search_hint=_("Community or requester"), **context)


def _filters(weeks: list[str]) -> list[Choice]:
    latest = weeks[0] if weeks else ""  # a city's ledger of half a year is read week by week
    return [
        Choice("by", _("Asked by"), burden.requesters(), _asked_by),
        Choice("week", _("Week"), [(week, week) for week in weeks], default=latest),
        Choice("county", _("County"), _counties(), lambda rows, code: rows.filter(place__startswith=code)),
    ]


def _columns() -> list[Column]:
    @cache
    def names() -> dict[str, str]:
        return dict(Place.objects.filter(level__lte=Level.VILLAGE).values_list("code", "name"))

    return [
        Column("week", _("Week of"), value=lambda row: row["week"].isoformat(), sort="week", phone=False),
        Column("place_name", _("Community"), value=lambda row: names().get(row["at"], row["at"]), sort="at"),
        Column("by", _("Asked by"), value=lambda row: burden.by(row, names()), sort="unit"),
        Column("fields", _("Fields asked"), value=lambda row: row["asked"], sort="asked", number=True),
        Column("minutes", _("Minutes (estimated)"), value=lambda row: round(row["took"]), sort="took", number=True),
        Column("requests", _("Requests"), value=lambda row: row["times"], sort="times", number=True, phone=False),
        Column("spared", _("Fields spared"), value=lambda row: row["saved"], sort="saved", number=True, phone=False),
    ]


def _search(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    codes = Place.objects.filter(name__icontains=words, level=Level.VILLAGE).values("code")
    asker = Q(request__place__name__icontains=words) | Q(request__department__icontains=words)
    return rows.filter(Q(at__in=codes) | Q(place__startswith=words) | asker)


def _asked_by(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    code, _bar, department = key.partition("|")
    return rows.filter(request__place=code, request__department=department)


def _counties() -> list[tuple[str, str]]:
    return list(Place.objects.current().at(Level.COUNTY).order_by("code").values_list("code", "name"))
