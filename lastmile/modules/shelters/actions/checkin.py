"""Taps of a keeper's phone, also those it kept without a network: each once, each on its own, a refusal in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.people.models import Person
from lastmile.duties import actions as duties
from lastmile.kernel import locks, offline, walls
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, require
from lastmile.modules.shelters import codes
from lastmile.modules.shelters.actions import moves
from lastmile.modules.shelters.duties import OPEN
from lastmile.modules.shelters.models import Opening, Stay

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User


@dataclass(frozen=True)
class Tap:
    """`stays` are those on a list; `persons` of the household with `code` who are on none. Whoever is on the list of
    another shelter comes in by their code, too. `heads` counts a site or a family in no list."""

    key: UUID
    act: str  # in, out, elsewhere, back, walk-in
    stays: tuple[int, ...] = ()
    code: str = ""
    place: str = ""  # that of the code, where it was typed without
    persons: tuple[int, ...] = ()
    where: str = ""
    name: str = ""
    phone: str = ""
    heads: int | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Result(offline.Result):
    """`says` of a tap that was entered: that somebody else said something else."""

    stays: list[int] = field(default_factory=list)  # that were changed


@walls.opened("a shelter takes people of other places")
def enter(by: User, opening: Opening, tap: Tap) -> Result:
    try:
        home = codes.find(by, opening, tap.code, tap.place) if tap.code else None
        with transaction.atomic():
            act = _enter(by, opening, tap, home)
            if act.moved:  # whoever checks people in has opened the shelter
                duties.settle(OPEN.name, str(opening.pk), actor=by)
    except Refusal as refusal:
        return Result.refused(tap.key, refusal)
    return Result(tap.key, ok=True, says=" ".join(act.notes), stays=[stay.pk for stay in act.moved])


def _enter(by: User, opening: Opening, tap: Tap, home: int | None) -> moves.Act:
    require(by, Perm.SHELTER_KEEP, opening.shelter.place_id)
    locks.wait(f"shelters.tap.{tap.key}")  # a phone may send it again while the first one is still being entered
    incident = opening.incident
    act = moves.Act(incident, by, opening, tap.key, moves.moment(incident, tap.at))
    if tap.act == "walk-in":
        _walk_in(act, tap, home)
    else:
        keys = sorted({*tap.stays, *_unlisted(act, tap, home)})
        stays = moves.locked(incident, keys)
        if not stays:
            raise Refusal(_("Nobody was chosen."), _("Tick who is here."))
        _do(act, tap, stays, home)
    act.settle()
    return act


def _do(act: moves.Act, tap: Tap, stays: list[Stay], home: int | None) -> None:
    if tap.act == "in":
        moves.require_met(act, stays, home)
        moves.come_in(act, stays, came=tap.heads)
    elif tap.act == "out":
        moves.go_out(act, stays, tap.where)
    elif tap.act == "elsewhere":
        moves.require_listed(act, stays)
        moves.be_elsewhere(act, stays, tap.where)
    else:
        moves.require_listed(act, stays)
        moves.take_back(act, stays)


def _unlisted(act: moves.Act, tap: Tap, home: int | None) -> list[int]:
    """Stays for people of a household who came by its number and were ordered nowhere."""
    if not tap.persons:
        return []
    members = Person.objects.filter(pk__in=tap.persons, household=home or 0, left_on=None)
    found = [_stay(act, person) for person in members.order_by("pk")]
    if len(found) != len(set(tap.persons)):
        raise Refusal(_("Somebody of these does not live there any more."), _("Type the code again."))
    return found


def _stay(act: moves.Act, person: Person) -> int:
    values = {
        "household_id": person.household_id,
        "place": person.place_id,
        "vulnerable": person.vulnerable,
        "state": Stay.State.WITHDRAWN,
        "at": act.at,
    }
    stay, _new = Stay.objects.get_or_create(incident=act.incident, person=person, defaults=values)
    return stay.pk


def _walk_in(act: moves.Act, tap: Tap, home: int | None) -> None:
    """In no list; or a household whose code was typed without a network: those of it are meant when all came."""
    heads = tap.heads or 1
    if home is not None:
        members = Person.objects.filter(household=home, left_on=None).order_by("pk")
        if members and heads >= len(members):
            keys = [_stay(act, person) for person in members]
            moves.come_in(act, moves.locked(act.incident, keys))
            heads -= len(members)
            if not heads:
                return
    name = tap.name or (_("household %(code)s") % {"code": tap.code} if tap.code else "")
    moves.walk_in(act, name=name, phone=tap.phone, heads=heads)
