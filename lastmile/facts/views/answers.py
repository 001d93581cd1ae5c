"""The page on which a post answers what it is asked, and where all of it waits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import queries as org
from lastmile.community.org.models import Place
from lastmile.facts.actions import answer as actions
from lastmile.facts.models import Ask, Cell
from lastmile.facts.queries import scope
from lastmile.facts.queries.questions import answered, parts, questions, waiting_asks
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, may


@require_GET
@needs(Perm.FACT_READ)
def desk(request: HttpRequest) -> HttpResponse:
    """Where a person begins: what they are asked, what their unit asks, and the facts of their places."""
    who = actor(request)
    context = {
        "title": _("Facts and requests"),
        "asks": waiting_asks(who)[:50],
        "requests": scope.requests(who)[:10],
        "places": org.roots(who, Perm.FACT_READ),
        "may_request": bool(who.scopes(Perm.FACT_REQUEST)),
    }
    return render(request, "facts/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.FACT_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, some 60 inputs at a time; to turn the page keeps what is typed and sends nothing."""
    who = actor(request)
    ask = scope.ask(who, pk)
    refusal, status, typed = None, 200, ask.draft
    if request.method == "POST":
        scope.ask(who, pk, Perm.FACT_ENTER)
        typed = ask.draft | request.POST.dict()
        try:
            return _turned(request, ask) if "go" in request.POST else _answered(request, ask)
        except Refusal as said:
            refusal, status = said, said.status
    fields = refusal.fields if refusal else {}
    part = Paginator(parts(actions.waiting(ask)), 1).get_page(request.GET.get("part"))
    context = {"title": ask.request.title, "ask": ask, "refusal": refusal, **_shown(ask, part, typed, fields)}
    context["may_answer"] = ask.state == Ask.State.OPEN and _may(request, ask)
    return render(request, "facts/ask.html", context, status=status)


def _turned(request: HttpRequest, ask: Ask) -> HttpResponse:
    actions.keep_draft(actor(request), ask, request.POST.dict())
    return _part(ask, request.POST["go"])


def _part(ask: Ask, part: str) -> HttpResponse:
    """To one page of the questions; what was sent stands on it no more, so that the next ones come up."""
    address = reverse("fact_ask", args=[ask.pk])
    return redirect(f"{address}?part={part}" if part.isdecimal() else address)


def _may(request: HttpRequest, ask: Ask) -> bool:
    who = actor(request)
    return may(who, Perm.FACT_ENTER, ask.place) and scope.may_enter(who, ask.place)


def _answered(request: HttpRequest, ask: Ask) -> HttpResponse:
    left = actions.answer(actor(request), ask, request.POST.dict())
    if left:
        messages.success(request, _("Saved. %(n)s still to fill in.") % {"n": left})
        return _part(ask, request.GET.get("part", ""))
    messages.success(request, _("All answered. Nobody will ask you for these again while they are fresh."))
    return redirect("fact_ask", ask.pk)


def _shown(ask: Ask, part: Page[list[Cell]], typed: dict[str, str], wrong: dict[str, Any]) -> dict[str, Any]:
    cells = [cell for here in part.object_list for cell in here]
    return {
        "place": Place.objects.filter(code=ask.place).first(),
        "part": part,
        "left": sum(map(len, part.paginator.object_list)),
        "questions": questions(cells, ask.request, typed, wrong),
        "answered": answered(ask),
        "also": _also(ask),
    }


def _also(ask: Ask) -> list[str]:
    """Whom the answer serves besides the one who asked first."""
    others = ask.cells.exclude(request=ask.request).select_related("request__place")
    return sorted({cell.request.by for cell in others})


@require_POST
@needs(Perm.FACT_ENTER)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed, as it is typed."""
    who = actor(request)
    actions.keep_draft(who, scope.ask(who, pk, Perm.FACT_ENTER), request.POST.dict())
    return render(request, "facts/draft.html", {"at": clock.now()})
