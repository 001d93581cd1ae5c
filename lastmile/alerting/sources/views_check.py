"""The page that tells what a message or a feed is worth, before anybody relies on it. Nothing of it is kept."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.intake import MOST_BYTES, from_text
from lastmile.alerting.cap.names import MEDIA_TYPE
from lastmile.alerting.cap.report import Plain
from lastmile.alerting.cap.signature import WORDS as SIGNED
from lastmile.alerting.cap.signature import State
from lastmile.alerting.cap.words import LEVEL_WORDS
from lastmile.alerting.sources import checking, queries
from lastmile.alerting.sources.forms import CheckForm
from lastmile.alerting.sources.trust import anchors_of
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

LIGHT = {State.TRUSTED: "green", State.BROKEN: "red", State.UNSIGNED: "secondary"}


@require_http_methods(["GET", "POST"])
@needs(Perm.SOURCE_READ)
def page(request: HttpRequest) -> HttpResponse:
    person = actor(request)
    form = CheckForm(request.POST or None, request.FILES or None, sources=queries.sources(person)[:200])
    if request.method == "GET":
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=422)
    source = form.cleaned_data["source"]
    believed = anchors_of(queries.source(person, int(source))) if source else ()
    try:
        found = checking.check(person, _body(form), believed)
    except Refusal as refusal:
        return _shown(request, form, refusal=refusal, status=refusal.status)
    return _shown(request, form, found=found, told=_in_words(found.messages), said=_spoken(found.findings))


def _body(form: CheckForm) -> bytes:
    file = form.cleaned_data["file"]
    if file is None:
        return from_text(form.cleaned_data["text"])
    if file.size > MOST_BYTES:
        raise Refusal(_("The file is too big for a warning."), _("Send the message alone."), status=413)
    return bytes(file.read())


@require_POST
@needs(Perm.SOURCE_READ)
def again(request: HttpRequest) -> HttpResponse:
    """A message as we write it, to keep. What is sent here is read anew: this page hands out nothing but CAP."""
    try:
        written = checking.again(actor(request), from_text(request.POST.get("message", "")))
    except Refused as refused:
        raise Refusal(str(refused), _("Go back and check the message again.")) from None
    response = HttpResponse(written, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="message.xml"'
    return response


def _shown(request: HttpRequest, form: CheckForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"title": _("Check a message"), "form": form} | more
    return render(request, "alerting/sources/check.html", context, status=status)


def _in_words(messages: list[Plain]) -> list[Plain]:
    """With the sentences of the reader's language, the names of places, and what the signature is worth."""
    codes = {code for one in messages for code in one["places"][:50]}
    names = dict(Place.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        one
        | {
            "said": _spoken(one["findings"]),
            "changes": _spoken(one["rewriting"]),
            "signed": SIGNED[State(one["signature"]["state"])],
            "light": LIGHT.get(State(one["signature"]["state"]), "yellow"),
            "named": [(code, names.get(code, code)) for code in one["places"][:50]],
            "further": max(0, len(one["places"]) - 50),
        }
        for one in messages
    ]


def _spoken(findings: list[Plain]) -> list[Plain]:
    spoken = "zh" if (translation.get_language() or "zh").startswith("zh") else "en"
    return [one | {"says": one[spoken], "word": LEVEL_WORDS[one["level"]]} for one in findings]
