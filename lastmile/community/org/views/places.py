"""Pages to find a place and to see what is there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.community.org import queries, terminals
from lastmile.community.org.models import Level, Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Actor, Perm, may


@require_GET
@needs(Perm.PLACE_READ)
def browse(request: HttpRequest) -> HttpResponse:
    """Straight to the person's own place; a choice if the area has several parts; what to do if there is none yet."""
    tops = queries.roots(actor(request))
    if len(tops) == 1:
        return redirect("place", tops[0].code)
    return render(request, "org/places.html", {"title": _("Places"), "places": queries.counted(tops)})


@require_GET
@needs(Perm.PLACE_READ)
def page(request: HttpRequest, code: str) -> HttpResponse:
    who = actor(request)
    place = queries.place(who, code)
    scopes = who.scopes(Perm.PLACE_READ)
    context = {
        **_allowed(who, place),
        "title": place.name,
        "place": place,
        "level": Level(place.level).label,
        "lineage": [(p, p.code.startswith(scopes)) for p in queries.lineage(place.code)],
        "children": queries.counted(queries.children(place)),
        "below": [(level.label, number) for level, number in queries.below(place.code).items()],
        "sites": queries.sites(place.code)[:50] if may(who, Perm.SITE_READ, code) else None,
        "posts": queries.posts_at(place) if may(who, Perm.POST_READ, code) else None,
        "terminals": terminals.under(place.code)[:50] if may(who, Perm.TERMINAL_READ, code) else None,
        **_links(who, place),
        "no_outline": place.level == Level.COUNTY and not hasattr(place, "boundary"),
        "is_grid": place.level == Level.GRID,
    }
    return render(request, "org/place.html", context)


def _allowed(who: Actor, place: Place) -> dict[str, bool]:
    perms = {"": Perm.PLACE_EDIT, "_sites": Perm.SITE_EDIT, "_posts": Perm.POST_EDIT, "_terminals": Perm.TERMINAL_EDIT}
    edit = {f"may_edit{name}": may(who, perm, place.code) for name, perm in perms.items()}
    return {**edit, "may_gaps": may(who, Perm.GAPS_READ, place.code)}


def _links(who: Actor, place: Place) -> dict[str, str]:
    """To what other rooms have of the place."""
    return {
        "posts_url": above_link("place_posts", place.code) if may(who, Perm.POST_READ, place.code) else "",
        "facts_url": above_link("facts_place", place.code) if may(who, Perm.FACT_READ, place.code) else "",
        "sites_workbook_url": above_link("sites_workbook", place.code),
        "terminals_workbook_url": above_link("terminals_workbook", place.code),
    }


def above_link(name: str, *about: object) -> str:
    """The address of a page of a room above, which this room must not import."""
    try:
        return reverse(name, args=about)
    except NoReverseMatch:
        return ""


@require_GET
@needs(Perm.PLACE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Every place of the person's area, to search by name or code."""
    levels = [(level.value, level.label) for level in Level]
    listed = ListPage(
        request,
        queries.visible(actor(request)).select_related("parent"),
        columns=[
            Column("name", _("Name"), sort="name", link=lambda p: reverse("place", args=[p.code])),
            Column("code", _("Place code"), sort="code"),
            Column("level", _("Level"), value=lambda p: Level(p.level).label, sort="level"),
            Column("parent", _("Belongs to"), phone=False),
        ],
        search=queries.matching,
        filters=[Choice("level", _("Level"), levels)],
        order=("code",),
        filename="places",
    )
    return listed.response(request, title=_("All places"))


@require_GET
@needs(Perm.GAPS_READ)
def gaps(request: HttpRequest) -> HttpResponse:
    """What the facts about places still lack, each with where and the next step."""
    prefix = request.GET.get("place", "")
    found = [
        (gap, gap.places.count(), list(gap.places.order_by("code")[:200]))
        for gap in queries.gaps(actor(request), prefix)
    ]
    paths = queries.paths([p for _gap, _count, places in found for p in places])
    rows = [(gap, count, [(p, paths[p.code]) for p in places]) for gap, count, places in found]
    return render(request, "org/gaps.html", {"title": _("Gaps in places"), "gaps": rows})
