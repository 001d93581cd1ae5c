"""Transfer orders: given, changed, withdrawn; nobody is ordered twice, no place given away twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import Place, SpecialSite
from lastmile.community.people.models import Household, Person
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Perm, require
from lastmile.modules.shelters.actions import room
from lastmile.modules.shelters.models import Opening, Order, Stay
from lastmile.modules.shelters.queries.incident import require_force
from lastmile.modules.shelters.queries.room import Point, alternatives, middle, require_open

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

State = Stay.State
MOST = 20_000  # people of one order
UNDER_WAY = (State.EXPECTED, State.IN, State.ELSEWHERE, State.LEFT)


@dataclass(frozen=True)
class Source:
    """Who must go: everybody of a grid or village, or only one door or special site of it. `heads` counts a site."""

    place: Place
    household: Household | None = None
    site: SpecialSite | None = None
    heads: int = 0

    @property
    def near(self) -> Point | None:
        own = self.household or self.site
        if own is not None and own.longitude is not None and own.latitude is not None:
            return own.longitude, own.latitude
        return middle(self.place)


def give(by: User, incident: AlertEvent, source: Source, opening: Opening, *, route: str = "") -> Order:
    """Order people to a shelter. Who is ordered, there or accounted for already is left where they are.

    Raises Conflict with the nearest alternatives when there is no room, Refusal when nobody is left to order.
    """
    require(by, Perm.SHELTER_ORDER, source.place.code)
    require(by, Perm.SHELTER_ORDER, opening.shelter.place_id)
    require_force(incident)
    require_open(opening)
    try:
        with transaction.atomic():
            return _give(by, incident, source, opening, route)
    except IntegrityError as error:
        raise Conflict(
            _("Somebody else has just ordered some of these people to a shelter."), _("Reload the page and look again.")
        ) from error


def _give(by: User, incident: AlertEvent, source: Source, opening: Opening, route: str) -> Order:
    order = Order.objects.create(
        incident=incident,
        opening=opening,
        place=source.place,
        household=source.household,
        site=source.site,
        people=0,
        route=route,
        by=by,
        at=clock.now(),
    )
    new = _site_stay(order, source) if source.site else _stays(order, source)
    people = sum(stay.heads for stay in new if stay.state == State.EXPECTED)
    if not new:
        raise Refusal(
            _("Nobody there is left to order: all are ordered, there or accounted for."),
            _("Change the order that is in force instead."),
        )
    if not room.reserve(opening, people):
        raise full(by, incident, opening, people, source.near)
    order.people = people
    order.save(update_fields=["people"])
    audit.record("shelters.order", actor=by, place=source.place.code, obj=order, people=people, shelter=opening.pk)
    return order


def full(by: User, incident: AlertEvent, opening: Opening, people: int, near: Point | None) -> Conflict:
    """There is no room for so many: how many there is room for, and where else."""
    opening.refresh_from_db()
    require_open(opening)
    others = alternatives(by, incident, near, people, but=opening)
    free = max(0, opening.free)
    return Conflict(
        _("%(shelter)s has %(free)d places left, and %(people)d people must go.")
        % {"shelter": opening.shelter.name, "free": free, "people": people},
        _("Nearest with room: %(others)s.") % {"others": others}
        if others
        else _("No open shelter has room for so many: open another one, or order them in smaller parts."),
    )


def residents(source: Source) -> QuerySet[Person]:
    rows = Person.objects.filter(left_on=None, household__moved_out_on=None)
    if source.household:
        return rows.filter(household=source.household)
    return rows.filter(household__isnull=False, place__code__startswith=source.place.code)


def _stays(order: Order, source: Source) -> list[Stay]:
    """A stay for everybody who has none, and those of people who had been sent home or came by themselves."""
    persons = {person.pk: person for person in residents(source).order_by("pk")[: MOST + 1]}
    if len(persons) > MOST:
        raise Refusal(_("These are more than %(n)d people.") % {"n": MOST}, _("Order one village after the other."))
    known = Stay.objects.select_for_update().filter(incident=order.incident, person__in=persons).order_by("pk")
    there = {stay.person_id: stay for stay in known}
    again = [stay for stay in there.values() if not (stay.ordered and stay.state in UNDER_WAY)]
    _take_up(order, again)
    new = [_stay(order, person) for pk, person in persons.items() if pk not in there]
    Stay.objects.bulk_create(new, batch_size=2000)
    return [*again, *new]


def _take_up(order: Order, stays: Iterable[Stay]) -> None:
    """Into the list. Who is in a shelter already, or accounted for elsewhere, stays so."""
    for stay in stays:
        stay.order, stay.ordered = order, True
        if stay.state not in (State.IN, State.ELSEWHERE):
            stay.state, stay.opening, stay.at, stay.where = State.EXPECTED, order.opening, order.at, ""
        stay.save()


def _stay(order: Order, person: Person) -> Stay:
    return Stay(
        incident=order.incident,
        order=order,
        opening=order.opening,
        person=person,
        household_id=person.household_id,
        place=person.place_id,
        ordered=True,
        vulnerable=person.vulnerable,
        state=State.EXPECTED,
        at=order.at,
    )


def _site_stay(order: Order, source: Source) -> list[Stay]:
    """A special site goes as one, counted in heads."""
    site = source.site
    if site is None or source.heads < 1:
        raise Refusal(_("Say how many people of the site must go."), fields={"heads": _("How many people are there?")})
    if Stay.objects.filter(incident=order.incident, site=site).exclude(state=State.WITHDRAWN).exists():
        return []
    Stay.objects.filter(incident=order.incident, site=site).update(site=None)  # withdrawn once; a new one begins
    stay = Stay(
        incident=order.incident,
        order=order,
        opening=order.opening,
        site=site,
        place=site.place_id,
        heads=source.heads,
        ordered=True,
        vulnerable=site.kind == SpecialSite.Kind.CARE_HOME,
        state=State.EXPECTED,
        at=order.at,
    )
    stay.save()
    return [stay]


@transaction.atomic
def change(by: User, order: Order, opening: Opening, *, reason: str, route: str = "") -> Order:
    """Send those who have not come yet to another shelter instead; who is there already stays. A new order is made."""
    waiting = _begin(by, order, reason)
    require(by, Perm.SHELTER_ORDER, opening.shelter.place_id)
    require_force(order.incident)
    require_open(room.lock(opening.pk, order.opening_id)[opening.pk])
    people = sum(stay.heads for stay in waiting)
    if opening.pk == order.opening_id:
        raise Refusal(_("They are ordered to this shelter already."), _("Choose another one."))
    if not room.reserve(opening, people):
        source = Source(order.place, order.household, order.site)
        raise full(by, order.incident, opening, people, source.near)
    room.shift({order.opening_id: -people})
    new = Order.objects.create(
        incident=order.incident,
        opening=opening,
        place=order.place,
        household=order.household,
        site=order.site,
        people=people,
        route=route,
        after=order,
        by=by,
        at=clock.now(),
    )
    Stay.objects.filter(order=order).update(order=new)
    Stay.objects.filter(pk__in=[stay.pk for stay in waiting]).update(opening=opening, at=new.at)
    _end(by, order, Order.State.CHANGED, reason, people)
    return new


@transaction.atomic
def withdraw(by: User, order: Order, *, reason: str) -> Order:
    """They need not go. Who is there already stays on the list of the shelter."""
    waiting = _begin(by, order, reason)
    people = sum(stay.heads for stay in waiting)
    room.shift({order.opening_id: -people})
    gone = Stay.objects.filter(order=order, state__in=(State.EXPECTED, State.LEFT))
    gone.update(state=State.WITHDRAWN, ordered=False, opening=None, at=clock.now())
    _end(by, order, Order.State.WITHDRAWN, reason, people)
    return order


def _begin(by: User, order: Order, reason: str) -> list[Stay]:
    """The stays that wait, locked. Raises Refusal without a reason, Conflict when the order is no longer in force."""
    require(by, Perm.SHELTER_ORDER, order.place_id)
    if len(reason.strip()) < 2:
        raise Refusal(_("Say in a few words why."), fields={"reason": _("Write a reason.")})
    waiting = list(Stay.objects.select_for_update().filter(order=order, state=State.EXPECTED).order_by("pk"))
    if not Order.objects.select_for_update().filter(pk=order.pk, state=Order.State.LIVE).exists():
        raise Conflict(_("This order is no longer in force."), _("Reload the page to see what happened to it."))
    return waiting


def _end(by: User, order: Order, state: Order.State, reason: str, people: int) -> None:
    now = clock.now()
    Order.objects.filter(pk=order.pk).update(state=state, reason=reason.strip()[:200], ended_at=now)
    order.refresh_from_db()
    audit.record(f"shelters.order_{state}", actor=by, place=order.place_id, obj=order, people=people)
