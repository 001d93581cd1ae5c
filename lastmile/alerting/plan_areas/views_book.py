"""Plan areas from a workbook: template, export in the same form, and import of all rows or none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.alerting.plan_areas import queries, sheets
from lastmile.community.org import queries as org
from lastmile.community.people import at_once
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm

BOOK = at_once.Book(
    sheets.SHEET,
    sheets.checked,
    sheets.bring_in,
    title=lambda: _("Plan areas of %(place)s from a workbook"),
    says=lambda: _("%(new)d plan areas are new, %(known)d were there and have been updated."),
    template="alerting/plan_areas/book.html",
    back="plan_areas:listing",
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLAN_AREA_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.PLAN_AREA_EDIT)
    return at_once.page(request, place, BOOK)


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
