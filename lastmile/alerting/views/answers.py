"""The doors of a place: who answered what, entering it for them, and telling the rest again."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import claims, coverage, panels, receipts, resend, roster, sight
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.visits import outcomes
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.back import back
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm, may

DOORS = 30  # on a page


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def doors(request: HttpRequest, code: str, place: str) -> HttpResponse:
    event, found = sight.seen(actor(request), code, place, Perm.HOUSEHOLD_READ)
    cut = request.GET.get("cut", "")
    shown = Paginator(roster.doors(event, found.code, cut), DOORS).get_page(request.GET.get("page", "1"))
    context: dict[str, object] = {
        "page": shown,
        "cut": cut,
        "cuts": cuts(),
        "path": sight.path_to(actor(request), event, found),
    }
    context |= {"query": f"&cut={cut}" if cut in roster.CUTS else "", "alert": event.alert}
    return render(request, "alerting/coverage/doors.html", context | entering(request, event, found))


def cuts() -> list[tuple[str, str]]:
    return [
        ("", _("everybody")),
        ("unreached", _("not reached")),
        ("silent", _("no answer yet")),
        ("help", _("need help")),
        ("refused", _("stay")),
        ("vulnerable", _("vulnerable")),
    ]


def entering(request: HttpRequest, event: AlertEvent, place: Place) -> dict[str, object]:
    """What a door's row needs."""
    return {
        "event": event,
        "place": place,
        "buttons": [(fact.value, outcomes.words(fact), colour) for fact, colour in outcomes.BUTTONS],
        "may_enter": may(actor(request), Perm.ALERT_RECEIPT, place.code),
        "may_open": may(actor(request), Perm.PERSON_REVEAL, place.code),
        "nonce": secrets.token_urlsafe(6),
        "earliest": event.sent_at.astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M"),
        "latest": clock.now().astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M"),
    }


@require_POST
@needs(Perm.ALERT_RECEIPT)
def enter(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """One tap for a door: the state of everybody in it. Answers with the door's row anew."""
    event, found = sight.seen(actor(request), code, place, Perm.ALERT_RECEIPT)
    persons = [int(value) for value in request.POST.getlist("person") if value.isdecimal() and len(value) < 10]
    fact = request.POST.get("fact", "")
    entry = receipts.Entry(
        place=found.code,
        persons=persons,
        fact=int(fact) if fact.isdecimal() and len(fact) < 3 else 0,
        nonce=request.POST.get("nonce", ""),
        happened_at=receipts.moment(request.POST.get("at", ""), event),
        note=request.POST.get("note", "").replace("\0", "").strip(),
    )
    receipts.enter(actor(request), event, entry)
    coverage.fold()
    door = next((one for one in roster.doors(event, found.code) if {m.person for m in one.members} & {*persons}), None)
    return render(request, "alerting/coverage/door.html", {"door": door} | entering(request, event, found))


@require_POST
@needs(Perm.PERSON_REVEAL)
def notes(request: HttpRequest, code: str, place: str, person: int) -> HttpResponse:
    """What somebody wrote, opened for the one who asks; the look is in the trail."""
    event, found = sight.seen(actor(request), code, place, Perm.PERSON_REVEAL)
    shown = roster.notes(actor(request), event, found.code, min(person, 2**31 - 1))
    return render(request, "alerting/coverage/notes.html", {"notes": shown})


@require_POST
@needs(Perm.ALERT_RECEIPT)
def help_claim(request: HttpRequest, code: str, place: str, pk: int) -> HttpResponse:
    """“I have it”, or not after all; back to the page it was said on."""
    event, found = sight.seen(actor(request), code, place, Perm.ALERT_RECEIPT)
    if request.POST.get("act") == "release":
        claims.release(actor(request), event, found.code, pk)
        messages.success(request, _("It waits for somebody else now; the others see it at once."))
    else:
        claims.claim(actor(request), event, found.code, pk)
        messages.success(request, _("You have it; the others see that. Enter what you find at the door."))
    return redirect(back(request, reverse("answers:coverage_place", args=[code, found.code])))


@require_http_methods(["GET", "POST"])
@needs(Perm.ALERT_RESEND)
def again(request: HttpRequest, code: str, place: str) -> HttpResponse:
    event, found = sight.seen(actor(request), code, place, Perm.ALERT_RESEND)
    given = request.POST if request.method == "POST" else request.GET
    silent = given.get("who") == "silent"
    if request.method == "POST":
        wave = given.get("wave", "")
        last = int(wave) if wave.isdecimal() and len(wave) < 5 else -1
        told = resend.send_again(actor(request), event, found.code, given.get("channel", ""), silent=silent, wave=last)
        sent = ngettext("It is being sent again to %(n)d person.", "It is being sent again to %(n)d people.", told)
        messages.success(request, sent % {"n": told})
        return redirect("answers:coverage_place", code, found.code)
    shown = resend.preview(event, found.code, silent=silent)
    ways = [(name, panels.channel_label(name), count) for name, count in shown.reachable.items()]
    context = {"alert": event.alert, "event": event, "place": found, "silent": silent, "preview": shown, "ways": ways}
    return render(request, "alerting/coverage/again.html", context)
