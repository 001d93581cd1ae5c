"""Cells and pairs as a workbook: out, and back in after a preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.cells import sheets, shown
from lastmile.community.org.models import Place
from lastmile.community.people.forms import UploadForm
from lastmile.community.people.queries import scope
from lastmile.community.people.sheets.read import Sheets, again
from lastmile.kernel import previews
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm

PREVIEW = "cells.book"


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def download(request: HttpRequest, code: str) -> HttpResponse:
    place = shown.low(scope.place(actor(request), code))
    return workbook_response(f"cells-{place.code}", sheets.exported(place))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Read the workbook, show what would change and what is wrong with its cell, write it after one more click."""
    place = shown.low(scope.place(actor(request), code, Perm.HOUSEHOLD_EDIT))
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"title": _("Cells of %(place)s from a workbook") % {"place": place.name}}
    status = 400 if form.is_bound else 200
    try:
        if "sure" in request.POST:
            return _stored(request, place)
        if form.is_valid():
            file = form.cleaned_data["file"]
            context |= _preview(request, place, sheets.read_book(place, file.name, file.read()))
            status = 400 if context["plan"].errors else 200
    except Refusal as said:
        context["refusal"], status = said, said.status
    return render(request, "cells/book.html", context | {"place": place, "form": form}, status=status)


def _preview(request: HttpRequest, place: Place, found: Sheets) -> dict[str, Any]:
    plan = sheets.planned(place, found)
    if plan.errors:
        return {"plan": plan, "mistakes": found.error_count}
    return {"plan": plan, "sure": previews.sign(PREVIEW, actor(request), place.code, found.typed(), plan.key)}


def _stored(request: HttpRequest, place: Place) -> HttpResponse:
    """What was shown, and nothing else: where something has changed since, it is shown again."""
    again_ = _("Upload the workbook again and look at the preview.")
    code, typed, key = previews.shown(PREVIEW, actor(request), request.POST["sure"])
    if code != place.code:
        raise Refusal(_("This preview belongs to another page."), again_)
    plan = sheets.planned(place, again(typed, sheets.LAYOUT))
    if plan.errors or plan.key != key:
        raise Conflict(_("Something has changed since the preview."), again_)
    sheets.bring_in(place, plan, by=actor(request))
    messages.success(request, _("Imported."))
    return redirect("cells_place", place.code)
