"""The to-do and the area's obligations as lists: columns, filters, search, export."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lastmile.community.accounts.models import User
from lastmile.duties import kinds, queries
from lastmile.duties.models import Cause, Obligation
from lastmile.duties.models.obligation import Danger
from lastmile.duties.queries.mine import FIRST
from lastmile.kernel import clock
from lastmile.kernel.lists import Choice, Column, ListPage

VIEWS: list[tuple[str, str | Promise]] = [("now", _("Now")), ("later", _("Later")), ("closed", _("Closed lately"))]
WHEN: list[tuple[str, str | Promise]] = [
    ("late", _("overdue")),
    ("today", _("until the end of today")),
    ("week", _("within 7 days")),
]


PAGE_SIZE = 20  # more than anybody does at a sitting; a page stays quick on a slow phone


def _until(rows: QuerySet[Obligation], wanted: str) -> QuerySet[Obligation]:
    now = clock.now()
    end_of_day = datetime.combine(clock.day_of(now), time(), clock.BEIJING) + timedelta(days=1)
    ends = {"late": now, "today": end_of_day, "week": now + timedelta(days=7)}
    return rows.filter(due_at__lte=ends[wanted]) if wanted in ends else rows


def _danger(rows: QuerySet[Obligation], wanted: str) -> QuerySet[Obligation]:
    return rows.filter(danger=int(wanted)) if wanted in {str(value) for value in Danger.values} else rows


def _rows(user: User, worn: queries.Hats, view: str) -> tuple[QuerySet[Obligation], tuple[str, ...]]:
    if view == "closed":
        return queries.lately(user), ("-closed_at",)
    rows = queries.todo(user, worn)
    return (rows.filter(queries.waits(worn)) if view == "later" else rows.exclude(queries.waits(worn))), FIRST


def columns() -> list[Column]:
    return [
        Column("title", _("What"), sort="title"),
        Column("kind", _("Kind"), lambda row: str(kinds.get(row.kind).label), "kind", phone=False),
        Column("danger", _("Danger"), lambda row: str(row.get_danger_display()), "danger", phone=False),
        Column("due", _("Due"), lambda row: row.due_at, "due_at"),
        Column("place", _("Place"), lambda row: row.place.name, "place"),
        Column("post", _("Post"), lambda row: row.post.title if row.post else "", "post__title", phone=False),
        Column("basis", _("Basis"), phone=False),
        Column("state", _("State"), lambda row: str(row.get_state_display()), "state"),
    ]


def filters() -> list[Choice]:
    return [
        Choice("when", _("Due"), WHEN, apply=_until),
        Choice("danger", _("Danger"), [(value, label) for value, label in reversed(Danger.choices)], apply=_danger),
        Choice("kind", _("Kind"), [(kind.name, kind.label) for kind in kinds.all_kinds()]),
    ]


def todo(request: HttpRequest, user: User, worn: queries.Hats) -> ListPage:
    rows, order = _rows(user, worn, request.GET.get("view", "now"))
    return ListPage(
        request,
        rows,
        columns=columns(),
        search=["title", "place__name", "basis", "post__title"],
        filters=filters(),
        order=order,
        filename="to-do",
        page_size=PAGE_SIZE,
    )


def area(request: HttpRequest, rows: QuerySet[Obligation]) -> ListPage:
    """Open obligations of an area: whose post, how late and why; never whose person."""
    cause = Column("cause", _("Why late"), _cause, "cause")
    return ListPage(
        request,
        rows.filter(closed_at=None).select_related("place", "post"),
        columns=[*columns()[:7], cause],
        search=["title", "place__name", "basis"],
        filters=[*filters(), Choice("cause", _("Why late"), Cause.choices)],
        order=FIRST,
        filename="obligations",
    )


def _cause(row: Any) -> str:
    return str(row.get_cause_display())


def dispute_columns() -> list[Column]:
    def stands(row: Any) -> str:
        return str(_("settled") if row.settled_at else _("overdue") if row.due_at < clock.now() else _("to settle"))

    def colour(row: Any) -> str:
        return "green" if row.settled_at else "red" if row.due_at < clock.now() else "yellow"

    return [
        Column("what", _("What"), lambda row: row.obligation.title, link=lambda row: reverse("dispute", args=[row.pk])),
        Column("place", _("Place"), lambda row: row.obligation.place.name, "obligation__place"),
        Column("by", _("Says it is not theirs"), lambda row: row.by_post.title, "by_post__title", phone=False),
        Column("judge", _("Settled by"), lambda row: row.judge.title, "judge__title", phone=False),
        Column("due", _("Until when"), lambda row: row.due_at, "due_at"),
        Column("state", _("State"), stands, badge=colour),
        Column("decided", _("Decision"), lambda row: row.decided.title if row.decided else "", phone=False),
    ]
