"""From a workbook to a community: template, upload, preview, import, progress."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.people.forms import UploadForm
from lastmile.community.people.models import Upload
from lastmile.community.people.queries import scope
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.sheets.template import template
from lastmile.community.people.tasks import import_workbook
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm

STARTS: dict[str, str] = {Upload.Kind.SITES: "sites_workbook", Upload.Kind.TERMINALS: "terminals_workbook"}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.HOUSEHOLD_IMPORT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code, Perm.HOUSEHOLD_IMPORT)
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal, status = None, 400 if form.is_bound else 200
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect("upload", uploads.receive(place, file.name, file.read(), by=who).pk)
        except Refusal as said:
            refusal, status = said, said.status
    recent = Upload.objects.filter(place=place, kind=Upload.Kind.COMMUNITY)[:10]
    title = _("%(place)s from a workbook") % {"place": place.name}
    context = {"title": title, "place": place, "form": form, "refusal": refusal, "recent": recent}
    return render(request, "people/onboard.html", context, status=status)


@require_GET
@needs(Perm.HOUSEHOLD_IMPORT)
def download(request: HttpRequest, code: str) -> HttpResponse:
    place = scope.place(actor(request), code, Perm.HOUSEHOLD_IMPORT)
    return workbook_response(f"lastmile-{place.code}", template(place.name))


@require_GET
@never_cache
@needs(Perm.HOUSEHOLD_IMPORT, Perm.SITE_EDIT, Perm.TERMINAL_EDIT)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    upload = scope.upload(actor(request), pk)
    context = {"title": upload.filename, "upload": upload, **_preview(upload)}
    part = request.headers.get("HX-Target") == "upload"
    return render(request, "people/upload_part.html" if part else "people/upload.html", context)


def _preview(upload: Upload) -> dict[str, Any]:
    report = uploads.preview(upload)
    layout = uploads.flow(upload.kind).layout
    heads = {name: [column.heading for column in columns] for name, columns in layout.items()}
    first = report.get("first", {})
    return {
        "report": report,
        "sheets": [(name, report["counts"].get(name, 0), heads[name], first.get(name, [])) for name in layout],
        "percent": round(100 * upload.done / upload.total) if upload.total else 0,
        "outcome": [(label, upload.outcome[key]) for key, label in _outcomes() if upload.outcome.get(key)],
    }


def _outcomes() -> list[tuple[str, str]]:
    return [
        ("grids_new", _("new grids")),
        ("households_new", _("new households")),
        ("households_changed", _("changed households")),
        ("residents_new", _("new residents")),
        ("residents_changed", _("changed residents")),
        ("contacts_new", _("new contacts")),
        ("guardians", _("guardians named")),
        ("appointments_new", _("new appointments")),
        ("sites_new", _("new special sites")),
        ("terminals_new", _("new terminals")),
    ]


@require_POST
@needs(Perm.HOUSEHOLD_IMPORT, Perm.SITE_EDIT, Perm.TERMINAL_EDIT)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    upload = scope.upload(actor(request), pk)
    uploads.start(upload, lambda key: import_workbook.defer(pk=key))
    return redirect("upload", pk)


@require_POST
@needs(Perm.HOUSEHOLD_IMPORT, Perm.SITE_EDIT, Perm.TERMINAL_EDIT)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    upload = scope.upload(actor(request), pk)
    uploads.finish(upload, Upload.State.DROPPED, {})
    return redirect(STARTS.get(upload.kind, "onboarding"), upload.place_id)
