"""The after-action report: on the screen, as PDF, workbook and JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lastmile.alerting import report, report_files, sight
from lastmile.kernel import audit
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import XLSX
from lastmile.kernel.permissions import Perm


def made(request: HttpRequest, code: str) -> dict[str, Any]:
    """The report of what the person may see, noted in the trail: it leaves the house."""
    event, place = sight.seen(actor(request), code, perm=Perm.HOUSEHOLD_READ)
    audit.record("alerting.report", actor=actor(request), place=place.code, obj=event)
    return report.build(event, place.code)


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def page(request: HttpRequest, code: str) -> HttpResponse:
    event, place = sight.seen(actor(request), code, perm=Perm.HOUSEHOLD_READ)
    found = report.build(event, place.code)
    context = {"alert": event.alert, "report": found, "tables": report_files.tables(found), "place": place}
    return render(request, "alerting/coverage/report.html", context)


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def pdf(request: HttpRequest, code: str) -> HttpResponse:
    return download(report_files.pdf(made(request, code)), "application/pdf", f"report-{code}.pdf")


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def xlsx(request: HttpRequest, code: str) -> HttpResponse:
    return download(report_files.xlsx(made(request, code)), XLSX, f"report-{code}.xlsx")


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def as_json(request: HttpRequest, code: str) -> HttpResponse:
    return JsonResponse(made(request, code), json_dumps_params={"ensure_ascii": False})
