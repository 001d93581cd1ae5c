"""The one to-do: the list, one item, and everything that can be done with it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lastmile.community.accounts.models import User
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import CODE_LENGTH, Level
from lastmile.duties import queries
from lastmile.duties.models import Obligation
from lastmile.duties.queries.words import line
from lastmile.duties.views import acts, lists
from lastmile.duties.wording import words
from lastmile.kernel.doors import signed_in
from lastmile.kernel.permissions import Perm, may

VILLAGE = CODE_LENGTH[Level.VILLAGE]


@require_GET
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """Everything the person owes, what can hurt people first; `?view=later` and `?view=closed` for the rest."""
    worn = queries.hats(me(request))
    page = lists.todo(request, me(request), worn)
    if request.GET.get("export") == "xlsx":
        return page.xlsx()
    context: dict[str, Any] = {
        "title": _("To do"),
        "view": request.GET.get("view", "now"),
        "views": lists.VIEWS,
        "list": page,
        "page": page.page,
        "lines": [line(row, worn) for row in page.page.object_list],
        "offline": words(),
        "sees_area": bool(me(request).scopes(Perm.DUTY_READ)),
    }
    part = request.headers.get("HX-Target") == "list"
    return render(request, "duties/todo_part.html" if part else "duties/todo.html", context)


@require_GET
@signed_in
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: what it is, what happened to it, and what can be done."""
    return shown(request, queries.mine(me(request), pk))


def shown(request: HttpRequest, owed: Obligation, bound: dict[str, Any] | None = None) -> HttpResponse:
    who = request.GET.get("who", "").replace("\0", "").strip()[:50]
    context = {
        "title": owed.title,
        "line": line(owed, queries.hats(me(request))),
        "events": owed.events.select_related("actor"),
        "forms": acts.forms(owed, who) | (bound or {}) if owed.is_open else {},
        "who": who,
        "offline": words(),
        **_map(me(request), owed),
    }
    return render(request, "duties/page.html", context, status=400 if bound else 200)


def _map(user: User, owed: Obligation) -> dict[str, Any]:
    """The code of the place whose map the person may see, and the item's own point on it as GeoJSON."""
    village = owed.place_id[:VILLAGE]
    shown = next((code for code in (village, owed.place_id) if may(user, Perm.PLACE_READ, code)), "")
    if owed.longitude is None or not shown:
        return {"map": shown, "point": None}
    point = {"type": "Point", "coordinates": [owed.longitude, owed.latitude]}
    facts = {"name": owed.title, "kind": owed.place.name}
    return {"map": shown, "point": json.dumps({"type": "Feature", "properties": facts, "geometry": point})}


@require_POST
@signed_in
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One of the verbs; a line of the list answers with itself, a page goes back to the list."""
    user = me(request)
    owed = queries.mine(user, pk)
    form = acts.read(verb, owed, request.POST)
    if not form.is_valid():
        return shown(request, owed, {verb.replace("-", "_"): form})
    says = acts.do(verb, user, owed, form.cleaned_data)
    owed = Obligation.objects.select_related("place", "post__place").get(pk=owed.pk)
    if request.headers.get("HX-Request"):
        return render(request, "duties/line.html", {"line": line(owed, queries.hats(user)), "says": says})
    messages.success(request, says)
    return redirect("todo_item" if verb in acts.STAY else "todo", *([owed.pk] if verb in acts.STAY else []))


def first_lines(user: Any, count: int = 5) -> dict[str, Any]:
    """The top of the list, for the overview."""
    worn = queries.hats(user)
    rows: QuerySet[Obligation] = queries.todo(user, worn).exclude(queries.waits(worn))
    found = list(rows[: count + 1])
    return {"lines": [line(row, worn) for row in found[:count]], "more": len(found) > count}
