"""Workbooks of registers that come in when they have no mistake: every row or none, without a preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lastmile.community.org.models import Place
from lastmile.community.people.forms import UploadForm
from lastmile.community.people.sheets.read import Sheets
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal


@dataclass(frozen=True)
class Book:
    """What is different from one register to the next; `says` is told `new` and `known`, `title` the `place`."""

    sheet: str
    checked: Callable[[Place, str, bytes], Sheets]
    bring_in: Callable[..., Counter[str]]
    title: Callable[[], str]
    says: Callable[[], str]
    template: str  # extends people/at_once.html
    back: str  # the name of the register's address


def page(request: HttpRequest, place: Place, book: Book) -> HttpResponse:
    """Upload: with a mistake every cell is named and nothing is written."""
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"title": book.title() % {"place": place.name}, "place": place, "form": form}
    status = 400 if form.is_bound else 200
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = book.checked(place, file.name, file.read())
            if not found.errors and found.rows[book.sheet]:
                counts = book.bring_in(found, by=actor(request))
                messages.success(request, book.says() % {"new": counts["new"], "known": counts["known"]})
                return redirect(book.back)
            context |= {"errors": found.errors, "error_count": found.error_count, "empty": not found.errors}
        except Refusal as refusal:
            context["refusal"], status = refusal, refusal.status
    return render(request, book.template, context, status=status)
