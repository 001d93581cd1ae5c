"""Special sites: their answers for staff, and the page on which the responsible person answers by link."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import links, sight, site_answers
from lastmile.alerting.models import AlertEvent, SiteAnswer
from lastmile.community.org.models import SpecialSite
from lastmile.community.org.queries import in_words
from lastmile.kernel import walls
from lastmile.kernel.back import back
from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import Column
from lastmile.kernel.permissions import Perm, may
from lastmile.kernel.rows import RowsPage, kept

SITES = 30  # on a page
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True)
class Line:
    """A site of the list: where it is in words, and whether the reader may enter what was heard from it."""

    row: site_answers.SiteRow
    where: str
    may_enter: bool

    @property
    def name(self) -> str:
        return self.row.site.name

    @property
    def kind(self) -> str:
        return self.row.site.kind

    @property
    def state(self) -> str:
        return self.row.answer.state if self.row.answer else "silent"

    def told(self, name: str) -> Any:
        """A value of the answer that stands, where there is one."""
        found = getattr(self.row.answer, name) if self.row.answer else None
        return found() if callable(found) else found


@require_GET
@needs(Perm.SITE_READ)
def page(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """Every site of the warning here: those without an answer in red on top."""
    event, found = sight.seen(actor(request), code, place)
    rows = site_answers.rows(event, found.code)
    names = in_words({row.site.place_id for row in rows})
    lines = [Line(row, names[row.site.place_id], _may_enter(request, row)) for row in rows]
    context: dict[str, Any] = {"alert": event.alert, "place": found, "states": SiteAnswer.State.choices}
    context |= {"silent": sum(row.answer is None for row in rows), "nonce": secrets.token_urlsafe(9)}
    return _listed(request, lines).response(request, "alerting/sites/page.html", **context)


def _listed(request: HttpRequest, lines: Sequence[Line]) -> RowsPage:
    states: list[tuple[str, Any]] = [("silent", pgettext("site", "no answer")), *SiteAnswer.State.choices]
    names = {key: str(label) for key, label in states}
    columns = [
        Column("name", _("Name")),
        Column("kind", _("Kind"), lambda line: line.row.site.get_kind_display()),
        Column("where", _("Place")),
        Column("state", _("State"), lambda line: names[line.state]),
        Column("people", pgettext("site", "people there"), lambda line: line.told("people")),
        Column("at", pgettext("site", "answered at"), lambda line: line.told("happened_at")),
        Column("via", pgettext("site", "answered by"), lambda line: line.told("get_via_display")),
    ]
    filters = [kept("state", _("State"), states), kept("kind", _("Kind"), SpecialSite.Kind.choices)]
    return RowsPage(
        request, lines, columns, search=["name", "where"], filters=filters, page_size=SITES, filename="sites",
        part="alerting/sites/list.html",
    )  # fmt: skip


def _may_enter(request: HttpRequest, row: site_answers.SiteRow) -> bool:
    return may(actor(request), Perm.ALERT_RECEIPT, row.site.place_id)


@require_POST
@needs(Perm.ALERT_RECEIPT)
def enter(request: HttpRequest, code: str, place: str, site: int) -> HttpResponse:
    """What staff heard from a site."""
    event, found = sight.seen(actor(request), code, place, Perm.ALERT_RECEIPT)
    key = f"e:{actor(request).pk}:{event.pk}:{site}:{request.POST.get('nonce', '')[:20]}"
    said = _said(request, key, SiteAnswer.Via.STAFF, by=actor(request).pk)
    site_answers.enter(actor(request), event, site, said)
    messages.success(request, _("Recorded."))
    return redirect(back(request, reverse("visits:sites", args=[code, found.code])))


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
