"""Facts of many places as a workbook: out, and back in after a preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org.models import Level, Place
from lastmile.community.people.forms import UploadForm
from lastmile.facts import dictionary, sheets
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.models import Subject, Via
from lastmile.facts.queries import scope
from lastmile.kernel import previews
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Perm, require

PREVIEW = "facts.sheet"


def _level(request: HttpRequest, place: Place) -> Level:
    """The level of the rows: the one asked for, else the one below the place."""
    asked = request.GET.get("level", "")
    levels = [level for level in (Level.TOWNSHIP, Level.VILLAGE, Level.GRID) if level >= place.level]
    below = min(Level.GRID, max(Level.TOWNSHIP, Level(place.level + 1 if place.level < Level.GRID else Level.GRID)))
    return next((level for level in levels if str(level.value) == asked), below)


def _subject(request: HttpRequest, place: Place) -> Subject:
    """What a row is: a place, or with ?rows=site or ?rows=household one of those below it."""
    asked = request.GET.get("rows", "")
    subject = Subject(asked) if asked in Subject.values else Subject.PLACE
    if subject == Subject.HOME:
        require(actor(request), Perm.HOUSEHOLD_READ, place.code)
    return subject


@require_GET
@needs(Perm.FACT_READ)
def export(request: HttpRequest, code: str) -> HttpResponse:
    place = scope.place(actor(request), code)
    level, subject = _level(request, place), _subject(request, place)
    head, body = sheets.exported(place, level, subject, derived=request.GET.get("all") == "1")
    kind = level.name.lower() if subject == Subject.PLACE else subject.value
    return xlsx_response(f"facts-{place.code}-{kind}", head, body)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_ENTER)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Read a filled-in table, show what is new, store it after one more click."""
    place = scope.place(actor(request), code, Perm.FACT_ENTER)
    level, subject = _level(request, place), _subject(request, place)
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"title": _("Facts from a workbook"), "place": place, "level": level, "form": form}
    context |= {"rows": subject.value, "kinds": Subject.choices}
    status = 200
    try:
        if "sure" in request.POST:
            return _stored(request, place)
        if form.is_valid():
            file = form.cleaned_data["file"]
            context |= _preview(request, sheets.read(place, level, file.name, file.read(), subject))
        elif form.is_bound:
            status = 400
    except Refusal as said:
        context["refusal"], status = said, said.status
    return render(request, "facts/upload.html", context, status=400 if context.get("errors") else status)


def _preview(request: HttpRequest, found: sheets.Read) -> dict[str, Any]:
    names = dict(Place.objects.filter(code__in={one.place for one in found.said}).values_list("code", "name"))
    packed = [[one.field.name, one.place, one.site, one.home, one.value, one.at] for one in found.said]
    return {
        "read": True,
        "errors": found.errors,
        "same": found.same,
        "new": [(names.get(one.place, one.place), one.field.label, one.value, one.at) for one in found.said],
        "sure": previews.sign(PREVIEW, actor(request), packed),
    }


def _stored(request: HttpRequest, place: Place) -> HttpResponse:
    (packed,) = previews.shown(PREVIEW, actor(request), request.POST["sure"])
    said = [
        Said(dictionary.field(name), code, site, value, at=at, home=home)
        for name, code, site, home, value, at in packed
    ]
    enter(actor(request), said, Via.SHEET)
    messages.success(request, _("Stored as %(n)s facts.") % {"n": len(said)})
    return redirect("facts_place", place.code)
