"""Who looks after a cell or a resident: with their consent, which is written down and can be taken back by one tap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.cells.models import Cell, Helper, How, Member, Pair
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.people.models import Person
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

NEIGHBOURS = 2
VILLAGE = CODE_LENGTH[Level.VILLAGE]
RECORDED = (How.TALK, How.PHONE, How.PAPER)  # what staff can write down


@transaction.atomic
def agree(cell: Cell, role: str, person: Person, *, how: str, on: date | None = None, by: Actor) -> Helper:
    """The person agreed to be head or deputy; whoever was it before is not any more.

    Raises Refusal for somebody who does not live in the cell, is not grown, or holds the other role.
    """
    if role not in (Helper.Role.HEAD, Helper.Role.DEPUTY):
        raise Refusal(_("A cell has a head and a deputy."), _("Choose one of them."))
    Cell.objects.select_for_update().get(pk=cell.pk)
    _grown(person)
    if not Member.objects.filter(cell=cell, household=person.household_id, until=None).exists():
        raise Refusal(_("They do not live in this cell."), _("Choose somebody from one of its households."))
    current = Helper.objects.filter(cell=cell, until=None)
    if current.filter(person=person).exclude(role=role).exists():
        raise Refusal(
            _("They hold the other role of this cell already."), _("Choose somebody else, so that two know it.")
        )
    current.filter(role=role).update(until=clock.today())
    return _new(Helper(cell=cell, role=role, person=person), cell.place_id, how=how, on=on, by=by)


@transaction.atomic
def pair_with(resident: Person, persons: Sequence[Person], *, how: str, on: date | None = None, by: Actor) -> Pair:
    """These neighbours agreed to look after the resident; they take the place of those who did before.

    Raises Refusal unless the resident is vulnerable and the neighbours are two grown people of other households there.
    """
    if not resident.vulnerable or resident.left_on is not None or resident.household_id is None:
        raise Refusal(_("Only a vulnerable resident who lives here is paired."), _("Correct their entry first."))
    if len({person.pk for person in persons}) != NEIGHBOURS:
        raise Refusal(_("A pair has two different neighbours."), _("Choose two."))
    Person.objects.select_for_update().get(pk=resident.pk)
    for person in persons:
        _grown(person)
        if person.household_id == resident.household_id or person.place_id[:12] != resident.place_id[:12]:
            raise Refusal(
                _("A neighbour lives behind another door of the same village."), _("Choose somebody who lives near.")
            )
    pair = Pair.objects.filter(resident=resident, until=None).first()
    pair = pair or Pair.objects.create(resident=resident, since=clock.today())
    kept = Helper.objects.filter(pair=pair, until=None)
    kept.exclude(person__in=persons).update(until=clock.today())
    known = set(kept.values_list("person", flat=True))
    for person in persons:
        if person.pk not in known:
            _new(Helper(pair=pair, role=Helper.Role.PAIR, person=person), resident.place_id, how=how, on=on, by=by)
    return pair


@transaction.atomic
def volunteer(place: Place, person: Person, *, how: str, on: date | None = None, by: Actor) -> Helper:
    """The person agreed to go to doors of this grid or village when nobody else has answered for them.

    Raises Refusal for somebody who is not grown or lives in another village, Conflict where they agreed before.
    """
    _grown(person)
    if person.place_id[:VILLAGE] != place.code[:VILLAGE]:
        raise Refusal(_("They live in another village."), _("Choose somebody who lives near."))
    Person.objects.select_for_update().get(pk=person.pk)
    if Helper.objects.filter(place=place, person=person, until=None).exists():
        raise Conflict(_("They have agreed already."), _("They are on the list of volunteers of this place."))
    return _new(Helper(place=place, role=Helper.Role.VOLUNTEER, person=person), place.code, how=how, on=on, by=by)


@transaction.atomic
def end_pair(pair: Pair, *, by: Actor) -> None:
    if pair.until is not None:
        raise Conflict(_("This pair has ended already."), _("Load the page again."))
    Helper.objects.filter(pair=pair, until=None).update(until=clock.today())
    Pair.objects.filter(pk=pair.pk).update(until=clock.today())
    audit.record("cells.end_pair", actor=by, place=pair.resident.place_id, obj=pair)


@transaction.atomic
def withdraw(helper: Helper, *, how: str, by: Actor | None, place: str) -> None:
    """The consent is taken back; at once nobody asks this person any more. Raises Conflict when it was before."""
    rows = Helper.objects.filter(pk=helper.pk, until=None)
    if not rows.update(until=clock.today(), withdrawn_at=clock.now(), withdrawn_how=How(how)):
        raise Conflict(_("This consent has ended already."), _("Load the page again."))
    audit.record("cells.withdraw", actor=by, place=place, obj=helper, role=helper.role)


@transaction.atomic
def withdraw_all(person: int) -> int:
    """They took back every consent on their own page. How many."""
    rows = list(Helper.objects.filter(person=person, until=None).select_related("cell", "pair__resident"))
    for one in rows:
        withdraw(one, how=How.PAGE, by=None, place=one.where)
    return len(rows)


def _grown(person: Person) -> None:
    home = person.household
    if person.minor or person.left_on is not None or home is None or home.moved_out_on is not None:
        raise Refusal(_("Only somebody grown who lives here can look after others."), _("Choose somebody else."))


def _new(helper: Helper, place: str, *, how: str, on: date | None, by: Actor) -> Helper:
    day = on or clock.today()
    if how not in RECORDED:
        raise Refusal(_("Write down how they agreed."), _("In person, by phone, or signed on paper."))
    if day > clock.today():
        raise Refusal(
            _("Nobody can have agreed in the future."),
            _("Give the day on which they said yes."),
            fields={"on": _("This day is still to come.")},
        )
    helper.agreed_on, helper.agreed_how = day, How(how)
    helper.noted_by, helper.noted_name = by.pk, str(by)[:60]
    helper.save()
    audit.record("cells.agree", actor=by, place=place, obj=helper, role=helper.role, how=how)
    return helper
