"""Pages of the groups: the list, one of them with its last cards, the forms; and where a card for staff leads to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.alerting import desk
from lastmile.alerting import queries as alerts
from lastmile.alerting.channels import reasons
from lastmile.alerting.chat import answering, keeping, troubles
from lastmile.alerting.chat.forms import GroupForm
from lastmile.alerting.models import AlertEvent, ChatGroup, ChatNote
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs, signed_in
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm

SHOWN = 30  # cards of a group
COLOURS = {"waiting": "yellow", "sent": "green", "refused": "red", "over": "secondary"}
KINDS, AUDIENCES = ChatGroup.Kind.choices, ChatGroup.Audience.choices
FORM = "alerting/chat/form.html"


def columns() -> list[Column]:
    return [
        Column("name", _("Group"), sort="name", link=lambda one: reverse("chat:page", args=[one.pk])),
        Column("place", _("Place"), value=lambda one: one.place.name, sort="place_id"),
        Column("kind", _("App"), value=lambda one: one.get_kind_display(), sort="kind"),
        Column("audience", _("Who is in it"), value=lambda one: one.get_audience_display(), phone=False),
        Column("colour", _("From colour"), value=lambda one: one.get_colour_display(), phone=False),
        Column("good_at", _("Last card taken"), sort="good_at", phone=False),
        Column(
            "state",
            _("State"),
            value=lambda one: troubles.word(troubles.light(one)),
            badge=lambda one: troubles.light(one).light,
        ),
        Column("failure", _("Why it does not work"), value=lambda one: reasons.say(one.failure), phone=False),
    ]


@require_GET
@needs(Perm.CHAT_EDIT)
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    listed = ListPage(
        request,
        keeping.seen(actor(request)),
        columns=columns(),
        search=["name", "place__name"],
        filters=[Choice("kind", _("App"), KINDS), Choice("audience", _("Who is in it"), AUDIENCES)],
        order=("place", "name"),
        filename="chat-groups",
    )
    new = {"url": reverse("chat:new"), "label": _("Add a group"), "icon": "plus", "style": "btn-primary"}
    return listed.response(
        request,
        title=_("Chat groups"),
        intro=troubles.meaning(),
        empty_title=_("No group has a robot here yet."),
        empty_hint=_("Add a robot in the app's group, copy its address, and enter it here."),
        actions=[new, {"url": reverse("channels"), "label": _("Back to the channels"), "icon": "chevron-left"}],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.CHAT_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    form = GroupForm(request.POST or None, places=keeping.places(who), initial={"place": request.GET.get("place", "")})

    def write(facts: dict[str, Any]) -> HttpResponse:
        one = keeping.add(who, keeping.place_of(who, facts["place"]), facts)
        messages.success(request, _("Saved. Try it out before a warning needs it."))
        return redirect("chat:page", one.pk)

    return filled(request, form, write, template=FORM, title=_("Add a chat group"), back=reverse("chat:listing"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.CHAT_EDIT)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    one = keeping.get(actor(request), number)
    form = GroupForm(request.POST or None, one=one)

    def write(facts: dict[str, Any]) -> HttpResponse:
        changed = keeping.change(actor(request), one, facts)
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("chat:page", one.pk)

    back = reverse("chat:page", args=[one.pk])
    return filled(request, form, write, template=FORM, title=_("Edit %(name)s") % {"name": one.name}, back=back)


@require_GET
@needs(Perm.CHAT_EDIT)
@never_cache
def page(request: HttpRequest, number: int) -> HttpResponse:
    one = keeping.get(actor(request), number)
    notes = one.notes.select_related("event__alert")[:SHOWN]
    context = {
        "title": one.name,
        "one": one,
        "light": troubles.light(one),
        "meaning": troubles.meaning(),
        "notes": [(note, reasons.say(note.reason)) for note in notes],
    }
    return render(request, "alerting/chat/page.html", context)


@require_POST
@needs(Perm.CHAT_EDIT)
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """on, off, end."""
    who, one = actor(request), keeping.get(actor(request), number)
    if verb in ("on", "off"):
        keeping.switch(who, one, on=verb == "on")
    elif verb == "end":
        keeping.end(who, one)
        messages.success(request, _("Ended. Its address is destroyed; nothing more is posted there."))
        return redirect("chat:listing")
    else:
        raise NotFound(_("There is no such step."), _("Go back to the list."))
    return redirect("chat:page", one.pk)


@require_POST
@needs(Perm.CHAT_EDIT)
def send_test(request: HttpRequest, number: int) -> HttpResponse:
    went_well, says = desk.outcome_says(keeping.test(actor(request), keeping.get(actor(request), number)))
    template = "result.html" if request.headers.get("HX-Request") else "result_page.html"
    context = {"went_well": went_well, "says": says, "title": _("Test message")}
    return render(request, f"alerting/channels/{template}", context)


def of_warning(*, keeps: bool) -> list[Column]:
    """Of the cards of a warning; with the way to each group for whoever keeps groups."""
    return [
        Column("group", _("Group"), value=lambda note: note.group.name, link=_page if keeps else None),
        Column("place", _("Place"), value=lambda note: note.group.place.name, sort="group__place_id"),
        Column("kind", _("App"), value=lambda note: note.group.get_kind_display(), phone=False),
        Column("audience", _("Who is in it"), value=lambda note: note.group.get_audience_display(), phone=False),
        Column(
            "state", _("State"), value=lambda note: note.get_state_display(), badge=lambda note: COLOURS[note.state]
        ),
        Column("sent_at", pgettext("chat", "Taken at"), sort="sent_at", phone=False),
        Column("reason", _("Why it does not work"), value=lambda note: reasons.say(note.reason), phone=False),
    ]


def _page(note: ChatNote) -> str:
    return reverse("chat:page", args=[note.group_id])


@require_GET
@needs(Perm.ALERT_READ)
@never_cache
def warning(request: HttpRequest, code: str) -> HttpResponse:
    """What became of a warning in the groups of one's own places."""
    event = alerts.event(actor(request), code)
    return _cards(request, event).response(
        request,
        title=_("The warning in chat groups"),
        alert=event.alert,
        intro=troubles.meaning(),
        empty_title=_("This warning was owed to no group here."),
        empty_hint=_("Groups of staff get every warning of their place, groups of residents the public ones."),
        actions=[{"url": reverse("alerting:alert", args=[code]), "label": event.identifier, "icon": "chevron-left"}],
    )


def _cards(request: HttpRequest, event: AlertEvent) -> ListPage:
    who = actor(request)
    return ListPage(
        request,
        keeping.cards_of(who, event),
        columns=of_warning(keeps=bool(who.scopes(Perm.CHAT_EDIT))),
        search=["group__name", "group__place__name"],
        filters=[Choice("state", _("State"), ChatNote.State.choices)],
        order=("group__place", "group__name"),
        filename=f"chat-groups-{event.alert.code}",
    )


@require_GET
@signed_in
@never_cache
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Where a card for staff leads: to the own page of whoever is asked, to the warning for everybody else.

    The card is read by a whole group and passed on; who confirms is known by their log-in alone, and nothing is
    confirmed by coming here.
    """
    own = answering.own_page(actor(request), code)
    if own is None:
        messages.info(request, _("Nobody waits for an answer of yours here; this is the warning."))
        return redirect("alerting:alert", code)
    response = redirect(own)
    response["Referrer-Policy"] = "no-referrer"
    return response
