"""Pages: print the sheets of a place, watch it being made, fetch it; type outcomes back and take them back."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import coverage, on_duty, receipts, sight
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.paper import entering, outcomes, printing, reading, sheets
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.doors import needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, may


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.PERSON_REVEAL)
def page(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """One click prints; the boxes are ticked already."""
    user, status = me(request), 200
    event, found = sight.seen(user, code, place, Perm.PERSON_REVEAL)
    context: dict[str, object] = {}
    if request.method == "POST":
        try:
            return _printed(request, event, found)
        except Refusal as refusal:
            context, status = {"refusal": refusal, "typed": request.POST.get("reason", "")}, refusal.status
    codes = sheets.places_of(event, found.code)
    places = Place.objects.filter(pk__in=codes).order_by("code")[: printing.MOST]
    context |= {"places": places, "kinds": sheets.Kind, "on_duty": on_duty.acts_on(user, event, found.code)}
    context |= {"prints": printing.mine(user, event, found.code)[:10], "total": len(codes), "most": printing.MOST}
    return render(request, "alerting/paper/page.html", context | _about(request, event, found), status=status)


def _printed(request: HttpRequest, event: AlertEvent, place: Place) -> HttpResponse:
    wished = request.POST
    left, reason = wished.get("doors") == "left", wished.get("reason", "")
    wish = printing.ask(me(request), event, place.code, wished.getlist("kind"), left_only=left, reason=reason)
    printing.start(wish)
    return redirect("paper:print", wish.pk)


def _about(request: HttpRequest, event: AlertEvent, place: Place) -> dict[str, object]:
    path = sight.path_to(me(request), event, place)
    return {"event": event, "alert": event.alert, "place": place, "path": path, "exercise": event.exercise}


@require_GET
@never_cache
@needs(Perm.PERSON_REVEAL)
def made(request: HttpRequest, key: int) -> HttpResponse:
    wish = printing.print_of(me(request), key)
    place = Place.objects.get(pk=wish.place)
    percent = round(100 * wish.done / wish.total) if wish.total else 0
    context = {"wish": wish, "alert": wish.event.alert, "place": place, "percent": percent}
    part = request.headers.get("HX-Target") == "print"
    return render(request, "alerting/paper/print_part.html" if part else "alerting/paper/print.html", context)


@require_GET
@never_cache
@needs(Perm.PERSON_REVEAL)
def pdf(request: HttpRequest, key: int) -> HttpResponse:
    wish = printing.print_of(me(request), key)
    response = HttpResponse(printing.pdf(me(request), wish), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{wish.event.alert.code}-{wish.place}.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.ALERT_RECEIPT)
def enter(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The page that a sheet's QR opens: one time, one text box."""
    user = me(request)
    event, found = sight.seen(user, code, place, Perm.ALERT_RECEIPT)
    context: dict[str, object] = {"text": "", "at": request.POST.get("at", "")}
    if request.method == "POST":
        context |= _entered(request, event, found)
    context |= {"nonce": secrets.token_urlsafe(9), "entries": _entries(event, found), "legend": _legend()}
    context |= {"earliest": _local(event.sent_at), "latest": _local(clock.now())}
    context |= {"may_print": may(user, Perm.PERSON_REVEAL, found.code)}
    return render(request, "alerting/paper/enter.html", context | _about(request, event, found))


def _entered(request: HttpRequest, event: AlertEvent, place: Place) -> dict[str, object]:
    """Enter what can be read; a refusal keeps everything that was typed."""
    text, nonce = request.POST.get("text", ""), request.POST.get("nonce", "")
    try:
        at = receipts.moment(request.POST.get("at", ""), event)
        outcome = entering.enter(me(request), event, entering.Typed(place.code, text, nonce, at))
    except Refusal as refusal:
        return {"refusal": refusal, "text": text}
    coverage.fold()
    if outcome.entry is not None:
        n = len(outcome.done)
        messages.success(request, ngettext("%(n)d door is entered.", "%(n)d doors are entered.", n) % {"n": n})
    return {"outcome": outcome, "text": outcome.text, "readings": outcome.left}


def _entries(event: AlertEvent, place: Place) -> list[tuple[object, list[tuple[int, str, str]]]]:
    """What was typed lately, each line in words."""
    found = entering.entries(event, place.code)
    return [(one, [(n, digit, outcomes.words(digit)) for n, digit in one.lines]) for one in found]


def _legend() -> list[tuple[str, str]]:
    return [(digit, outcomes.words(digit)) for digit in outcomes.FACTS]


def _local(at: datetime) -> str:
    return at.astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")


@require_POST
@needs(Perm.ALERT_RECEIPT)
def read(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """What the text means so far, while it is being typed."""
    event, found = sight.seen(me(request), code, place, Perm.ALERT_RECEIPT)
    readings = reading.read(reading.sheet(event, found.code), request.POST.get("text", ""))
    return render(request, "alerting/paper/readings.html", {"readings": readings})


@require_POST
@needs(Perm.ALERT_RECEIPT)
def undo(request: HttpRequest, code: str, place: str, key: int) -> HttpResponse:
    event, found = sight.seen(me(request), code, place, Perm.ALERT_RECEIPT)
    entering.undo(me(request), event, entering.entry_of(event, found.code, key))
    coverage.fold()
    messages.success(request, _("Taken back; what stood there before counts again."))
    return redirect("paper:enter", event.alert.code, found.code)
