"""The page on which a post answers what it is asked, and where all of it waits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import queries as org
from lastmile.community.org.models import Place
from lastmile.facts.actions import answer as actions
from lastmile.facts.models import Ask
from lastmile.facts.queries import scope
from lastmile.facts.queries.questions import answered, questions, waiting_asks
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
    who = actor(request)
    ask = scope.ask(who, pk)
    refusal, status, typed = None, 200, ask.draft
    if request.method == "POST":
        scope.ask(who, pk, Perm.FACT_ENTER)
        typed = request.POST.dict()
        try:
            return _answered(request, ask)
        except Refusal as said:
            refusal, status = said, said.status
    fields = refusal.fields if refusal else {}
    context = {"title": ask.request.title, "ask": ask, "refusal": refusal, **_shown(ask, typed, fields)}
    context["may_answer"] = ask.state == Ask.State.OPEN and _may(request, ask)
    return render(request, "facts/ask.html", context, status=status)


def _may(request: HttpRequest, ask: Ask) -> bool:
    who = actor(request)
    return may(who, Perm.FACT_ENTER, ask.place) and scope.may_enter(who, ask.place)


def _answered(request: HttpRequest, ask: Ask) -> HttpResponse:
    left = actions.answer(actor(request), ask, request.POST.dict())
    if left:
        messages.success(request, _("Saved. %(n)s still to fill in.") % {"n": left})
        return redirect("fact_ask", ask.pk)
    messages.success(request, _("All answered. Nobody will ask you for these again while they are fresh."))
    return redirect("fact_ask", ask.pk)


def _shown(ask: Ask, typed: dict[str, str], wrong: dict[str, Any]) -> dict[str, Any]:
    return {
        "place": Place.objects.filter(code=ask.place).first(),
        "questions": questions(actions.waiting(ask), ask.request, typed, wrong),
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
