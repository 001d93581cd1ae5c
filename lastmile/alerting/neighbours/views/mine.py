"""The page of a neighbour who is asked, by the link in their message: one tap for each door."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.alerting import cell_texts, fold, links
from lastmile.alerting.models import AlertEvent, Fact
from lastmile.alerting.neighbours import entering
from lastmile.alerting.visits.outcomes import BUTTONS, words
from lastmile.community.cells import actions as cells
from lastmile.kernel import walls
from lastmile.kernel.doors import public
from lastmile.kernel.errors import NotFound

LANGUAGES = {"zh": "zh-hans", "en": "en"}


@walls.opened("a link of a neighbour names its own doors")
@public("a neighbour who agreed to look after doors, by the personal link in their message")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    language = request.GET.get("lang", "zh")
    with translation.override(LANGUAGES.get(language, "zh-hans")):
        event, person = _asked(token)
        if request.method == "POST":
            _take(request, event, person)
            return redirect(f"{request.path}?lang={'en' if language == 'en' else 'zh'}")
        answer = render(request, "alerting/neighbours/mine.html", _context(event, person, language))
        answer["Cache-Control"], answer["Referrer-Policy"] = "no-store", "same-origin"  # a form sends its origin then
        return answer


def _context(event: AlertEvent, person: int, language: str) -> dict[str, Any]:
    doors = cell_texts.doors(event, person)
    return {
        "event": event,
        "exercise": event.frozen.get("status") == "Exercise",
        "doors": [(door, words(door.fact) if door.fact else "") for door in doors],
        "left": sum(door.open for door in doors),
        "buttons": [(fact.value, words(fact)) for fact, _colour in BUTTONS],
        "undone": Fact.UNDONE.value,
        "token": links.token(event.pk, person),
        "lang": language,
        "other": "zh" if language == "en" else "en",
        "nonce": secrets.token_urlsafe(9),
    }


def _asked(token: str) -> tuple[AlertEvent, int]:
    """Raises NotFound for a link that is none of ours or of somebody never asked, Conflict when the warning is over."""
    unknown = NotFound(_("This link is not valid."), _("Open the link in your newest message."))
    try:
        event, person = links.read(token)
    except links.BadToken:
        raise unknown from None
    if person >= 2**31:
        raise unknown
    return entering.event_of(event), person


def _take(request: HttpRequest, event: AlertEvent, person: int) -> None:
    if "withdraw" in request.POST:
        cells.withdraw_all(person)
        return
    home, fact = (request.POST.get(name, "")[:9] for name in ("door", "fact"))
    nonce = request.POST.get("nonce", "")[:16]
    if not (home.isdecimal() and fact.isdecimal() and nonce.isascii()):
        raise NotFound(_("You are not asked about this door."), _("Load the page again."))
    entering.say(event, person, int(home), int(fact), key=f"{nonce}:{home}")
    fold.fold()
