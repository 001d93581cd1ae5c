"""Special sites and terminals from workbooks of their own: template and upload; preview and import are those of every
workbook."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org.models import Place
from lastmile.community.people.forms import UploadForm
from lastmile.community.people.models import Upload
from lastmile.community.people.queries import scope
from lastmile.community.people.sheets import sites, terminals
from lastmile.community.people.sheets import upload as uploads
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm


class Book(NamedTuple):
    """What is different between the two; `url` is the name of its template's address."""

    kind: Upload.Kind
    perm: Perm
    template: Callable[[Place], bytes]
    url: str
    title: Callable[[], str]
    offers: Callable[[], str]


SITES = Book(
    Upload.Kind.SITES,
    Perm.SITE_EDIT,
    sites.template,
    "sites_template",
    lambda: _("Special sites of %(place)s from a workbook"),
    lambda: _("One sheet of special sites, with notes, an example row and the villages here to choose from."),
)
TERMINALS = Book(
    Upload.Kind.TERMINALS,
    Perm.TERMINAL_EDIT,
    terminals.template,
    "terminals_template",
    lambda: _("Loudspeakers and screens of %(place)s from a workbook"),
    lambda: _("One sheet of terminals, with notes, an example row and the villages here to choose from."),
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.SITE_EDIT)
def start(request: HttpRequest, code: str) -> HttpResponse:
    return _start(request, code, SITES)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.TERMINAL_EDIT)
def start_terminals(request: HttpRequest, code: str) -> HttpResponse:
    return _start(request, code, TERMINALS)


def _start(request: HttpRequest, code: str, book: Book) -> HttpResponse:
    who = actor(request)
    place = scope.place(who, code, book.perm)
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal, status = None, 400 if form.is_bound else 200
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = uploads.receive(place, file.name, file.read(), by=who, kind=book.kind)
            return redirect("upload", made.pk)
        except Refusal as said:
            refusal, status = said, said.status
    recent = Upload.objects.filter(place=place, kind=book.kind)[:10]
    context = {"title": book.title() % {"place": place.name}, "place": place, "form": form, "refusal": refusal}
    context |= {"recent": recent, "offers": book.offers(), "template_url": book.url}
    return render(request, "people/onboard.html", context, status=status)


@require_GET
@needs(Perm.SITE_EDIT)
def download(request: HttpRequest, code: str) -> HttpResponse:
    return _download(request, code, SITES)


@require_GET
@needs(Perm.TERMINAL_EDIT)
def download_terminals(request: HttpRequest, code: str) -> HttpResponse:
    return _download(request, code, TERMINALS)


def _download(request: HttpRequest, code: str, book: Book) -> HttpResponse:
    place = scope.place(actor(request), code, book.perm)
    return workbook_response(f"lastmile-{book.kind}-{place.code}", book.template(place))
