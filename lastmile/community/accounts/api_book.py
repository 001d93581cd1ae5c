"""Many log-ins at once for programs: checked as a whole, written as a job, their passwords fetched once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from lastmile.community.accounts import queries
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.book import layout, life
from lastmile.community.accounts.book.check import planned
from lastmile.community.accounts.models import LogInBook
from lastmile.community.accounts.tasks import write_book
from lastmile.community.people.sheets.read import again
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

router = Router(tags=["accounts"])


class RowIn(Schema):
    username: str = Field(max_length=200)
    display_name: str = Field(max_length=200)
    role: str = Field(max_length=40)
    place: str = Field(max_length=200, description="code or exact name")
    contact: str = Field("", max_length=200, description="phone or e-mail of the person behind, already entered")


class RowsIn(Schema):
    rows: list[RowIn] = Field(min_length=1, max_length=layout.MOST_ROWS)
    only_check: bool = Field(True, description="say what would happen and write nothing")


class RowOut(Schema):
    row: int  # from 1
    what: str = Field(description="new, changed or same")
    username: str


class BookOut(Schema):
    id: int | None = Field(description="null when it was only checked")
    state: str = Field(description="checked, queued, done or failed")
    done: int
    total: int
    rows: list[RowOut]
    outcome: dict[str, Any]
    passwords_until: datetime | None


class SecretOut(Schema):
    username: str
    display_name: str
    temporary_password: str


def shown(book: LogInBook) -> dict[str, Any]:
    return {
        "id": book.pk,
        "state": book.state,
        "done": book.done,
        "total": book.total,
        "rows": [],
        "outcome": book.outcome,
        "passwords_until": life.until(book),
    }


@router.post("/users/rows", response={200: BookOut, 202: BookOut}, summary="Check or begin up to 500 log-ins at once")
def write(request: HttpRequest, given: RowsIn) -> Any:
    """Up to 500 log-ins by the rules of the single one; all of them or none. 202 when the job has begun."""
    actor = queries.me(request)
    holding(actor, Perm.USER_EDIT)
    lines = [list(row.dict().values()) for row in given.rows]
    found = again({layout.SHEET: [(line, texts) for line, texts in enumerate(lines, start=1)]}, layout.LAYOUT)
    plan = planned(actor, found)
    if plan.errors:
        cells = {cell.partition("!")[2]: says for cell, says in plan.errors}
        raise Refusal(_("Some rows are wrong. Nothing was written."), _("Correct the cells named."), fields=cells)
    rows = [{"row": line.row.line, "what": line.what, "username": line.row["username"]} for line in plan.lines]
    if given.only_check:
        checked = {"id": None, "state": "checked", "done": 0, "total": plan.counts["new"]}
        return Status(200, checked | {"rows": rows, "outcome": plan.counts, "passwords_until": None})
    book = life.order(actor, found, plan.key, lambda pk: write_book.defer(pk=pk))
    return Status(202, shown(book) | {"rows": rows})


@router.get("/users/rows/{int:pk}", response=BookOut, summary="How far an order of log-ins is")
def state(request: HttpRequest, pk: int) -> Any:
    """How far my own order is."""
    actor = queries.me(request)
    holding(actor, Perm.USER_EDIT)
    return shown(life.mine(actor, pk))


@router.post("/users/rows/{int:pk}/passwords", response=list[SecretOut], summary="Fetch the temporary passwords, once")
def passwords(request: HttpRequest, pk: int) -> Any:
    """The temporary passwords of my own order: once, within ten minutes after it is done."""
    actor = queries.me(request)
    holding(actor, Perm.USER_EDIT)
    names = ("username", "display_name", "temporary_password")
    return [dict(zip(names, line, strict=True)) for line in life.fetch(actor, pk)]
