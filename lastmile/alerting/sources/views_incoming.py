"""Pages of what came in: the list of proposals, and one of them with what would be issued."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting import lifecycle, target
from lastmile.alerting.audience import Audience
from lastmile.alerting.cap.signature import WORDS as SIGNED
from lastmile.alerting.cap.signature import State as Signature
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Group, Proposal, Received
from lastmile.alerting.sources import deciding, proposing, queries
from lastmile.alerting.sources.words import GUESSED
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Actor, Perm, may

LIGHT = {"open": "red", "taken": "green", "dismissed": "secondary", "idle": "secondary"}


def _head(one: Proposal) -> Received:
    assert one.head is not None  # noqa: S101  (queries leave out what has none)
    return one.head


def _local(one: Proposal) -> str:
    at = _head(one).sent_at
    return at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M") if at else ""


COLUMNS = [
    Column(
        "headline",
        gettext_lazy("Warning"),
        value=lambda p: _head(p).headline or _head(p).identifier,
        link=lambda p: reverse("sources:proposal", args=[p.pk]),
    ),
    Column(
        "colour",
        gettext_lazy("Colour"),
        value=lambda p: _head(p).get_colour_display() or "–",
        badge=lambda p: f"colour-{_head(p).colour}" if _head(p).colour else "secondary",
        sort="head__colour",
    ),
    Column(
        "state",
        gettext_lazy("State"),
        value=lambda p: p.get_state_display(),
        badge=lambda p: LIGHT[p.state],
        sort="state",
    ),
    Column("wanted", gettext_lazy("Asks for"), value=lambda p: p.get_wanted_display(), sort="wanted", phone=False),
    Column(
        "signature",
        pgettext_lazy("message", "Signature"),
        value=lambda p: SIGNED[Signature(_head(p).signature)],
        sort="head__signature",
        phone=False,
    ),
    Column("source", gettext_lazy("Source"), value=lambda p: p.source.name, sort="source__name", phone=False),
    Column("place", gettext_lazy("Place"), value=lambda p: p.place.name, sort="place", phone=False),
    Column("sent", gettext_lazy("Sent"), value=_local, sort="head__sent_at"),
]


@require_GET
@needs(Perm.SOURCE_READ)
def listing(request: HttpRequest) -> HttpResponse:
    person = actor(request)
    chosen = [(str(pk), name) for pk, name in queries.sources(person).values_list("pk", "name")]
    filters = [
        Choice("state", _("State"), Proposal.State.choices),
        Choice("colour", _("Colour"), Colour.choices, apply=lambda rows, value: rows.filter(head__colour=value)),
        Choice("source", _("Source"), chosen, apply=lambda rows, value: rows.filter(source=value)),
    ]
    page = ListPage(
        request,
        queries.proposals(person),
        columns=COLUMNS,
        search=["head__headline", "head__identifier", "head__sender"],
        filters=filters,
        order=["-changed_at", "-pk"],
        filename="incoming",
    )
    sources = {"label": _("Sources"), "icon": "settings", "url": reverse("sources:listing"), "style": ""}
    return page.response(request, title=_("Warnings from outside"), actions=[sources])


@require_GET
@needs(Perm.SOURCE_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says, what is odd about it, whom it concerns, what ours would be."""
    person, found = actor(request), queries.proposal(actor(request), pk)
    if found.pk != pk:
        return redirect("sources:proposal", found.pk)
    shown = deciding.preview(_head(found))
    context = shown | _said(found, shown) | _reach(person, found, shown)
    context |= {
        "may_decide": found.state == Proposal.State.OPEN and may(person, Perm.ALERT_DRAFT, found.place_id),
        "urgent": _urgent(person, found, shown),
    }
    return render(request, "alerting/sources/proposal.html", context)


def _said(found: Proposal, shown: dict[str, Any]) -> dict[str, Any]:
    """Of the message that holds, what the page says in words."""
    head = _head(found)
    spoken = "zh" if (translation.get_language() or "zh").startswith("zh") else "en"
    return {
        "proposal": found,
        "head": head,
        "title": head.headline or head.identifier,
        "signature": SIGNED[Signature(head.signature)],
        "trusted": head.signature == Signature.TRUSTED,
        "findings": [one | {"says": one[spoken]} for one in head.findings],
        "guessed": [GUESSED[name] for name in shown["guessed"]],
        "places": list(Place.objects.filter(code__in=shown["ours"].codes[:50]).values_list("name", flat=True)),
        "messages_of_chain": queries.messages(found),
        "running": proposing.current(found.alert),
        "info": shown["alert"].info[0] if shown["alert"].info else None,
    }


def _urgent(person: Actor, found: Proposal, shown: dict[str, Any]) -> bool:
    """Whether it may be issued before approval, by who reads this."""
    colour = shown["said"].colour or deciding.LIKELY
    allowed = lifecycle.rule_for(found.place_id, colour).urgent_allowed
    return allowed and may(person, Perm.ALERT_ISSUE, found.place_id)


def _reach(person: Actor, found: Proposal, shown: dict[str, Any]) -> dict[str, Any]:
    """How many households it would reach here; nothing where there is no area of ours, or nothing to issue."""
    if shown["ours"].empty or not found.wanted or not may(person, Perm.ALERT_READ, found.place_id):
        return {}
    audience = Audience.parse(shown["ours"].audience() | {"groups": [group.value for group in Group]})
    return {"estimate": target.estimate(audience, within=found.place_id)}


@require_POST
@needs(Perm.ALERT_DRAFT)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """The first of two clicks: a draft, handed in; or straight to the last look before issuing."""
    person, found = actor(request), queries.proposal(actor(request), pk, Perm.ALERT_DRAFT)
    made = deciding.take(person, found, _key(request))
    if made is None:
        messages.success(request, _("The draft was put away."))
        return redirect("sources:incoming")
    if request.POST.get("next") == "edit":
        return redirect("alerting:edit", made.code)
    missing = deciding.hand_in(person, made)
    if missing:
        messages.warning(request, missing)
        return redirect("alerting:edit", made.code)
    if request.POST.get("next") == "urgent":
        return redirect("alerting:issue", made.code)
    messages.success(request, _("Taken over and handed to the approver."))
    return redirect("alerting:alert", made.code)


@require_POST
@needs(Perm.ALERT_DRAFT)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.proposal(actor(request), pk, Perm.ALERT_DRAFT)
    reason = request.POST.get("reason", "").replace("\0", "")
    deciding.dismiss(actor(request), found, _key(request), reason=reason)
    messages.success(request, _("Dismissed. What comes later in the same chain is shown again."))
    return redirect("sources:incoming")


def _key(request: HttpRequest) -> int:
    text = request.POST.get("head", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refusal(_("The form does not say which message you read."), _("Go back and open the proposal again."))
    return int(text)


@require_GET
@needs(Perm.SOURCE_READ)
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The message as it came, to keep; never shown as a page of ours."""
    one = queries.message(actor(request), pk)
    kind = "application/json" if one.form == "json" else "application/xml"
    response = HttpResponse(bytes(one.raw), content_type=kind)
    suffix = "json" if one.form == "json" else "xml"
    response["Content-Disposition"] = f'attachment; filename="received-{one.pk}.{suffix}"'
    return response
