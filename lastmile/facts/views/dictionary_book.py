"""The dictionary as a workbook: out, and back in after a preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.community.people.forms import UploadForm
from lastmile.community.people.sheets.read import Sheets, again
from lastmile.facts import dictionary_book
from lastmile.facts.dictionary import Field
from lastmile.facts.queries import scope
from lastmile.kernel import previews
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import workbook_response
from lastmile.kernel.permissions import Perm

PREVIEW = "facts.dictionary"


def book_of(fields: Sequence[Field]) -> HttpResponse:
    """The export of the dictionary, in the form that can be read back."""
    return workbook_response("facts-dictionary", dictionary_book.exported(fields))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_DEFINE)
def upload(request: HttpRequest) -> HttpResponse:
    """Read an edited dictionary, show what is new, changed and wrong, store it after one more click."""
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"title": _("Dictionary from a workbook"), "form": form}
    status = 400 if form.is_bound else 200
    try:
        if "sure" in request.POST:
            return _stored(request)
        if form.is_valid():
            file = form.cleaned_data["file"]
            context |= _preview(request, dictionary_book.read(file.name, file.read()))
            status = 400 if context["plan"].errors else 200
    except Refusal as said:
        context["refusal"], status = said, said.status
    return render(request, "facts/dictionary_upload.html", context, status=status)


def _preview(request: HttpRequest, found: Sheets) -> dict[str, Any]:
    plan = dictionary_book.planned(actor(request), found)
    if plan.errors:
        return {"plan": plan, "mistakes": found.error_count}
    return {"plan": plan, "sure": previews.sign(PREVIEW, actor(request), found.typed(), plan.key)}


def _stored(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    typed, key = previews.shown(PREVIEW, who, request.POST["sure"])
    unit = scope.unit(who, Perm.FACT_DEFINE)
    plan = dictionary_book.bring_in(who, unit, again(typed, dictionary_book.LAYOUT), key)
    says = _("Fields added: %(new)d, changed: %(changed)d.")
    messages.success(request, says % {"new": len(plan.new), "changed": len(plan.changed)})
    return redirect("fact_dictionary")
