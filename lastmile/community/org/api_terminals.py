"""Loudspeakers, screens and other terminals, for programs."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lastmile.community.org import queries, terminals
from lastmile.community.org.models import Level, Place, Terminal
from lastmile.community.org.shapes import CHINA
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

router = Router(tags=["terminals"])

WEST, SOUTH, EAST, NORTH = CHINA
MOST_LISTED = 1000
Spot = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class TerminalIn(Schema):
    code: str = Field(pattern=f"^{terminals.CODE.pattern}$", description="its name in the network")
    place: str = Field(description="code of its grid, village, or a place above")
    kind: str = Field(description=", ".join(Terminal.Kind.values))
    spot: Spot = ""
    site: int | None = Field(None, description="the special site it hangs at")
    post: int | None = Field(None, description="who looks after it")
    plays: bool = True
    speaks: bool = False
    letters: int = Field(0, ge=0, le=1000, description="that it shows at most; 0: none")
    quietest: int = Field(40, ge=0, le=100, description="percent")
    loudest: int = Field(100, ge=1, le=100, description="percent")
    longitude: float | None = Field(None, ge=WEST, le=EAST)
    latitude: float | None = Field(None, ge=SOUTH, le=NORTH)


class TerminalOut(TerminalIn):
    id: int
    code: str
    place: str = Field(alias="place_id")
    site: int | None = Field(None, alias="site_id")
    post: int | None = Field(None, alias="post_id")
    closed_on: str | None = None

    @staticmethod
    def resolve_closed_on(terminal: Terminal) -> str | None:
        return terminal.closed_on.isoformat() if terminal.closed_on else None


@router.get("/terminals", response=list[TerminalOut], summary="Terminals in service under a place")
def list_terminals(request: HttpRequest, place: str, offset: int = 0) -> list[Terminal]:
    found = queries.place(actor(request), place, Perm.TERMINAL_READ)
    return list(terminals.under(found.code)[max(0, offset) :][:MOST_LISTED])


@router.post("/terminals", response=TerminalOut, summary="Add a terminal")
def add_terminal(request: HttpRequest, body: TerminalIn) -> Terminal:
    place = queries.place(actor(request), body.place, Perm.TERMINAL_EDIT)
    return terminals.save(Terminal(place=place), by=actor(request), **_facts(body, place))


@router.get("/terminals/{int:pk}", response=TerminalOut, summary="A terminal")
def get_terminal(request: HttpRequest, pk: int) -> Terminal:
    return terminals.terminal(actor(request), pk)


@router.put("/terminals/{int:pk}", response=TerminalOut, summary="Change a terminal")
def edit_terminal(request: HttpRequest, pk: int, body: TerminalIn) -> Terminal:
    terminal = terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT)
    place = queries.place(actor(request), body.place, Perm.TERMINAL_EDIT)
    return terminals.save(terminal, by=actor(request), **_facts(body, place))


@router.delete("/terminals/{int:pk}", response=TerminalOut, summary="Take a terminal out of service")
def retire_terminal(request: HttpRequest, pk: int) -> Terminal:
    terminal = terminals.terminal(actor(request), pk, Perm.TERMINAL_EDIT)
    terminals.retire(terminal, by=actor(request))
    return terminal


def _facts(body: TerminalIn, place: Place) -> dict[str, Any]:
    if place.level < Level.CITY:
        raise Refusal(_("A terminal stands in a city or below."), _("Name the code of one."), status=422)
    if body.kind not in Terminal.Kind.values:
        known = {"kinds": ", ".join(Terminal.Kind.values)}
        raise Refusal(_("There is no such kind of terminal."), _("Use one of: %(kinds)s.") % known, status=422)
    if (body.longitude is None) != (body.latitude is None):
        raise Refusal(_("Give both longitude and latitude, or neither."), status=422)
    if body.quietest > body.loudest:
        raise Refusal(_("The loudest can't be below the quietest."), status=422)
    if not (body.plays or body.speaks or body.letters):
        raise Refusal(_("Say what it can do: play audio, speak text or show letters."), status=422)
    site, post = _one(terminals.sites_for(place), body.site), _one(terminals.posts_for(place), body.post)
    return {**body.dict(), "place": place, "site": site, "post": post}


def _one(rows: QuerySet[Any], pk: int | None) -> Model | None:
    """The site or post of this key that may be named there; 422 for one that may not."""
    found = rows.filter(pk=pk).first() if pk is not None and abs(pk) < 2**31 else None
    if pk is not None and found is None:
        raise Refusal(_("There is no such site or post here."), _("Choose one of the same village."), status=422)
    return found
