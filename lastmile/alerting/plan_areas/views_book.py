"""Plan areas from a workbook: template, export in the same form, and import of all rows or none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.alerting.plan_areas import queries, sheets
from lastmile.community.org import queries as org
from lastmile.community.people.forms import UploadForm
from lastmile.community.people.sheets.read import Sheets
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLAN_AREA_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Upload: with a mistake every cell is named and nothing is written."""
    place = org.place(actor(request), code, Perm.PLAN_AREA_EDIT)
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"title": _("Plan areas of %(place)s from a workbook") % {"place": place.name}}
    status = 400 if form.is_bound else 200
    if form.is_valid():
        try:
            found = sheets.checked(place, form.cleaned_data["file"].name, form.cleaned_data["file"].read())
            if not found.errors and found.rows[sheets.SHEET]:
                return _imported(request, found)
            context |= {"errors": found.errors, "error_count": found.error_count, "empty": not found.errors}
        except Refusal as refusal:
            context["refusal"], status = refusal, refusal.status
    return render(request, "alerting/plan_areas/book.html", context | {"place": place, "form": form}, status=status)


def _imported(request: HttpRequest, found: Sheets) -> HttpResponse:
    counts = sheets.bring_in(found, by=actor(request))
    says = _("%(new)d plan areas are new, %(known)d were there and have been updated.")
    messages.success(request, says % {"new": counts["new"], "known": counts["known"]})
    return redirect("plan_areas:listing")


@require_GET
@needs(Perm.PLAN_AREA_EDIT)
def template(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.PLAN_AREA_EDIT)
    return workbook_response(f"lastmile-plan-areas-{place.code}-template", sheets.book(place))


@require_GET
@needs(Perm.PLAN_AREA_READ)
def export(request: HttpRequest, code: str) -> HttpResponse:
    """Those in use in the place and below, as a workbook that can be brought back."""
    place = org.place(actor(request), code, Perm.PLAN_AREA_READ)
    rows = queries.seen(actor(request), place.code).filter(closed_on=None).order_by("place", "name")
    return workbook_response(f"lastmile-plan-areas-{place.code}", sheets.book(place, list(rows)))
