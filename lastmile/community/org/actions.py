"""Change what is where: special sites, posts, grids and their outlines. The caller has the objects by permission."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import shapely
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lastmile.community.org import queries
from lastmile.community.org.departments import line_of
from lastmile.community.org.loading import write_outlines
from lastmile.community.org.models import CODE_LENGTH, Boundary, Level, OutlineUpload, Place, Post, SpecialSite
from lastmile.community.org.outlines import boundary_of
from lastmile.community.org.shapes import Shape, areas, read_wkb
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor

MOST_GRIDS = 999
LEFT_OVER = 0.01  # of a generated outline; what remains beside a drawn one is then not worth keeping


@contextmanager
def _once(says: str) -> Iterator[None]:
    """One transaction; a broken unique constraint becomes a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(says, _("Use another name, or edit the one that is there.")) from error


def save_site(site: SpecialSite, *, by: Actor, **facts: Any) -> SpecialSite:
    """Add a special site or change the facts of one. Raises Conflict when its place has one of that name."""
    new = site.pk is None
    with _once(_("There is already a site of this name here.")):
        for name, value in facts.items():
            setattr(site, name, value)
        site.save()
        audit.record("org.add_site" if new else "org.edit_site", actor=by, place=site.place_id, obj=site)
    return site


@transaction.atomic
def close_site(site: SpecialSite, *, by: Actor) -> None:
    """Take a site out of service, and the posts that answer for it; its history stays."""
    today = clock.today()
    closed = SpecialSite.objects.filter(pk=site.pk, closed_on=None).update(closed_on=today)
    if closed:
        Post.objects.filter(site=site, closed_on=None).update(closed_on=today)
        audit.record("org.close_site", actor=by, place=site.place_id, obj=site)
    site.refresh_from_db()


def save_post(post: Post, *, by: Actor, **facts: Any) -> Post:
    """Open a post or change it. Raises Conflict when the place has the same one."""
    new = post.pk is None
    with _once(_("There is already such a post here.")):
        for name, value in facts.items():
            setattr(post, name, value)
        post.line = post.line or line_of(post.department)
        post.save()
        audit.record("org.add_post" if new else "org.edit_post", actor=by, place=post.place_id, obj=post)
    return post


@transaction.atomic
def close_post(post: Post, *, by: Actor) -> None:
    """End a post; who held it is kept by `people`."""
    if Post.objects.filter(pk=post.pk, closed_on=None).update(closed_on=clock.today()):
        audit.record("org.close_post", actor=by, place=post.place_id, obj=post)
    post.refresh_from_db()


@transaction.atomic
def add_grid(village: Place, *, name: str, by: Actor, shape: Shape | None = None) -> Place:
    """A new grid with the next free number of its village. Raises Refusal outside a village, or when it is full."""
    if village.level != Level.VILLAGE:
        raise Refusal(_("A grid lies in a village or community."), _("Choose one first."))
    Place.objects.select_for_update().get(pk=village.pk)
    numbers = Place.objects.filter(parent=village).values_list("code", flat=True)
    number = max((int(code[CODE_LENGTH[Level.VILLAGE] :]) for code in numbers), default=0) + 1
    if number > MOST_GRIDS:
        raise Refusal(_("A village has at most %(n)s grids.") % {"n": MOST_GRIDS}, _("Retire grids or merge them."))
    code = f"{village.code}{number:03}"
    grid = Place.objects.create(
        code=code,
        national_code=code,
        name=name,
        level=Level.GRID,
        parent=village,
        valid_from=clock.today(),
    )
    audit.record("org.add_grid", actor=by, place=grid.code, obj=grid)
    if shape is not None:
        set_outlines({grid.code: shape}, source=Boundary.Source.DRAWN, by=by, place=grid.code)
    return grid


@transaction.atomic
def rename(place: Place, name: str, *, by: Actor) -> None:
    if name != place.name:
        Place.objects.filter(pk=place.pk).update(name=name)
        audit.record("org.rename", actor=by, place=place.code, obj=place, was=place.name, now=name)
        place.name = name


@transaction.atomic
def retire_grid(grid: Place, *, by: Actor) -> None:
    """End a grid. Raises Refusal while anything is still entered there: people must not fall out of every list."""
    if grid.level != Level.GRID:
        raise Refusal(
            _("Only grids are retired here."), _("Codes above come from the national list: import a newer one.")
        )
    used = queries.in_use(grid.code)
    if used:
        raise Refusal(
            _("This grid is still in use: %(what)s.") % {"what": ", ".join(f"{n} {k}" for k, n in used.items())},
            _("Move them to another grid first."),
        )
    if Place.objects.filter(pk=grid.pk, valid_to=None).update(valid_to=clock.today()):
        Boundary.objects.filter(place=grid).delete()
        audit.record("org.retire_grid", actor=by, place=grid.code, obj=grid)


@transaction.atomic
def keep_upload(place: Place, data: bytes, *, mend: bool, by: Actor) -> OutlineUpload:
    """Keep a file for its preview; files nobody confirmed within a day go."""
    now = clock.now()
    OutlineUpload.objects.filter(at__lt=now - timedelta(days=1)).delete()
    return OutlineUpload.objects.create(place=place, by=by.pk, at=now, mend=mend, data=data)


@transaction.atomic
def set_outlines(shapes: Mapping[str, Shape], *, source: Boundary.Source, by: Actor, place: str) -> None:
    """Store outlines by code, all under `place`, and their centres; generated neighbours give way to drawn ones."""
    places = {p.code: p for p in Place.objects.filter(code__in=shapes)}
    rows = []
    for code, shape in shapes.items():
        centre = shape.representative_point()
        row = places[code]
        row.longitude, row.latitude = round(centre.x, 6), round(centre.y, 6)
        rows.append(boundary_of(row, shape, source))
    Boundary.objects.filter(place__in=shapes).delete()
    write_outlines(rows)
    for parent in {p.parent_id for p in places.values()}:
        _give_way(parent, set(shapes))
    audit.record(
        "org.set_outlines",
        actor=by,
        place=place,
        object_type="org.boundary",
        source=source.value,
        outlines=len(shapes),
    )


def _give_way(parent: str | None, drawn: set[str]) -> None:
    """Cut the generated outlines under a parent back to what the new ones leave free."""
    rows = {b.place_id: b for b in Boundary.objects.filter(place__parent=parent).select_related("place")}
    new = [read_wkb(b.wkb) for code, b in rows.items() if code in drawn]
    taken = shapely.union_all(new)
    shapely.prepare(taken)
    for code, row in rows.items():
        shape = read_wkb(row.wkb)
        if code in drawn or row.source != Boundary.Source.GENERATED or not taken.intersects(shape):
            continue
        left = areas(shapely.difference(shape, taken))
        if left.area < shape.area * LEFT_OVER:
            row.delete()
        else:
            boundary_of(row.place, left, Boundary.Source.GENERATED).save()
