"""Superiors' own forms: upload one, say what stands where, fill it in from a request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org.models import Place
from lastmile.facts import dictionary
from lastmile.facts.actions import layout as actions
from lastmile.facts.forms import LayoutForm
from lastmile.facts.layouts import book
from lastmile.facts.layouts.fill import Filled, fill
from lastmile.facts.layouts.mapping import LISTED, TOTAL, WORDS
from lastmile.facts.models import Layout, Subject
from lastmile.facts.queries import scope
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import XLSX
from lastmile.kernel.permissions import Perm, may

EMPTY_CELLS = 3  # inputs for single cells beyond those that are mapped


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_REQUEST)
def listing(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    unit = scope.unit(who, Perm.FACT_REQUEST)
    form = LayoutForm(request.POST or None, request.FILES or None)
    refusal, status = None, 400 if form.is_bound else 200
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            title, subject = form.cleaned_data["title"], form.cleaned_data["subject"]
            return redirect("fact_layout", actions.keep(who, unit, title, file.name, file.read(), subject).pk)
        except Refusal as said:
            refusal, status = said, said.status
    context = {"title": _("Layouts of superiors"), "layouts": scope.layouts(who), "form": form, "refusal": refusal}
    return render(request, "facts/layouts.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_REQUEST)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    found = scope.layout(who, pk, Perm.FACT_REQUEST if request.method == "POST" else Perm.FACT_READ)
    refusal, status, given = None, 200, found.mapping
    if request.method == "POST":
        given = _given(request)
        try:
            actions.remap(who, found, request.POST.get("sheet", ""), given)
            messages.success(request, _("Kept. Any request can be exported into this form now."))
            return redirect("fact_layout", pk)
        except Refusal as said:
            refusal, status = said, said.status
    context = {"title": found.title, "layout": found, "refusal": refusal, **_shown(found, given)}
    context["own"] = may(who, Perm.FACT_REQUEST, found.place_id)
    return render(request, "facts/layout.html", context, status=status)


def _given(request: HttpRequest) -> dict[str, Any]:
    """columns, rows and cells as they were chosen; what is left empty stands for nothing."""
    found: dict[str, Any] = {"columns": {}, "rows": {}, "cells": {}, "first": request.POST.get("first", "")}
    for key, value in request.POST.items():
        kind, _dash, name = key.partition("-")
        text = str(value).strip()
        if kind in ("column", "row") and text and name.isascii() and name.isalnum():
            found[f"{kind}s"][name] = text
    for index in range(20):
        address = request.POST.get(f"address-{index}", "").strip().upper()
        if address:
            found["cells"][address] = request.POST.get(f"meaning-{index}", "")
    return found


def _shown(layout: Layout, given: dict[str, Any]) -> dict[str, Any]:
    opened = book.opened(layout.filename, bytes(layout.content))
    letters, rows = book.shown(book.sheet_of(opened, layout.sheet))
    names = dict(Place.objects.filter(code__in=given["rows"].values()).values_list("code", "name"))
    fields = [one for one in dictionary.fields() if one.subject == layout.subject]
    cells = [*given["cells"].items(), *[("", "")] * EMPTY_CELLS]
    kept = [row for row in rows if row.number <= book.SHOWN_ROWS or str(row.number) in given["rows"]]
    return {
        "sheets": [sheet.title for sheet in opened.worksheets],
        "columns": [(letter, given["columns"].get(letter, "")) for letter in letters],
        "rows": [(row, _named(given["rows"].get(str(row.number), ""), names)) for row in kept],
        "fields": [*LISTED.items(), *((one.name, one.label) for one in fields)],
        "first": given.get("first", ""),
        "named": layout.subject == Subject.PLACE,
        "places": actions.places_under(layout.place)[:1000],
        "cells": list(enumerate(cells)),
        "meanings": [*WORDS.items(), *((f"{TOTAL}{one.name}", _total(str(one.label))) for one in fields)],
    }


def _total(label: str) -> str:
    return _("total of “%(label)s”") % {"label": label}


def _named(code: str, names: dict[str, str]) -> str:
    return names.get(code, code)


@require_POST
@needs(Perm.FACT_REQUEST)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    actions.remove(actor(request), scope.layout(actor(request), pk, Perm.FACT_REQUEST))
    return redirect("fact_layouts")


def download(layout: Layout, made: Filled) -> HttpResponse:
    response = HttpResponse(made.content, content_type=XLSX)
    name = layout.filename if layout.filename.lower().endswith(".xlsx") else f"{layout.filename}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_GET
@needs(Perm.FACT_READ)
def filled(request: HttpRequest, pk: int, layout: int) -> HttpResponse:
    """What would be filled in and what not; with ?file=1 the workbook."""
    who = actor(request)
    found, form = scope.request(who, pk), scope.layout(who, layout)
    scope.require_whole(who, found)
    made = fill(found, form)
    if request.GET.get("file"):
        return download(form, made)
    names = Place.objects.filter(code__in=made.places_left).order_by("code").values_list("name", flat=True)
    labels = [found.field(name)["label"] for name in made.fields_left]
    context = {"title": form.title, "found": found, "layout": form, "made": made, "places": names, "labels": labels}
    return render(request, "facts/filled.html", context)
