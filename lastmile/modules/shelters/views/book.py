"""Shelters from a workbook: template, export in the same form, and import of all rows or none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org import queries as org
from lastmile.community.people.forms import UploadForm
from lastmile.community.people.sheets.read import Sheets
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm
from lastmile.modules.shelters import sheets


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SHELTER_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Upload: with a mistake every cell is named and nothing is written."""
    place = org.place(actor(request), code, Perm.SHELTER_EDIT)
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"title": _("Shelters of %(place)s from a workbook") % {"place": place.name}}
    status = 400 if form.is_bound else 200
    if form.is_valid():
        try:
            found = sheets.checked(place, form.cleaned_data["file"].name, form.cleaned_data["file"].read())
            if not found.errors and found.rows[sheets.SHEET]:
                return _imported(request, found)
            context |= {"errors": found.errors, "error_count": found.error_count, "empty": not found.errors}
        except Refusal as refusal:
            context["refusal"], status = refusal, refusal.status
    return render(request, "shelters/import.html", context | {"place": place, "form": form}, status=status)


def _imported(request: HttpRequest, found: Sheets) -> HttpResponse:
    counts = sheets.bring_in(found, by=actor(request))
    says = _("%(new)d shelters are new, %(known)d were there and have been updated.")
    messages.success(request, says % {"new": counts["new"], "known": counts["known"]})
    return redirect("shelters")


@require_GET
@needs(Perm.SHELTER_EDIT)
def template(request: HttpRequest, code: str) -> HttpResponse:
    place = org.place(actor(request), code, Perm.SHELTER_EDIT)
    return workbook_response(f"lastmile-shelters-{place.code}", sheets.template(place))
