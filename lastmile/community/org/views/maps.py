"""What pickers and maps ask for, as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from lastmile.community.org import queries
from lastmile.community.org.models import Level, Place
from lastmile.community.org.outlines import outlines
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm

Json = dict[str, Any]


def as_json(place: Place) -> Json:
    return {"code": place.code, "name": place.name, "level": place.level, "level_label": Level(place.level).label}


def with_children(places: list[Place]) -> list[Json]:
    return [
        {**as_json(p), "children": number, "longitude": p.longitude, "latitude": p.latitude}
        for p, number in queries.counted(places)
    ]


@require_GET
@needs(Perm.PLACE_READ)
def search(request: HttpRequest) -> HttpResponse:
    """`?q=` name or code, `?level=` 1–6: the best 20 places of the person's area."""
    level = request.GET.get("level", "")
    wanted = Level(int(level)) if level in {str(value) for value in Level.values} else None
    found = queries.search(actor(request), request.GET.get("q", "")[:100], level=wanted)
    paths = queries.paths(found)
    return JsonResponse({"results": [{**as_json(p), "path": paths[p.code]} for p in found]})


@require_GET
@needs(Perm.PLACE_READ)
def tree(request: HttpRequest) -> HttpResponse:
    """Where the person's tree begins."""
    return JsonResponse({"children": with_children(queries.roots(actor(request)))})


@require_GET
@needs(Perm.PLACE_READ)
def children(request: HttpRequest, code: str) -> HttpResponse:
    place = queries.place(actor(request), code)
    return JsonResponse({**as_json(place), "children": with_children(list(queries.children(place)))})


@require_GET
@needs(Perm.PLACE_READ)
def outline(request: HttpRequest, code: str) -> HttpResponse:
    """Outlines of the children as GeoJSON; unchanged ones are answered with 304."""
    place = queries.place(actor(request), code)
    text, version = outlines(place.code)
    tag = f'"{version}-{place.code}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304)
    response = HttpResponse(text, content_type="application/geo+json")
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


@require_GET
@needs(Perm.SITE_READ)
def sites(request: HttpRequest, code: str) -> HttpResponse:
    """Special sites under a place that have a position, as GeoJSON points."""
    place = queries.place(actor(request), code, Perm.SITE_READ)
    features = [
        {
            "type": "Feature",
            "properties": {"name": s.name, "kind": s.get_kind_display(), "url": reverse("site", args=[s.pk])},
            "geometry": {"type": "Point", "coordinates": [s.longitude, s.latitude]},
        }
        for s in queries.sites(place.code).exclude(longitude=None).exclude(latitude=None)[:2000]
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})
