"""What nobody holds or serves: counts by place, and the list behind each count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.people.queries import gaps
from lastmile.community.people.queries import scope as scoped
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import Column, ListPage
from lastmile.kernel.permissions import Actor, Perm


@require_GET
@needs(Perm.GAPS_READ)
def overview(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    place = _chosen(who, request.GET.get("place", ""))
    code = place.code if place else ""
    length = _next_length(code)
    counts = gaps.counted(who, code, length)
    context = {
        "title": _("Gaps of %(place)s") % {"place": place.name} if place else _("Gaps"),
        "code": code,
        "kinds": [(kind, sum(counts[kind.name].values())) for kind in gaps.KINDS],
        "rows": _rows(counts),
        "place": place,
    }
    return render(request, "people/gaps.html", context)


@require_GET
@needs(Perm.GAPS_READ)
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    who = actor(request)
    found = gaps.BY_NAME.get(kind)
    if found is None:
        raise NotFound(_("There is no such kind of gap."), _("Choose one on the page of gaps."))
    place = _chosen(who, request.GET.get("place", ""))
    rows = gaps.gaps(who, found, place.code if place else "")
    page = ListPage(request, rows, columns=columns(found.name), order=["gap_code", "pk"], filename=f"gaps-{kind}")
    title = str(found.label) if place is None else f"{found.label} · {place.name}"
    return page.response(request, title=title, intro=found.mend, empty_title=_("No such gap here."))


def _chosen(who: Actor, code: str) -> Place | None:
    return scoped.place(who, code, Perm.GAPS_READ) if code else _top(who)


def _top(who: Actor) -> Place | None:
    """The person's own place, when it is one."""
    scopes = who.scopes(Perm.GAPS_READ)
    return Place.objects.filter(code=scopes[0]).first() if len(scopes) == 1 else None


def _next_length(code: str) -> int:
    return next((n for n in CODE_LENGTH.values() if n > max(len(code), 2)), CODE_LENGTH[Level.GRID])


def _rows(counts: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    codes = {code for parts in counts.values() for code in parts}
    places = Place.objects.in_bulk(codes)
    rows = [
        {
            "place": places[code],
            "counts": [(kind, counts[kind.name].get(code, 0)) for kind in gaps.KINDS],
            "total": sum(parts.get(code, 0) for parts in counts.values()),
        }
        for code in codes & set(places)
    ]
    return sorted(rows, key=lambda row: (-row["total"], row["place"].code))


def columns(kind: str) -> list[Column]:
    """Where the gap is, and what it is: a link to the page on which it can be mended."""
    what = {
        "grid": Column("code", _("Grid"), lambda p: p.name, link=lambda p: _posts(p.code)),
        "vacant": Column("title", _("Post"), lambda p: p.title, link=lambda p: _posts(p.place_id)),
        "deputy": Column("title", _("Post"), lambda p: p.title, link=lambda p: _posts(p.place_id)),
        "silent": Column("number", _("Door"), lambda h: h.number, link=lambda h: _home(h.pk)),
        "unguarded": Column("name", _("Resident"), lambda p: p.name.masked(), link=lambda p: _home(p.household_id)),
        "stale": Column("value", _("Contact"), lambda c: c.value.masked(), link=lambda c: _home(c.person.household_id)),
        "site": Column("name", _("Special site"), lambda s: s.name, link=lambda s: _posts(s.place_id)),
    }[kind]
    return [Column("where", _("Place"), _where(), sort="gap_code"), Column("code", _("Code"), _code, phone=False), what]


def _where() -> Callable[[Any], str]:
    """Village and grid names, each looked up once a request."""
    names: dict[str, str] = {}

    def where(row: Any) -> str:
        code = row.gap_code
        wanted = [code[:length] for length in (12, 15) if len(code) >= length] or [code]
        missing = [part for part in wanted if part not in names]
        if missing:
            names.update(Place.objects.filter(code__in=missing).values_list("code", "name"))
        return " ".join(names.get(part, part) for part in wanted)

    return where


def _code(row: Any) -> str:
    return str(row.gap_code)


def _posts(code: str) -> str:
    return reverse("place_posts", args=[code])


def _home(pk: int | None) -> str:
    return reverse("household", args=[pk]) if pk else reverse("staff")
