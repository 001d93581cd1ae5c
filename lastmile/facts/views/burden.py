"""The public ledger of what superiors ask of communities."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.community.org.models import Level, Place
from lastmile.facts.queries import burden
from lastmile.kernel.doors import signed_in
from lastmile.kernel.lists import Column
from lastmile.kernel.rows import RowsPage, kept


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Fields, minutes and requests for each community, week and requester: open to every role, everywhere."""
    lines = burden.ledger()
    listed = RowsPage(
        request,
        lines,
        columns=_columns(),
        search=["place", "place_name", "by"],
        filters=[
            kept("by", _("Asked by"), [(name, name) for name in sorted({line.by for line in lines})]),
            kept("week", _("Week"), [(str(week), str(week)) for week in sorted({one.week for one in lines})[::-1]]),
            kept("county", _("County"), _counties(lines), lambda line: line.place[:6]),
        ],
        filename="burden",
    )
    shown = listed.listed()
    context = {"title": _("Burden ledger"), "chart": burden.chart(shown), "sums": burden.sums(shown)}
    return listed.response(request, "facts/burden.html", search_hint=_("Community or requester"), **context)


def _columns() -> list[Column]:
    return [
        Column("week", _("Week of"), value=lambda line: line.week.isoformat(), sort="week"),
        Column("place_name", _("Community"), sort="place"),
        Column("by", _("Asked by"), sort="by"),
        Column("fields", _("Fields asked"), sort="fields", number=True),
        Column(
            "minutes", _("Minutes (estimated)"), value=lambda line: round(line.minutes), sort="minutes", number=True
        ),
        Column("requests", _("Requests"), sort="requests", number=True, phone=False),
        Column("spared", _("Fields spared"), sort="spared", number=True, phone=False),
    ]


def _counties(lines: list[burden.BurdenLine]) -> list[tuple[str, str]]:
    codes = {line.place[:6] for line in lines}
    return list(Place.objects.filter(code__in=codes, level=Level.COUNTY).order_by("code").values_list("code", "name"))
