"""Read places: one, its children and ancestors, by word, and what is still missing; always cut to a person's area."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils.translation import gettext as _

from lastmile.community.org.models import (
    CODE_LENGTH,
    Boundary,
    Level,
    OutlineUpload,
    Place,
    PlaceQuerySet,
    Post,
    SpecialSite,
    ancestors,
)
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor, Perm, obtain, within

FOUND_AT_MOST = 20
ANSWERING = Post.objects.filter(site=OuterRef("pk"), closed_on=None)  # the posts that answer for a site


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


def upload(actor: Actor, place: Place, key: UUID) -> OutlineUpload:
    """A file the actor uploaded for the place. Raises NotFound for anybody else's."""
    found = OutlineUpload.objects.filter(pk=key, place=place, by=actor.pk).first()
    if found is None:
        raise NotFound(_("This upload is gone."), _("It was imported already or is older than a day. Upload it again."))
    return found


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
    """What the actor may see of `find`."""
    rows = visible(actor)
    return find(rows if level is None else rows.filter(level=level), words, limit=limit)


def find(rows: QuerySet[Place], words: str, *, limit: int = FOUND_AT_MOST) -> list[Place]:
    """The best matches first: the exact name, then names that begin with it, then the higher places."""
    words = words.replace("\0", "").strip()
    if not words:
        return []
    first = Case(
        When(Q(name=words) | Q(code=words), then=Value(0)),
        When(name__startswith=words, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(matching(rows, words).order_by(first, "level", "code")[:limit])


def sites(prefix: str) -> QuerySet[SpecialSite]:
    """Special sites in service under a place; `answered`: an open post answers for it."""
    rows = SpecialSite.objects.filter(place__code__startswith=prefix, closed_on=None)
    return rows.select_related("place").annotate(answered=Exists(ANSWERING))


def sites_of(actor: Actor) -> QuerySet[SpecialSite]:
    """Every special site of the actor's area, closed ones too; `answered`: an open post answers for it."""
    rows = SpecialSite.objects.filter(within(actor.scopes(Perm.SITE_READ), "place__code"))
    return rows.select_related("place").annotate(answered=Exists(ANSWERING))


def posts_of(actor: Actor) -> QuerySet[Post]:
    rows = Post.objects.filter(within(actor.scopes(Perm.POST_READ), "place__code"))
    return rows.select_related("place", "site")


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """`open` or `closed`, for lists of sites and posts."""
    return rows.filter(closed_on=None) if state == "open" else rows.exclude(closed_on=None)


def posts(prefix: str) -> QuerySet[Post]:
    """Posts in service under a place."""
    return Post.objects.filter(place__code__startswith=prefix, closed_on=None).select_related("place", "site")


def posts_at(place: Place) -> QuerySet[Post]:
    """Posts in service at exactly this place."""
    return Post.objects.filter(place=place, closed_on=None).select_related("site").order_by("kind", "title")


def in_use(prefix: str) -> dict[str, int]:
    """What is still entered at places under a code: {plural name: number}, whatever room it belongs to.

    Found through the model registry, because rooms above point here and must not be imported.
    """
    found: dict[str, int] = {}
    for field in Place._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObjectRel) and field.related_model not in (Place, Boundary, OutlineUpload):
            model = cast("type[Model]", field.related_model)
            number = model._default_manager.filter(**{f"{field.field.name}__code__startswith": prefix}).count()
            if number:
                found[_(str(model._meta.verbose_name_plural))] = number
    return found


def retired_in_use(rows: PlaceQuerySet) -> PlaceQuerySet:
    """Retired places at which households or people are still entered."""
    condition = Q(pk__in=[])
    for field in Place._meta.get_fields(include_hidden=True):
        if isinstance(field, ForeignObjectRel) and field.related_model not in (Place, Boundary, OutlineUpload):
            model = cast("type[Model]", field.related_model)
            condition |= Q(Exists(model._default_manager.filter(**{field.field.name: OuterRef("pk")})))
    return rows.exclude(valid_to=None).filter(condition)


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
    unserved = SpecialSite.objects.filter(~Exists(ANSWERING), place=OuterRef("pk"), closed_on=None)
    inside = Place.objects.current().filter(parent=OuterRef("pk"))
    return [
        Gap(
            "county_without_outline",
            _("County or zone without outline: no grids can be generated there"),
            _("Import its outline as GeoJSON or draw it on its page, then generate grids: lastmile places grids."),
            rows.at(Level.COUNTY).filter(Exists(inside), boundary=None),
        ),
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
        Gap(
            "retired_in_use",
            _("Retired place where people or posts are still entered"),
            _("Move them to the place that took over."),
            retired_in_use(Place.objects.filter(within(actor.scopes(Perm.GAPS_READ), "code")).under(prefix)),
        ),
    ]


def in_words(codes: Collection[str], gap: str = " ") -> dict[str, str]:
    """Places as people say them, a grid with its village: “王宗店村委会 第1网格”. A code nobody knows stays a code."""
    village = CODE_LENGTH[Level.VILLAGE]
    names = dict(Place.objects.filter(pk__in={*codes, *(code[:village] for code in codes)}).values_list("pk", "name"))
    return {code: gap.join(dict.fromkeys(names.get(part, part) for part in (code[:village], code))) for code in codes}
