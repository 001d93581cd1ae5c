"""One warning with everything about it: its panels while it is written, its page, poster, CAP message and notes."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import broadcast, lifecycle, notes, published, queries, texts
from lastmile.alerting.cap.compose import MEDIA_TYPE, compose
from lastmile.alerting.cap.signature import signed
from lastmile.alerting.models import Alert, AlertEvent
from lastmile.alerting.poster import pdf
from lastmile.alerting.views import drafting_parts as parts
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor, Perm, may, within


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, code: str) -> HttpResponse:
    alert = queries.alert(actor(request), code)
    return render(request, "alerting/alert.html", context(actor(request), alert))


def context(person: Actor, alert: Alert) -> dict[str, Any]:
    event = AlertEvent.objects.filter(alert=alert).first()
    rule = None if event else lifecycle.rule_for(alert.place_id, alert.colour)
    return {
        **parts.readings(alert),
        **_around(person, alert),
        "title": parts.title(alert),
        "event": event,
        "frozen": event.frozen if event else None,
        "frozen_text": json.dumps(event.frozen, ensure_ascii=False, indent=1) if event else "",
        "coverage_url": reverse("answers:coverage", args=[alert.code]) if event else "",
        "may": parts.powers(person, alert),
        "may_see_place": may(person, Perm.PLACE_READ, alert.place_id),
        "pending_after": lifecycle.pending_after(alert),
        "area": parts.area_words(alert),
        "issuers": "、".join(alert.issuers),
        "rule": rule,
        "rule_place": Place.objects.get(pk=rule.place) if rule else None,
    }


def _around(person: Actor, alert: Alert) -> dict[str, Any]:
    """Judgements, trail, neighbours and notes; what is not out yet is for those who make warnings."""
    behind = any(person.scopes(perm) for perm in queries.BACKSTAGE)
    followers = alert.followed_by.all()
    return {
        "reviews": alert.reviews.select_related("actor").order_by("id"),
        "history": [parts.told_as(entry) for entry in queries.history(alert)] if behind else [],
        "chain": queries.chain(alert)[1:],
        "followers": followers if behind else followers.filter(state__in=lifecycle.PUBLISHED),
        "notes": alert.notes.filter(withdrawn_at=None).select_related("place", "author"),
        "note_places": note_places(person, alert),
    }


def note_places(person: Actor, alert: Alert) -> list[Place]:
    """Where this person may add a note: their own township or village, not the whole county's list."""
    if alert.state != "issued":
        return []
    scopes = [code for code in person.scopes(Perm.ALERT_NOTE) if code.startswith(alert.place_id)]
    return list(Place.objects.filter(pk__in=scopes).order_by("code"))


@require_GET
@needs(Perm.ALERT_READ)
def readings(request: HttpRequest, code: str) -> HttpResponse:
    """The lint and the previews, for htmx."""
    alert = queries.alert(actor(request), code)
    return render(request, "alerting/readings_part.html", parts.readings(alert))


@require_GET
@needs(Perm.ALERT_DRAFT, Perm.ALERT_APPROVE)
def reach(request: HttpRequest, code: str) -> HttpResponse:
    """The live count of people, for htmx."""
    alert = queries.alert(actor(request), code)
    return render(request, "alerting/reach_part.html", parts.reach(alert))


@require_GET
@needs(Perm.ALERT_READ)
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """One A4 page to pin up."""
    alert = queries.alert(actor(request), code)
    own = within(actor(request).scopes(Perm.ALERT_NOTE), "place__code")
    text = texts.render(alert)["zh"]
    found = {
        "alert": alert,
        "title": parts.title(alert),
        "head": text["headline"] or text["subject"],
        "steps": texts.lines(alert.instruction),
        "area": parts.area_words(alert),
        "words": texts.poster_words(alert),
        "notes": alert.notes.filter(own, withdrawn_at=None).select_related("place"),
    }
    return render(request, "alerting/poster.html", found)


@require_GET
@needs(Perm.ALERT_READ)
def poster_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """What was issued, as a file to print: ?size=a4 or a3. Its code leads to the public page, where there is one."""
    event = queries.event(actor(request), code)
    address = published.notice(event).url if "web" in event.frozen["channels"] else ""
    response = HttpResponse(pdf(event, request.GET.get("size", ""), address), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{event.identifier}.pdf"'
    return response


@require_GET
@needs(Perm.ALERT_READ)
def script(request: HttpRequest, code: str) -> HttpResponse:
    """What was issued, to be read aloud on radio and television."""
    event = queries.event(actor(request), code)
    found = {"alert": event.alert, "title": parts.title(event.alert), "scripts": broadcast.scripts(event)}
    return render(request, "alerting/script.html", found)


@require_GET
@needs(Perm.ALERT_READ)
def cap(request: HttpRequest, code: str) -> HttpResponse:
    event = queries.event(actor(request), code)
    response = HttpResponse(signed(compose(event.frozen)), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{event.identifier}.xml"'
    return response


@require_POST
@needs(Perm.ALERT_NOTE)
def add_note(request: HttpRequest, code: str) -> HttpResponse:
    alert = queries.alert(actor(request), code)
    place = Place.objects.filter(pk=request.POST.get("place", "")[:15]).first()
    if place is None:
        raise NotFound(_("There is no such place."), _("Choose your own place."))
    notes.add(actor(request), alert, place, request.POST.get("text", ""))
    messages.success(request, _("Your note travels with the warning from now on."))
    return redirect("alerting:alert", code=code)


@require_POST
@needs(Perm.ALERT_NOTE)
def withdraw_note(request: HttpRequest, code: str, note: int) -> HttpResponse:
    notes.withdraw(actor(request), queries.alert(actor(request), code), note)
    messages.success(request, _("The note is withdrawn."))
    return redirect("alerting:alert", code=code)
