"""All posts of a warning as a list: filters, sorting, and the workbook."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lastmile.alerting.cascade import board
from lastmile.alerting.models import AlertEvent, Call, CallState
from lastmile.alerting.models.calls import SILENT
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.kernel.lists import Choice, Column, ListPage


def listed(request: HttpRequest, event: AlertEvent, place: str) -> ListPage:
    rows = Call.objects.filter(event=event, place__startswith=place).select_related("post__place", "post__site")
    levels = [(CODE_LENGTH[level], level.label) for level in Level if level != Level.PROVINCE]
    return ListPage(
        request,
        rows,
        columns=columns(event),
        search=["post__title", "post__place__name", "post__site__name", "place"],
        filters=[
            Choice("level", _("Level"), levels, apply=_at),
            Choice("state", _("State"), [("silent", _("no answer yet")), *CallState.choices], apply=_in),
        ],
        order=("place", "post__kind", "pk"),
        filename=f"calls-{event.alert.code}-{place}",
    )


def _at(rows: QuerySet[Any], length: str) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.alias(length=Length("place")).filter(length=int(length))
    return found


def _in(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    return rows.filter(state__in=SILENT) if state == "silent" else rows.filter(state=state)


def columns(event: AlertEvent) -> list[Column]:
    code = event.alert.code
    parents = dict(Place.objects.filter(level=Level.VILLAGE, code__startswith=event.place).values_list("code", "name"))

    def where(call: Call) -> str:
        names = (parents.get(call.place[:12], ""), call.post.place.name, call.post.site.name if call.post.site else "")
        return " ".join(name for name in dict.fromkeys(names) if name)

    return [
        Column("where", _("Place"), value=where, sort="place"),
        Column("post", _("Post"), value=lambda c: c.post.title, link=lambda c: reverse("calls:one", args=[code, c.pk])),
        Column(
            "state",
            _("State"),
            value=lambda c: c.get_state_display(),
            sort="state",
            badge=lambda c: board.COLOUR[CallState(c.state)],
        ),
        Column("confirm_due", _("to be confirmed by"), sort="confirm_due", phone=False),
        Column("confirmed_at", _("confirmed"), sort="confirmed_at"),
        Column("via", _("By"), value=lambda c: board.way(c.confirmed_via) if c.confirmed_via else "", phone=False),
        Column("relayed_at", _("passed on"), sort="relayed_at", phone=False),
    ]
