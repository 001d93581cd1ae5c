"""Shelters from a workbook: template, export in the same form, and import of all rows or none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org import queries as org
from lastmile.community.people import at_once
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters import sheets

BOOK = at_once.Book(
    sheets.SHEET,
    sheets.checked,
    sheets.bring_in,
    title=lambda: _("Shelters of %(place)s from a workbook"),
    says=lambda: _("%(new)d shelters are new, %(known)d were there and have been updated."),
    template="shelters/import.html",
    back="shelters",
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.SHELTER_EDIT)
    return at_once.page(request, place, BOOK)


@require_GET
@needs(Perm.SHELTER_EDIT)
def template(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.SHELTER_EDIT)
    return workbook_response(f"lastmile-shelters-{place.code}", sheets.template(place))
