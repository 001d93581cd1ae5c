"""Log-ins from a workbook: template, upload, preview, progress, and the temporary passwords once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.accounts import queries
from lastmile.community.accounts.book import layout, life
from lastmile.community.accounts.book.check import planned
from lastmile.community.accounts.models import LogInBook
from lastmile.community.accounts.tasks import write_book
from lastmile.community.people.forms import UploadForm
from lastmile.community.people.sheets.read import Sheets, again
from lastmile.kernel import previews
from lastmile.kernel.doors import needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import XLSX
from lastmile.kernel.permissions import Perm

PREVIEW = "accounts.book"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.USER_EDIT)
def upload(request: HttpRequest) -> HttpResponse:
    """Read a workbook, show what each row would do, let the job begin after one more click."""
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"title": _("Log-ins from a workbook"), "form": form, "most": layout.MOST_ROWS}
    status = 400 if form.is_bound else 200
    try:
        if "sure" in request.POST:
            return redirect("user_book_state", _ordered(request).pk)
        if form.is_valid():
            file = form.cleaned_data["file"]
            context |= _preview(request, layout.read(file.name, file.read()))
            status = 400 if context["plan"].errors else 200
    except Refusal as said:
        context["refusal"], status = said, said.status
    return render(request, "accounts/book.html", context, status=status)


def _preview(request: HttpRequest, found: Sheets) -> dict[str, Any]:
    who = queries.me(request)
    plan = planned(who, found)
    context = {"plan": plan, "mistakes": found.error_count, "counts": plan.counts}
    if plan.errors:
        return context
    return context | {"sure": previews.sign(PREVIEW, who, found.typed(), plan.key)}


def _ordered(request: HttpRequest) -> LogInBook:
    who = queries.me(request)
    typed, key = previews.shown(PREVIEW, who, request.POST["sure"])
    return life.order(who, again(typed, layout.LAYOUT), key, lambda book: write_book.defer(pk=book))


@require_GET
@needs(Perm.USER_EDIT)
def template(request: HttpRequest) -> HttpResponse:
    return _file(layout.template(), "lastmile-log-ins.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@never_cache
@needs(Perm.USER_EDIT)
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, what it has done, and the button that fetches the passwords."""
    book = life.mine(queries.me(request), pk)
    percent = round(100 * book.done / book.total) if book.total else 0
    context = {"title": _("Log-ins from a workbook"), "book": book, "until": life.until(book), "percent": percent}
    part = request.headers.get("HX-Target") == "book"
    return render(request, "accounts/book_part.html" if part else "accounts/book_state.html", context)


@require_POST
@never_cache
@needs(Perm.USER_EDIT)
def passwords(request: HttpRequest, pk: int) -> HttpResponse:
    """The temporary passwords as a workbook, once."""
    return _file(layout.secrets_book(life.fetch(queries.me(request), pk)), "lastmile-passwords.xlsx")
