"""Grids and outlines: draw, import, rename, retire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import shapely
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.community.org import actions, outline_import, queries
from lastmile.community.org.forms import GridForm, UploadForm
from lastmile.community.org.models import Boundary, Level, Place
from lastmile.community.org.shapes import Shape, loads, read_shape, read_wkb
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

SHOWN = 500  # features in the table of a preview; wrong ones first


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLACE_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    """A new grid of a village, with its outline if one is drawn."""
    village = queries.place(actor(request), code, Perm.PLACE_EDIT)
    if village.level != Level.VILLAGE:
        raise Refusal(_("A grid lies in a village or community."), _("Choose one first."))
    number = queries.children(village).count() + 1
    form = GridForm(request.POST or None, initial={"name": f"第{number}网格"})

    def write(facts: dict[str, Any]) -> HttpResponse:
        shape = _shape(facts) if facts["geometry"] else None
        grid = actions.add_grid(village, name=facts["name"], shape=shape, by=actor(request))
        messages.success(request, _("The grid is added."))
        return redirect("place", grid.code)

    title = _("Add a grid to %(place)s") % {"place": village.name}
    return filled(request, form, write, template="org/draw.html", title=title, place=village, around=village.code)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLACE_EDIT)
def outline(request: HttpRequest, code: str) -> HttpResponse:
    """The outline and the name of a grid; of a place above, the outline only counts where the list has none."""
    place = queries.place(actor(request), code, Perm.PLACE_EDIT)
    stored = Boundary.objects.filter(place=place).first()
    drawn = shapely.to_geojson(read_wkb(stored.wkb)) if stored else ""
    form = GridForm(request.POST or None, initial={"name": place.name, "geometry": drawn})
    form.fields["name"].disabled = place.level < Level.GRID  # names above come from the national list

    def write(facts: dict[str, Any]) -> HttpResponse:
        if not facts["geometry"]:
            raise Refusal(_("No outline is drawn."), _("Draw it on the map, or paste it as GeoJSON."))
        _save(request, place, facts)
        messages.success(request, _("Saved."))
        return redirect("place", place.code)

    title = _("Outline of %(place)s") % {"place": place.name}
    around = place.parent_id or place.code
    return filled(request, form, write, template="org/draw.html", title=title, place=place, around=around)


@transaction.atomic
def _save(request: HttpRequest, place: Place, facts: dict[str, Any]) -> None:
    actions.rename(place, facts["name"], by=actor(request))
    shapes = {place.code: _shape(facts)}
    actions.set_outlines(shapes, source=Boundary.Source.DRAWN, by=actor(request), place=place.code)


def _shape(facts: dict[str, Any]) -> Shape:
    return read_shape(loads(facts["geometry"]), mend=facts["mend"])


@require_POST
@needs(Perm.PLACE_EDIT)
def retire(request: HttpRequest, code: str) -> HttpResponse:
    grid = queries.place(actor(request), code, Perm.PLACE_EDIT)
    actions.retire_grid(grid, by=actor(request))
    messages.success(request, _("The grid is retired."))
    return redirect("place", str(grid.parent_id))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLACE_EDIT)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Take a GeoJSON file and go to its preview; nothing is imported yet."""
    place = queries.place(actor(request), code, Perm.PLACE_EDIT)
    form = UploadForm(request.POST or None, request.FILES or None)

    def write(facts: dict[str, Any]) -> HttpResponse:
        if facts["file"].size > settings.UPLOAD_LIMIT:
            raise Refusal(_("The file is too large."), _("Split it by township, or simplify the outlines."), status=413)
        data = facts["file"].read()
        outline_import.preview(loads(data), within=place)
        kept = actions.keep_upload(place, data, mend=facts["mend"], by=actor(request))
        return redirect("outline_preview", place.code, kept.pk)

    title = _("Import outlines of %(place)s") % {"place": place.name}
    back = reverse("place", args=[place.code])
    return filled(request, form, write, title=title, place=place, back=back, upload=True)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PLACE_EDIT)
def preview(request: HttpRequest, code: str, key: UUID) -> HttpResponse:
    """What the file would change and what is wrong with it; a POST imports all of it."""
    place = queries.place(actor(request), code, Perm.PLACE_EDIT)
    kept = queries.upload(actor(request), place, key)
    found = outline_import.preview(loads(bytes(kept.data)), within=place, mend=kept.mend)
    if request.method == "POST":
        number = outline_import.write(found, within=place, by=actor(request))
        kept.delete()
        text = ngettext("%(n)s outline imported.", "%(n)s outlines imported.", number) % {"n": number}
        messages.success(request, text)
        return redirect("place", place.code)
    title = _("Check before importing into %(place)s") % {"place": place.name}
    shown = sorted(found.features, key=lambda f: (not f.errors, not f.warnings))[:SHOWN]
    context = {"title": title, "place": place, "found": found, "map": found.as_geojson(), "shown": shown}
    return render(request, "org/outline_preview.html", context)
