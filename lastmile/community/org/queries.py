"""Read places: one, its children and ancestors, by word, and what is still missing; always cut to a person's area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from lastmile.community.org.models import CODE_LENGTH, Level, Place, PlaceQuerySet, Post, SpecialSite, ancestors
from lastmile.kernel.permissions import Actor, Perm, obtain, within

FOUND_AT_MOST = 20


def place(actor: Actor, code: str, perm: Perm = Perm.PLACE_READ) -> Place:
    """The place, if the actor may do `perm` there. Raises NotFound or NotAllowed."""
    return obtain(Place.objects.all(), actor, perm, see=Perm.PLACE_READ, place_of=lambda p: p.code, code=code)


def site(actor: Actor, pk: int, perm: Perm = Perm.SITE_READ) -> SpecialSite:
    """The special site, if the actor may do `perm` at its place. Raises NotFound or NotAllowed."""
    rows = SpecialSite.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.SITE_READ, place_of=lambda s: s.place_id, pk=pk)


def post(actor: Actor, pk: int, perm: Perm = Perm.POST_READ) -> Post:
    """The post, if the actor may do `perm` at its place. Raises NotFound or NotAllowed."""
    rows = Post.objects.select_related("place", "site")
    return obtain(rows, actor, perm, see=Perm.POST_READ, place_of=lambda p: p.place_id, pk=pk)


def visible(actor: Actor, perm: Perm = Perm.PLACE_READ) -> PlaceQuerySet:
    """Every place in the actor's area that is in force."""
    return Place.objects.filter(within(actor.scopes(perm), "code")).current()


def roots(actor: Actor, perm: Perm = Perm.PLACE_READ) -> list[Place]:
    """Where the actor's tree begins: the topmost places of the area."""
    scopes = actor.scopes(perm)
    if "" in scopes:
        return list(Place.objects.filter(parent=None).current())
    tops = [code for code in scopes if not any(code != other and code.startswith(other) for other in scopes)]
    return list(Place.objects.filter(code__in=tops).current())


def children(parent: Place) -> PlaceQuerySet:
    return Place.objects.filter(parent=parent).current().order_by("code")


def counted(places: Iterable[Place]) -> list[tuple[Place, int]]:
    """Each place with the number of its children."""
    listed = list(places)
    codes = [p.code for p in listed]
    numbers: dict[str, int] = dict.fromkeys(codes, 0)
    for parent in Place.objects.filter(parent__in=codes).current().values_list("parent_id", flat=True):
        numbers[str(parent)] += 1
    return [(p, numbers[p.code]) for p in listed]


def below(code: str) -> dict[Level, int]:
    """How many places of each level lie under a code."""
    counts: dict[Level, int] = {}
    for level in Level:
        if CODE_LENGTH[level] > len(code):
            number = Place.objects.current().at(level).under(code).count()
            if number:
                counts[level] = number
    return counts


def lineage(code: str) -> list[Place]:
    """The places above a code, from the top."""
    return list(Place.objects.filter(code__in=ancestors(code)).order_by("code"))


def paths(places: Sequence[Place]) -> dict[str, str]:
    """For each code the names of county, township and village above it, as "荥阳市 崔庙镇"."""
    above = {code for p in places for code in ancestors(p.code)}
    names = dict(Place.objects.filter(code__in=above).values_list("code", "name"))
    shown = {CODE_LENGTH[level] for level in (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)}
    return {p.code: " ".join(names.get(c, "") for c in ancestors(p.code) if len(c) in shown).strip() for p in places}


def matching(rows: QuerySet[Place], words: str) -> QuerySet[Place]:
    """Places whose code begins with the word, or whose name holds every word."""
    words = words.replace("\0", "").strip()
    if words.isascii() and words.isdigit():
        return rows.filter(code__startswith=words[:15])
    for word in words.split()[:5]:
        rows = rows.filter(name__contains=word)
    return rows


def search(actor: Actor, words: str, *, level: Level | None = None, limit: int = FOUND_AT_MOST) -> list[Place]:
    """The best matches first: the exact name, then names that begin with it, then the higher places."""
    words = words.replace("\0", "").strip()
    if not words:
        return []
    rows = matching(visible(actor), words)
    if level is not None:
        rows = rows.filter(level=level)
    first = Case(
        When(Q(name=words) | Q(code=words), then=Value(0)),
        When(name__startswith=words, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(rows.order_by(first, "level", "code")[:limit])


def sites(prefix: str) -> QuerySet[SpecialSite]:
    """Special sites in service under a place."""
    return SpecialSite.objects.filter(place__code__startswith=prefix, closed_on=None).select_related("place")


def posts(prefix: str) -> QuerySet[Post]:
    """Posts in service under a place."""
    return Post.objects.filter(place__code__startswith=prefix, closed_on=None).select_related("place", "site")


@dataclass(frozen=True)
class Gap:
    """One kind of hole in the facts about places, and where."""

    name: str
    label: str
    mend: str
    places: PlaceQuerySet


def gaps(actor: Actor, prefix: str = "") -> list[Gap]:
    """Villages without grids, grids without outline, special sites nobody answers for."""
    rows = visible(actor, Perm.GAPS_READ).under(prefix)
    grids = Place.objects.current().at(Level.GRID).filter(parent=OuterRef("pk"))
    answering = Post.objects.filter(site=OuterRef("pk"), closed_on=None)
    unserved = SpecialSite.objects.filter(~Exists(answering), place=OuterRef("pk"), closed_on=None)
    return [
        Gap(
            "no_grids",
            _("Village or community without grids"),
            _("Draw, import or generate its grids."),
            rows.at(Level.VILLAGE).filter(~Exists(grids)),
        ),
        Gap(
            "no_outline",
            _("Grid without outline"),
            _("Draw its outline, or import it as GeoJSON."),
            rows.at(Level.GRID).filter(boundary=None),
        ),
        Gap(
            "site_without_post",
            _("Special site without a responsible post"),
            _("Open a post for the site and appoint a holder."),
            rows.filter(Exists(unserved)),
        ),
    ]
