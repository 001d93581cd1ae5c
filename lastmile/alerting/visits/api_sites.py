"""Special sites for programs: who has answered with how many, and answers entered by other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status
from pydantic import AwareDatetime, StringConstraints

from lastmile.alerting import sight, site_answers
from lastmile.alerting.models import SiteAnswer
from lastmile.kernel.doors import actor
from lastmile.kernel.permissions import Perm

router = Router(tags=["visits"])

Plain = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class SiteOut(Schema):
    """`state` and what follows are null while the site has not answered."""

    id: int
    name: str
    kind: str
    place: str
    capacity: int | None
    state: str | None
    people: int | None
    happened_at: datetime | None
    via: str | None


class SiteIn(Schema):
    key: Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[\w.-]+$")]
    state: Annotated[str, Field(description="safe, moved or help", max_length=6)]
    people: Annotated[int, Field(ge=0, le=100_000)]
    happened_at: AwareDatetime | None = None
    note: Plain = ""


@router.get("/alerts/{code}/sites", response=list[SiteOut], summary="Special sites of a warning, silent ones first")
def sites(request: HttpRequest, code: str, place: str = "") -> list[dict[str, Any]]:
    event, found = sight.seen(actor(request), code, place[:15], Perm.SITE_READ)
    return [_shown(row) for row in site_answers.rows(event, found.code)]


def _shown(row: site_answers.SiteRow) -> dict[str, Any]:
    site = row.site
    of_site = {"id": site.pk, "name": site.name, "kind": site.kind, "place": site.place_id, "capacity": site.capacity}
    return of_site | {name: getattr(row.answer, name, None) for name in ("state", "people", "happened_at", "via")}


@router.post("/alerts/{code}/sites/{site}", response={204: None}, summary="Enter what a site has answered")
def answer(request: HttpRequest, code: str, site: Annotated[int, Path(ge=1, lt=2**31)], body: SiteIn) -> Status[None]:
    """The same key again changes nothing."""
    who = actor(request)
    event, _found = sight.seen(who, code)
    said = site_answers.Said(
        key=f"e:{who.pk}:{event.pk}:{site}:{body.key}",
        state=body.state,
        people=body.people,
        via=SiteAnswer.Via.STAFF,
        at=body.happened_at,
        by=who.pk,
        note=body.note,
    )
    site_answers.enter(who, event, site, said)
    return Status(204, None)
