"""Places, outlines, special sites and posts, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lastmile.community.org import actions, api_terminals, outline_import, queries
from lastmile.community.org.models import Level, Line, Place, Post, SpecialSite
from lastmile.community.org.outlines import outlines
from lastmile.community.org.shapes import CHINA, loads
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

router = Router(tags=["places"])
router.add_router("", api_terminals.router)

WEST, SOUTH, EAST, NORTH = CHINA
MOST_LISTED = 1000
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class PlaceOut(Schema):
    code: str
    name: str
    level: int = Field(description="1 province, 2 city, 3 county, 4 township, 5 village or community, 6 grid")
    parent: str | None = Field(None, alias="parent_id")
    longitude: float | None = None
    latitude: float | None = None


class PlacePage(PlaceOut):
    above: list[PlaceOut]
    children: int


class SiteIn(Schema):
    place: str = Field(description="code of its grid or village")
    kind: str = Field(description=", ".join(SpecialSite.Kind.values))
    name: Name
    address: Words = ""
    capacity: int | None = Field(None, ge=1, le=1_000_000)
    longitude: float | None = Field(None, ge=WEST, le=EAST)
    latitude: float | None = Field(None, ge=SOUTH, le=NORTH)


class SiteOut(SiteIn):
    id: int
    place: str = Field(alias="place_id")
    closed_on: str | None = None

    @staticmethod
    def resolve_closed_on(site: SpecialSite) -> str | None:
        return site.closed_on.isoformat() if site.closed_on else None


class PostIn(Schema):
    place: str
    kind: str = Field(description=", ".join(Post.Kind.values))
    title: Name
    department: Words = ""
    line: str = Field("", description="which department that is; empty: told by its name")
    site: int | None = Field(None, description="the special site it answers for; for kind “site” only")
    must_answer: bool = True


class PostOut(PostIn):
    id: int
    place: str = Field(alias="place_id")
    site: int | None = Field(None, alias="site_id")
    closed_on: str | None = None

    @staticmethod
    def resolve_closed_on(post: Post) -> str | None:
        return post.closed_on.isoformat() if post.closed_on else None


class FeatureOut(Schema):
    number: int
    code: str
    name: str
    new: bool
    errors: list[str]
    warnings: list[str]


class ImportOut(Schema):
    imported: int
    features: list[FeatureOut]


@router.get("/places", response=list[PlaceOut], summary="Search places by name or code")
def search_places(request: HttpRequest, q: str, level: int | None = None, limit: int = 20) -> list[Place]:
    wanted = Level(level) if level in Level.values else None
    return queries.search(actor(request), q[:100], level=wanted, limit=max(1, min(limit, 200)))


@router.get("/places/{code}", response=PlacePage, summary="A place and what is above it")
def get_place(request: HttpRequest, code: str) -> dict[str, Any]:
    place = queries.place(actor(request), code)
    base = PlaceOut.from_orm(place).dict()
    return {
        **base,
        "parent_id": place.parent_id,
        "above": queries.lineage(code),
        "children": queries.children(place).count(),
    }


@router.get("/places/{code}/children", response=list[PlaceOut], summary="The places directly below")
def get_children(request: HttpRequest, code: str) -> list[Place]:
    return list(queries.children(queries.place(actor(request), code)))


@router.get("/places/{code}/outlines", summary="Outlines of the places directly below, as GeoJSON")
def get_outlines(request: HttpRequest, code: str) -> HttpResponse:
    place = queries.place(actor(request), code)
    return HttpResponse(outlines(place.code)[0], content_type="application/geo+json")


@router.post("/places/{code}/outlines", response=ImportOut, summary="Import outlines: all features or none")
def import_outlines(request: HttpRequest, code: str, dry_run: bool = False, mend: bool = False) -> dict[str, Any]:
    """The body is a GeoJSON FeatureCollection; each feature has a property `code`. `dry_run` only judges it."""
    place = queries.place(actor(request), code, Perm.PLACE_EDIT)
    found = outline_import.preview(loads(request.body), within=place, mend=mend)
    number = 0 if dry_run else outline_import.write(found, within=place, by=actor(request))
    rows = [
        {
            "number": f.number,
            "code": f.code,
            "name": f.name,
            "new": f.place is None,
            "errors": f.errors,
            "warnings": f.warnings,
        }
        for f in found.features
    ]
    return {"imported": number, "features": rows}


@router.get("/sites", response=list[SiteOut], summary="Special sites in service under a place")
def list_sites(request: HttpRequest, place: str, offset: int = 0) -> list[SpecialSite]:
    found = queries.place(actor(request), place, Perm.SITE_READ)
    return list(queries.sites(found.code)[max(0, offset) :][:MOST_LISTED])


@router.post("/sites", response=SiteOut, summary="Add a special site")
def add_site(request: HttpRequest, body: SiteIn) -> SpecialSite:
    place = queries.place(actor(request), body.place, Perm.SITE_EDIT)
    return actions.save_site(SpecialSite(place=place), by=actor(request), **_site_facts(body, place))


@router.get("/sites/{pk}", response=SiteOut, summary="A special site")
def get_site(request: HttpRequest, pk: int) -> SpecialSite:
    return queries.site(actor(request), pk)


@router.put("/sites/{pk}", response=SiteOut, summary="Change a special site")
def edit_site(request: HttpRequest, pk: int, body: SiteIn) -> SpecialSite:
    site = queries.site(actor(request), pk, Perm.SITE_EDIT)
    place = queries.place(actor(request), body.place, Perm.SITE_EDIT)
    return actions.save_site(site, by=actor(request), **_site_facts(body, place))


@router.delete("/sites/{pk}", response=SiteOut, summary="Close a special site and its posts")
def close_site(request: HttpRequest, pk: int) -> SpecialSite:
    site = queries.site(actor(request), pk, Perm.SITE_EDIT)
    actions.close_site(site, by=actor(request))
    return site


@router.get("/posts", response=list[PostOut], summary="Posts in service under a place")
def list_posts(request: HttpRequest, place: str, offset: int = 0) -> list[Post]:
    found = queries.place(actor(request), place, Perm.POST_READ)
    return list(queries.posts(found.code)[max(0, offset) :][:MOST_LISTED])


@router.post("/posts", response=PostOut, summary="Open a post")
def add_post(request: HttpRequest, body: PostIn) -> Post:
    place = queries.place(actor(request), body.place, Perm.POST_EDIT)
    return actions.save_post(Post(place=place), by=actor(request), **_post_facts(body, place))


@router.get("/posts/{pk}", response=PostOut, summary="A post")
def get_post(request: HttpRequest, pk: int) -> Post:
    return queries.post(actor(request), pk)


@router.put("/posts/{pk}", response=PostOut, summary="Change a post")
def edit_post(request: HttpRequest, pk: int, body: PostIn) -> Post:
    post = queries.post(actor(request), pk, Perm.POST_EDIT)
    if body.place != post.place_id:
        raise Refusal(_("A post stays at its place."), _("Close it and open one at the other place."))
    return actions.save_post(post, by=actor(request), **_post_facts(body, post.place))


@router.delete("/posts/{pk}", response=PostOut, summary="Close a post")
def close_post(request: HttpRequest, pk: int) -> Post:
    post = queries.post(actor(request), pk, Perm.POST_EDIT)
    actions.close_post(post, by=actor(request))
    return post


def _site_facts(body: SiteIn, place: Place) -> dict[str, Any]:
    if place.level < Level.VILLAGE:
        raise Refusal(_("A special site stands in a village or grid."), _("Name the code of one."), status=422)
    if (body.longitude is None) != (body.latitude is None):
        raise Refusal(_("Give both longitude and latitude, or neither."), status=422)
    return {**body.dict(), "place": place, "kind": _kind(body.kind, SpecialSite.Kind.values)}


def _post_facts(body: PostIn, place: Place) -> dict[str, Any]:
    site = queries.sites(place.code).filter(pk=body.site).first() if body.site is not None else None
    if (body.kind == Post.Kind.SITE) != (site is not None) or (body.site is not None and site is None):
        raise Refusal(_("Name the special site for a post of that kind, and for no other."), status=422)
    return {**body.dict(), "place": place, "site": site, **_words(body)}


def _words(body: PostIn) -> dict[str, str]:
    return {"kind": _kind(body.kind, Post.Kind.values), "line": _kind(body.line, ["", *Line.values])}


def _kind(kind: str, known: list[str]) -> str:
    if kind not in known:
        raise Refusal(
            _("There is no kind “%(kind)s”.") % {"kind": kind[:40]},
            _("Use one of: %(kinds)s.") % {"kinds": ", ".join(known)},
            status=422,
        )
    return kind
