"""The command post: the board of a warning, one call with its evidence, and everything that is done by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import sight
from lastmile.alerting.cascade import actions, dossier, evidence, opening, queries, table
from lastmile.alerting.cascade import board as boards
from lastmile.alerting.models import Call
from lastmile.alerting.receipts import moment
from lastmile.community.people.models import Person
from lastmile.community.people.queries import look
from lastmile.kernel import audit
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Perm, may


def parts(request: HttpRequest, code: str) -> dict[str, Any]:
    """What the board shows of the place that was asked for, or of the person's own."""
    who = actor(request)
    event, place = sight.seen(who, code, request.GET.get("place", "")[:15], Perm.POST_READ)
    in_force = event.closed_at is None
    return {
        "event": event,
        "alert": event.alert,
        "place": place,
        "path": sight.path_to(who, event, place),
        "board": boards.board(who, event, place.code),
        "may_start": in_force and bool(event.ladder) and may(who, Perm.CALL_START, place.code),
    }


@require_GET
@needs(Perm.POST_READ)
def board(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "alerting/calls/board.html", parts(request, code))


@require_GET
@needs(Perm.POST_READ)
def live(request: HttpRequest, code: str) -> HttpResponse:
    """The part that changes; asked for every three seconds."""
    return render(request, "alerting/calls/live.html", parts(request, code))


@require_GET
@needs(Perm.POST_READ)
def listing(request: HttpRequest, code: str) -> HttpResponse:
    """Every post in the person's area, to filter, sort and take away as a workbook."""
    event, place = sight.seen(actor(request), code, request.GET.get("place", "")[:15], Perm.POST_READ)
    shown = table.listed(request, event, place.code)
    return shown.response(
        request,
        title=_("Everyone who must answer"),
        alert=event.alert,
        intro=event.alert.headline,
        empty_title=_("Nobody has to answer here."),
        empty_hint=_("Posts that must answer are set on the page of a place."),
    )


@require_POST
@needs(Perm.CALL_START)
def start(request: HttpRequest, code: str) -> HttpResponse:
    event, place = sight.seen(actor(request), code, request.POST.get("place", "")[:15], Perm.CALL_START)
    opened, woken = opening.start(actor(request), event, place)
    said = ngettext("%(n)d post is being called.", "%(n)d posts are being called.", opened + woken)
    messages.success(request, said % {"n": opened + woken})
    return redirect(f"../?place={place.code}")


def shown(request: HttpRequest, call: Call) -> dict[str, Any]:
    who = actor(request)
    acts = may(who, Perm.CALL_ACT, call.place)
    return {
        "call": call,
        "event": call.event,
        "alert": call.event.alert,
        "card": boards.cards(who, [call])[call.pk],
        "facts": evidence.facts(call),
        "lines": evidence.timeline(call, opened=acts),
        "may_act": acts and call.event.closed_at is None,
        "own": call.person is not None and dossier.is_own(who, call.person),
        "may_open": call.person is not None and may(who, Perm.PERSON_REVEAL, call.place),
    }


@require_GET
@needs(Perm.POST_READ)
def one(request: HttpRequest, code: str, call: int) -> HttpResponse:
    return render(request, "alerting/calls/one.html", shown(request, queries.call(actor(request), code, call)))


ACTS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "call": (actions.call_now, ()),
    "message": (actions.message, ("text",)),
    "take": (actions.take_over, ()),
    "note": (actions.note, ("text",)),
    "confirm": (actions.confirm, ("at", "words")),
    "passed": (actions.passed_on, ("at", "words")),
    "undo": (actions.undo, ()),
}


@require_POST
@needs(Perm.CALL_ACT)
def act(request: HttpRequest, code: str, call: int) -> HttpResponse:
    """One tap of the command post. Back to the board it came from, or to the call."""
    found = queries.call(actor(request), code, call, Perm.CALL_ACT)
    do, fields = ACTS.get(request.POST.get("act", ""), (None, ()))
    if do is None:
        raise Refusal(_("There is no such button."), _("Reload the page."))
    given: dict[str, Any] = {name: request.POST.get(name, "").replace("\0", "") for name in fields}
    if "at" in given:
        given["at"] = moment(given["at"], found.event)
    do(actor(request), found, **given)
    messages.success(request, _("Done and written down."))
    if request.POST.get("back") == "board":
        return redirect("../../")
    return redirect("../")


@require_POST
@needs(Perm.PERSON_REVEAL)
def number(request: HttpRequest, code: str, call: int) -> HttpResponse:
    """Name and numbers of the holder, to be dialled by hand; the look is noted, and the person may ask who looked."""
    found = queries.call(actor(request), code, call, Perm.PERSON_REVEAL)
    person = Person.objects.filter(pk=found.person or 0).first()
    if person is None:
        raise NotFound(_("Nobody holds this post."), _("Appoint somebody on the page of the place."))
    opened = look(actor(request), person, _("to call them for a warning"))
    context = {"name": opened.name, "contacts": [(c, value) for c, value in opened.contacts if c.usable]}
    return render(request, "alerting/calls/number.html", context)


@require_GET
@needs(Perm.CALL_ACT)
def pdf(request: HttpRequest, code: str, call: int) -> HttpResponse:
    found = queries.call(actor(request), code, call, Perm.CALL_ACT)
    audit.record("alerting.call_evidence", actor=actor(request), place=found.place, obj=found)
    response = HttpResponse(evidence.pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="evidence-{code}-{found.pk}.pdf"'
    return response
