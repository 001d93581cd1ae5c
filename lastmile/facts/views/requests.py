"""Pages of requests for data: the list, a new one with what it would cost, one with its live table."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.facts.actions import request as actions
from lastmile.facts.forms import RequestForm, kinds_of_rows
from lastmile.facts.models import Request
from lastmile.facts.queries import scope, table
from lastmile.facts.queries.plan import Plan
from lastmile.facts.views.buttons import opens
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, Days, ListPage, xlsx_response
from lastmile.kernel.permissions import Actor, Perm, may
from lastmile.kernel.rows import RowsPage, kept

CELLS_SHOWN, ASKS_SHOWN = 500, 30  # of a city's table a page shows a part
COLOURS = {"open": "yellow", "answered": "green", "refused": "blue", "withdrawn": "secondary"}


@require_GET
@needs(Perm.FACT_READ)
def listing(request: HttpRequest) -> HttpResponse:
    page = ListPage(
        request,
        scope.requests(actor(request)),
        columns=_columns(),
        search=["title", "department", "place__name", "basis"],
        filters=[Choice("state", _("State"), Request.State.choices)],
        days=[Days("created_at", _("Registered"))],
        order=("-pk",),
        filename="requests",
    )
    buttons = opens(actor(request), Perm.FACT_REQUEST, "fact_request_new", _("Register a request"))
    return page.response(request, title=_("Requests for data"), actions=buttons)


def _columns() -> list[Column]:
    return [
        Column("title", _("Request"), sort="title", link=lambda r: reverse("fact_request", args=[r.pk])),
        Column("by", _("Asked by"), sort="place__name"),
        Column("state", _("State"), value=lambda r: r.get_state_display(), badge=lambda r: COLOURS[r.state]),
        Column("asked", _("Fields asked"), sort="asked", number=True),
        Column("spared", _("Spared"), value=lambda r: r.known + r.repeated + r.joined, number=True, phone=False),
        Column("minutes", _("Minutes"), value=lambda r: round(r.minutes), sort="minutes", number=True, phone=False),
        Column("due_at", _("Due"), sort="due_at", phone=False),
        Column("created_at", _("Registered"), sort="created_at", phone=False),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_REQUEST)
def new(request: HttpRequest) -> HttpResponse:
    """Write a request and see at once what is known; only what is left can be asked."""
    who = actor(request)
    unit = scope.unit(who, Perm.FACT_REQUEST, request.GET.get("unit", ""))
    kinds = kinds_of_rows(unit)
    chosen = next((kind for kind in kinds if kind.name == request.GET.get("rows")), kinds[0])
    form = RequestForm(request.POST or None, unit=unit, rows=chosen)
    made, refusal, status = None, None, 200
    if request.method == "POST":
        made, refusal, status = _planned(who, form)
        if made is not None and "register" in request.POST:
            return _registered(request, form)
    context = {"title": _("Register a request"), "unit": unit, "kinds": kinds, "chosen": chosen, "form": form}
    part = request.headers.get("HX-Target") == "plan"
    context |= {"plan": made, "refusal": refusal, "rows": _cost(made)}
    return render(request, "facts/plan.html" if part else "facts/request_new.html", context, status=status)


def _planned(who: Actor, form: RequestForm) -> tuple[Plan | None, Refusal | None, int]:
    try:
        if form.is_valid():
            return actions.planned(who, form.wish()), None, 200
    except Refusal as said:
        return None, said, said.status
    return None, None, 400


def _registered(request: HttpRequest, form: RequestForm) -> HttpResponse:
    try:
        made = actions.register(actor(request), form.wish())
    except Refusal as refusal:
        title = _("Register a request")
        context = {"title": title, "unit": form.unit, "kinds": kinds_of_rows(form.unit), "chosen": form.rows}
        context |= {"form": form, "refusal": refusal}
        return render(request, "facts/request_new.html", context, status=refusal.status)
    if made.state == Request.State.REFUSED:
        messages.warning(request, _("Refused: everything is known or was asked within 90 days. Here is the answer."))
    else:
        messages.success(request, _("Registered. Only what nobody has told yet is asked."))
    return redirect("fact_request", made.pk)


def _cost(made: Plan | None) -> list[dict[str, Any]]:
    """For each field how many rows are known, were asked, or are left to ask."""
    if made is None:
        return []
    counts: dict[str, dict[str, int]] = {field.name: {} for field in made.fields}
    for cell in made.cells:
        states = counts[cell.field.name]
        states[cell.state] = states.get(cell.state, 0) + 1
    return [{"field": field, **counts[field.name]} for field in made.fields]


@require_GET
@needs(Perm.FACT_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: its live table, and how far each place is."""
    who = actor(request)
    found = scope.request(who, pk)
    shown = table.lines(found, who)
    if request.GET.get("export") == "xlsx":
        table.fill(found, shown)
        return xlsx_response(f"request-{pk}", table.export_head(found), table.export_rows(found, shown))
    listed = RowsPage(
        request,
        shown,
        columns=[],
        search=["place", "place_name", "what"],
        filters=[kept("progress", _("State"), table.STATES)],
        page_size=max(10, CELLS_SHOWN // len(found.fields)),
        filename=f"request-{pk}",
        part="facts/request_part.html",
    )
    table.fill(found, list(listed.page.object_list))
    return listed.response(request, "facts/request.html", **_context(who, found, shown))


def _context(who: Actor, found: Request, shown: list[table.Line]) -> dict[str, Any]:
    own, sees_all = may(who, Perm.FACT_REQUEST, found.place_id), table.sees_all(who, found)
    return {
        "title": found.title,
        "found": found,
        "totals": table.totals(found, who),
        "heard": table.progress(found, ASKS_SHOWN) if sees_all else [],
        "more": max(0, found.asks.count() - ASKS_SHOWN) if sees_all else 0,
        "done": sum(not line.waiting for line in shown),
        "lines": len(shown),
        "own": own,
        "layouts": scope.layouts(who).filter(subject=found.subject).defer("content") if sees_all else [],
        "may_open": own and found.is_sealed and may(who, Perm.PERSON_EXPORT, found.place_id),
        "colour": COLOURS[found.state],
        "search_hint": _("Place"),
    }


@require_POST
@needs(Perm.FACT_REQUEST)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    actions.withdraw(actor(request), scope.own_request(actor(request), pk))
    messages.success(request, _("Withdrawn. Nobody is asked any more."))
    return redirect("fact_request", pk)
