"""Special sites from a workbook of their own: template and upload; preview and import are those of every workbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.people.forms import UploadForm
from lastmile.community.people.models import Upload
from lastmile.community.people.queries import scope
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.sheets.sites import template
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import XLSX
from lastmile.kernel.permissions import Perm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SITE_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code, Perm.SITE_EDIT)
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal, status = None, 400 if form.is_bound else 200
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = uploads.receive(place, file.name, file.read(), by=who, kind=Upload.Kind.SITES)
            return redirect("upload", made.pk)
        except Refusal as said:
            refusal, status = said, said.status
    recent = Upload.objects.filter(place=place, kind=Upload.Kind.SITES)[:10]
    title = _("Special sites of %(place)s from a workbook") % {"place": place.name}
    context = {"title": title, "place": place, "form": form, "refusal": refusal, "recent": recent, "sites": True}
    return render(request, "people/onboard.html", context, status=status)


@require_GET
@needs(Perm.SITE_EDIT)
def download(request: HttpRequest, code: str) -> HttpResponse:
    place = scope.place(actor(request), code, Perm.SITE_EDIT)
    response = HttpResponse(template(place), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="lastmile-sites-{place.code}.xlsx"'
    return response
