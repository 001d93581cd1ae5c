"""Special sites: their answers for staff, and the page on which the responsible person answers by link."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import links, sight, site_answers
from lastmile.alerting.models import AlertEvent, SiteAnswer
from lastmile.community.org.models import SpecialSite
from lastmile.kernel import walls
from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, may

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@require_GET
@needs(Perm.SITE_READ)
def page(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """Every site of the warning here: those without an answer in red on top."""
    event, found = sight.seen(actor(request), code, place)
    rows = site_answers.rows(event, found.code)
    context: dict[str, Any] = {
        "alert": event.alert,
        "place": found,
        "rows": [(row, may(actor(request), Perm.ALERT_RECEIPT, row.site.place_id)) for row in rows],
        "silent": sum(row.answer is None for row in rows),
        "states": SiteAnswer.State.choices,
        "nonce": secrets.token_urlsafe(9),
    }
    return render(request, "alerting/sites/page.html", context)


@require_POST
@needs(Perm.ALERT_RECEIPT)
def enter(request: HttpRequest, code: str, place: str, site: int) -> HttpResponse:
    """What staff heard from a site."""
    event, found = sight.seen(actor(request), code, place, Perm.ALERT_RECEIPT)
    key = f"e:{actor(request).pk}:{event.pk}:{site}:{request.POST.get('nonce', '')[:20]}"
    said = _said(request, key, SiteAnswer.Via.STAFF, by=actor(request).pk)
    site_answers.enter(actor(request), event, site, said)
    messages.success(request, _("Recorded."))
    return redirect("visits:sites", code, found.code)


def _said(request: HttpRequest, key: str, via: str, **who: Any) -> site_answers.Said:
    people = request.POST.get("people", "").strip()
    number = int(people) if people.isdecimal() and len(people) < 8 else -1
    note = request.POST.get("note", "").replace("\0", "").strip()
    return site_answers.Said(key, request.POST.get("state", ""), number, via, note=note, **who)


@walls.opened("a link of a site names its own sites")
@public("the responsible person of a special site, by the personal link in their message")
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """One number and one tap for each site of the person."""
    language = request.GET.get("lang", "zh")
    with translation.override(LANGUAGES.get(language, "zh-hans")):
        event, person, sites = _kept(token)
        if request.method == "POST":
            _take(request, event, person, sites)
            return redirect(f"{request.path}?lang={language}")
        rows = [row for row in site_answers.rows(event, "") if row.site in sites]
        context: dict[str, Any] = {"event": event, "rows": rows, "token": token, "states": SiteAnswer.State.choices}
        context |= {"lang": language, "other": "zh" if language == "en" else "en", "nonce": secrets.token_urlsafe(9)}
        answer = render(request, "alerting/sites/mine.html", context)
        answer["Cache-Control"], answer["Referrer-Policy"] = "no-store", "same-origin"  # a form sends its origin then
        return answer


def _kept(token: str) -> tuple[AlertEvent, int, list[SpecialSite]]:
    try:
        number, person = links.read(token)
    except links.BadToken:
        number = person = 0
    event = AlertEvent.objects.select_related("alert").filter(pk=number).first()
    sites = site_answers.kept_by(person, event) if event is not None and person < 2**31 else []
    if event is None or not sites:
        raise NotFound(_("This link is for no special site."), _("Open the whole link from your message."))
    return event, person, sites


def _take(request: HttpRequest, event: AlertEvent, person: int, sites: list[SpecialSite]) -> None:
    wanted = next((site for site in sites if str(site.pk) == request.POST.get("site", "")), None)
    if wanted is None:
        raise NotFound(_("This link is for no special site."), _("Open the whole link from your message."))
    key = f"s:{event.pk}:{wanted.pk}:{person}:{request.POST.get('nonce', '')[:20]}"
    site_answers.answer(event, wanted, _said(request, key, SiteAnswer.Via.LINK, person=person))
