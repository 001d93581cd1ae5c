"""Who is missing, down to the last name: masked; opened for a reason; entered as elsewhere by whoever knows."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from lastmile.alerting.models import AlertEvent, Fact, Standing
from lastmile.community.accounts.queries import me
from lastmile.community.org.models import Place
from lastmile.community.people.queries.called import called
from lastmile.kernel import audit
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may
from lastmile.modules.shelters.actions import moves
from lastmile.modules.shelters.models import Stay, Where
from lastmile.modules.shelters.queries import incident, roll, room
from lastmile.modules.shelters.views.roll import seen

OPENED = 300  # names at once


def columns(names: dict[str, str], said: dict[int, str]) -> list[Column]:
    return [
        Column("who", pgettext("shelter", "Who"), value=moves.called, link=_household),
        Column("place", _("Grid"), value=lambda s: names.get(s.place, s.place), sort="place"),
        Column("door", _("Door"), value=lambda s: s.household.number if s.household else "", sort="household__number"),
        Column("heads", _("people"), value=lambda s: s.heads - s.came, number=True, phone=False),
        Column(
            "weak", _("Needs help"), value=lambda s: _("yes") if s.vulnerable else "", badge=_red, sort="vulnerable"
        ),
        Column("shelter", _("Expected at"), value=lambda s: s.opening.shelter.name if s.opening else "", phone=False),
        Column("state", _("State"), value=_state, sort="state"),
        Column("said", _("Last answer"), value=lambda s: said.get(s.person_id or 0, ""), phone=False),
    ]


def _household(stay: Stay) -> str:
    return reverse("household", args=[stay.household_id]) if stay.household_id else ""


def _red(stay: Stay) -> str:
    return "red" if stay.vulnerable else ""


def _state(stay: Stay) -> str:
    if stay.state == Stay.State.LEFT:
        return str(Where(stay.where or Where.UNKNOWN).label)
    return str(Stay.State(stay.state).label) if not stay.came else _("%(n)d have come") % {"n": stay.came}


@require_GET
@needs(Perm.HOUSEHOLD_READ)
def listing(request: HttpRequest, code: str, place: str) -> HttpResponse:
    first, found = seen(request, code, place, Perm.HOUSEHOLD_READ)
    rooms = [(one.pk, one.shelter.name) for one in room.openings(first)]
    needs_help = Choice("vulnerable", _("Needs help"), [("True", _("vulnerable"))])
    listed = ListPage(
        request,
        roll.missing(first, found.code),
        columns(_names(found), _said(first, found)),
        search=["household__number", "site__name"],
        filters=[Choice("opening", _("Expected at"), rooms), needs_help],
        order=("-vulnerable", "place", "household__walking_order", "household", "pk"),
        filename=f"missing-{code}-{found.code}",
    )
    context = _context(request, first, found) | {"code": code}
    return listed.response(request, template="shelters/missing.html", **context)


def _context(request: HttpRequest, first: AlertEvent, found: Place) -> dict[str, Any]:
    who = actor(request)
    return {
        "title": _("Missing · %(place)s") % {"place": found.name},
        "alert": first.alert,
        "place": found,
        "figures": roll.of(first, found.code),
        "wheres": [(where.value, where.label) for where in moves.KNOWN],
        "may_enter": may(who, Perm.ALERT_RECEIPT, found.code),
        "may_open": may(who, Perm.PERSON_REVEAL, found.code),
        "key": uuid4(),
        "empty_title": _("Nobody is missing."),
        "empty_hint": _("Everybody who was ordered to a shelter is there, or known to be elsewhere."),
    }


def _names(found: Place) -> dict[str, str]:
    return dict(Place.objects.current().under(found.code).values_list("code", "name"))


def _said(first: AlertEvent, found: Place) -> dict[int, str]:
    """The answer of each that stands in the warning, in words."""
    rows = Standing.objects.filter(event=incident.latest(first).pk, place__startswith=found.code, fact__isnull=False)
    return {person: str(Fact(fact or 0).label) for person, fact in rows.values_list("person", "fact")}


@require_POST
@needs(Perm.ALERT_RECEIPT)
def elsewhere(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """Those ticked are with relatives, in a hotel …"""
    first, found = seen(request, code, place, Perm.ALERT_RECEIPT)
    ticked = [int(pk) for pk in request.POST.getlist("stay") if pk.isdecimal() and len(pk) < 18]
    inside = set(roll.missing(first, found.code).filter(pk__in=ticked).values_list("pk", flat=True))
    if not inside:
        raise Refusal(_("Nobody was chosen."), _("Tick those of whom you know where they are."))
    act = moves.elsewhere(me(request), first, sorted(inside), where=request.POST.get("where", ""), key=_key(request))
    says = ngettext("%(n)d person is entered as elsewhere.", "%(n)d people are entered as elsewhere.", len(act.moved))
    messages.success(request, " ".join([says % {"n": len(act.moved)}, *act.notes]))
    return redirect("shelter_alert_missing", code, found.code)


def _key(request: HttpRequest) -> UUID:
    """Came with the form: sent twice, it is one entry."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


@require_POST
@needs(Perm.PERSON_REVEAL)
def names(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The names and numbers of the missing, for a reason; each look is noted and can be shown to the person."""
    first, found = seen(request, code, place, Perm.PERSON_REVEAL)
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    if len(reason) < 2:
        raise Refusal(_("Say why you need to see it."), _("A few words are enough, as “call the missing”."))
    stays = list(roll.missing(first, found.code).exclude(person=None)[:OPENED])
    persons = [stay.person for stay in stays if stay.person]
    shown = called(actor(request), persons, reason, perm=Perm.PERSON_REVEAL, place=found.code, phones=True)
    audit.record("shelters.read_missing", actor=actor(request), place=found.code, obj=first, people=len(persons))
    places = _names(found)
    rows = [(stay, shown[stay.person_id or 0], places.get(stay.place, "")) for stay in stays]
    title = _("Missing, with names · %(place)s") % {"place": found.name}
    context = {"title": title, "rows": rows, "alert": first.alert, "place": found, "code": code}
    return render(request, "shelters/names.html", context)
