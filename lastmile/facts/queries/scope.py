"""Who may see, enter and ask. Objects come only through here."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org import queries as org
from lastmile.community.org.models import LEVEL_OF_LENGTH, Place, SpecialSite
from lastmile.community.people.models import Household
from lastmile.facts.models import Ask, Burden, Layout, Request
from lastmile.kernel.errors import NotAllowed, NotFound
from lastmile.kernel.permissions import Actor, Perm, obtain, require, within


def place(actor: Actor, code: str, perm: Perm = Perm.FACT_READ) -> Place:
    return obtain(Place.objects.all(), actor, perm, see=Perm.PLACE_READ, place_of=lambda found: found.code, code=code)


def unit(actor: Actor, perm: Perm, code: str = "") -> Place:
    """The unit for which the actor acts: the one named, or the topmost of their area."""
    if code:
        return place(actor, code, perm)
    found = next(iter(org.roots(actor, perm)), None)
    if found is None:
        raise NotAllowed(_("Your role does not include this."), _("A county, city or township does it."))
    return found


def site(actor: Actor, pk: int, perm: Perm = Perm.FACT_READ) -> SpecialSite:
    rows = SpecialSite.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.SITE_READ, place_of=lambda found: found.place_id, pk=pk)


def home(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_READ) -> Household:
    rows = Household.objects.select_related("place")
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.place_id, pk=pk)


def may_enter(actor: Actor, place: str) -> bool:
    """A fact is entered by who works at its place, or directly above it; a county does not type a village's facts."""
    holders = [scope for scope in actor.scopes(Perm.FACT_ENTER) if place.startswith(scope)]
    if "" in holders:
        return True
    return any(LEVEL_OF_LENGTH[len(place)] - LEVEL_OF_LENGTH[len(scope)] <= 1 for scope in holders)


def require_enter(actor: Actor, place: str) -> None:
    require(actor, Perm.FACT_ENTER, place)
    if not may_enter(actor, place):
        raise NotAllowed(
            _("This fact belongs to the people who work there."),
            _("Register a request, and the post that knows it will be asked once."),
        )


def requests(actor: Actor) -> QuerySet[Request]:
    """Requests of units in the actor's area, and those that ask something of it."""
    scopes = actor.scopes(Perm.FACT_READ)
    here = Exists(Burden.objects.filter(within(scopes), request=OuterRef("pk"))) if scopes else Q(pk__in=[])
    return Request.objects.filter(within(scopes, "place__code") | Q(here)).select_related("place")


def request(actor: Actor, pk: int) -> Request:
    found = requests(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such request, or it is outside your area."), _("Go back to the list."))
    return found


def own_request(actor: Actor, pk: int) -> Request:
    """A request that the actor may withdraw: of their own unit or one below."""
    found = request(actor, pk)
    require(actor, Perm.FACT_REQUEST, found.place_id)
    return found


def ask(actor: Actor, pk: int, perm: Perm = Perm.FACT_READ) -> Ask:
    rows = Ask.objects.select_related("request__place", "post")
    found = obtain(rows, actor, perm, see=Perm.FACT_READ, place_of=lambda one: one.place, pk=pk)
    if perm == Perm.FACT_ENTER:
        require_enter(actor, found.place)
    return found


def layouts(actor: Actor, perm: Perm = Perm.FACT_READ) -> QuerySet[Layout]:
    """The workbooks kept by units of the actor's area or above it."""
    scopes = actor.scopes(perm)
    above = Q(pk__in=[])
    for scope in scopes:
        above |= Q(place__code__in=[scope[:n] for n in range(2, len(scope) + 1)])
    return Layout.objects.filter(within(scopes, "place__code") | above).select_related("place")


def layout(actor: Actor, pk: int, perm: Perm = Perm.FACT_READ) -> Layout:
    found = layouts(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such layout, or it is outside your area."), _("Go back to the list."))
    if perm != Perm.FACT_READ:
        require(actor, perm, found.place_id)
    return found


def require_whole(actor: Actor, request: Request) -> None:
    """The whole table is for the unit that asked and those above it; others see their own rows."""
    require(actor, Perm.FACT_READ, request.place_id)
