"""The report of messages per person and month, and its workbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.alerting import sight
from lastmile.alerting.fatigue import report
from lastmile.alerting.models import MessageMonth
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Perm


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, place: str = "") -> HttpResponse:
    found = sight.place(actor(request), place)
    month = report.chosen(request.GET.get("month", ""))
    rows, shares = report.by_place(month, found.code), report.distribution(month, found.code)
    largest = max((people for _n, people in shares), default=1)
    context: dict[str, object] = {"place": found, "month": month, "months": report.months(), "rows": rows}
    context |= {"total": report.total(rows), "sources": report.sources(month, found.code), "many": report.MANY}
    context |= {"shares": [(report.label(n), people, max(1, round(100 * people / largest))) for n, people in shares]}
    context |= {"counted": MessageMonth.objects.filter(pk=month).first()}
    return render(request, "alerting/fatigue/page.html", context)


@require_GET
@needs(Perm.ALERT_READ)
def export(request: HttpRequest, place: str) -> HttpResponse:
    found = sight.place(actor(request), place)
    month = report.chosen(request.GET.get("month", ""))
    head = [_("Code"), _("Place"), _("people"), _("messages"), _("messages per person"), _("many messages"), _("most")]
    rows = [
        [row.code, row.name, row.people, row.messages, row.mean, row.many, row.most]
        for row in report.by_place(month, found.code)
    ]
    return xlsx_response(f"messages-{found.code}-{month:%Y-%m}", head, rows)
