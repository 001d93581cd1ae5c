"""What happened to people at a shelter: came, left, are elsewhere, came though on no list. Appended once by key.

The state of a stay follows the latest event time, whatever came in first. Receipts of the warning follow it too, so
that coverage knows who has moved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent
from lastmile.kernel import audit, clock
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Perm, may
from lastmile.modules.shelters.actions import ledger, room
from lastmile.modules.shelters.models import Move, Opening, Order, Stay, Where
from lastmile.modules.shelters.queries.incident import in_force, latest
from lastmile.modules.shelters.queries.room import require_open

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

S = Stay.State
FAST_CLOCK = timedelta(minutes=5)  # a device's clock may be so much ahead
KNOWN = (Where.RELATIVES, Where.HOTEL, Where.HOSPITAL, Where.OTHER)


@dataclass
class Act:
    """One tap while it is entered: who says it, at which shelter, when it happened, and what there is to say back."""

    incident: AlertEvent
    by: User | None
    opening: Opening | None
    key: UUID
    at: datetime
    receipts: bool = True  # false where the warning's ledger knows already
    notes: list[str] = field(default_factory=list)
    shifts: Counter[int] = field(default_factory=Counter)
    moved: list[Stay] = field(default_factory=list)

    def settle(self) -> None:
        """Places and receipts follow the stays. Raises Conflict when the shelter was closed while people came in."""
        here = [self.opening.pk] if self.opening else []
        openings = room.lock(*here, *self.shifts)
        if self.opening and any(stay.state == S.IN for stay in self.moved):
            require_open(openings[self.opening.pk])
        room.shift(self.shifts)
        if self.receipts:
            ledger.write(latest(self.incident), self.moved, at=self.at, by=self.by, key=self.key)
        if self.moved:
            place = self.opening.shelter.place_id if self.opening else self.moved[0].place
            states: dict[str, Any] = dict(Counter(stay.state for stay in self.moved))
            audit.record("shelters.move", actor=self.by, place=place, obj=self.incident, **states)


def moment(incident: AlertEvent, at: datetime | None) -> datetime:
    """When it happened. Raises Refusal for a time that can't be."""
    now = clock.now()
    if at is None or now < at <= now + FAST_CLOCK:
        return now
    if at > now:
        raise Refusal(_("That time lies in the future."), _("Correct the clock of the device, then send again."))
    if at < incident.sent_at:
        raise Refusal(
            _("That was before the warning was issued."), _("Correct the clock of the device, then enter it again.")
        )
    return at


def _key(act: Act, stay: Stay) -> UUID:
    return uuid5(act.key, str(stay.pk))


def _known(act: Act, stay: Stay) -> bool:
    """This tap was entered before."""
    return Move.objects.filter(key=_key(act, stay)).exists()


def require_listed(act: Act, stays: Sequence[Stay]) -> None:
    """A keeper speaks only for people of their own shelter, whoever else is in the warning's list."""
    here = act.opening.pk if act.opening else None
    if any(stay.opening_id != here and not _known(act, stay) for stay in stays):
        raise Conflict(_("Somebody of these is not on the list of this shelter."), _("Load the list again and look."))


def require_met(act: Act, stays: Sequence[Stay], home: int | None) -> None:
    """Whoever comes in is on this shelter's list, or was; or showed the code of household `home`. Names that somebody
    may open anyhow need no code."""
    here = act.opening.pk if act.opening else None
    shown = [stay for stay in stays if stay.opening_id == here or (home is not None and stay.household_id == home)]
    for stay in stays:
        sent = Order.objects.filter(Q(household=None) | Q(household=stay.household_id), opening=here, site=stay.site_id)
        if not (
            stay in shown
            or _known(act, stay)
            or (act.by and may(act.by, Perm.PERSON_REVEAL, stay.place))
            or any(stay.place.startswith(place) for place in sent.values_list("place", flat=True))
        ):
            raise Conflict(
                _("Somebody of these is not on the list of this shelter."),
                _("Find them by the code of their household."),
            )


def set_state(
    act: Act, stay: Stay, state: str, *, where: str = "", came: int | None = None, opening: Opening | None = None
) -> None:
    """Move one locked stay, unless this tap was entered before, says nothing new, or is older than what is known."""
    if _known(act, stay):
        return
    arrived = (stay.heads if came is None else came) if state == S.IN else 0
    target = opening if opening is not None else stay.opening
    here = stay.state == state == S.IN and stay.opening_id == (target.pk if target else None)
    if here and came in (None, stay.came):
        act.notes.append(_already(stay))
        return
    last = stay.moves.filter(stands=True).order_by("-at", "-id").first()
    late = last is not None and last.at > act.at
    Move.objects.create(
        key=_key(act, stay),
        stay=stay,
        opening=act.opening,
        state=state,
        where=where,
        came=arrived,
        at=act.at,
        entered_at=clock.now(),
        by=act.by,
        stands=not late,
    )
    if last is not None and late:
        act.notes.append(_later(stay, last))
        return
    _note_other(act, stay, state, target)
    _hold(act, stay, -1)
    stay.state, stay.where, stay.at, stay.opening = state, where, act.at, target
    stay.heads, stay.came = max(stay.heads, arrived), arrived
    _hold(act, stay, 1)
    stay.save()
    act.moved.append(stay)


def _hold(act: Act, stay: Stay, sign: int) -> None:
    if stay.state in Stay.HOLDS and stay.opening_id:
        act.shifts[stay.opening_id] += sign * stay.heads


def called(stay: Stay) -> str:
    """How a stay is called in a sentence: masked."""
    if stay.person is not None:
        return str(stay.person.name.masked())
    if stay.site is not None:
        return stay.site.name
    return str(stay.name.masked()) if stay.name else _("somebody in no list")


def _when(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%H:%M")


def _already(stay: Stay) -> str:
    return _("%(who)s was checked in here at %(time)s already.") % {"who": called(stay), "time": _when(stay.at)}


def _later(stay: Stay, last: Move) -> str:
    """Two said different things: the later one stands, and who said it."""
    where = stay.opening.shelter.name if stay.state == S.IN and stay.opening else str(S(stay.state).label)
    by = str(last.by) if last.by else _("themselves")
    return _("%(who)s: at %(time)s %(by)s entered “%(where)s”; that is later and stands.") % {
        "who": called(stay),
        "time": _when(last.at),
        "by": by,
        "where": where,
    }


def _note_other(act: Act, stay: Stay, state: str, target: Opening | None) -> None:
    if stay.state == S.IN and state == S.IN and stay.opening and target and stay.opening_id != target.pk:
        says = _("%(who)s was counted at %(where)s until now and is counted here from now on.")
        act.notes.append(says % {"who": called(stay), "where": stay.opening.shelter.name})
    elif stay.state == S.ELSEWHERE and state == S.IN:
        says = _("%(who)s had been entered as “%(where)s”.")
        act.notes.append(says % {"who": called(stay), "where": Where(stay.where or Where.OTHER).label})


def come_in(act: Act, stays: Sequence[Stay], *, came: int | None = None) -> None:
    if act.opening is None:
        raise Refusal(_("There is no such shelter."))
    require_open(act.opening)
    for stay in stays:
        set_state(act, stay, S.IN, came=came if stay.person_id is None else None, opening=act.opening)


def go_out(act: Act, stays: Sequence[Stay], where: str) -> None:
    """They leave: to somewhere known, home after the all-clear; else they are missing again."""
    _require_where(where)
    over = in_force(act.incident) is None
    state = S.ELSEWHERE if where in KNOWN else S.HOME if where == Where.HOME and over else S.LEFT
    for stay in stays:
        inside = stay.state == S.IN and (act.opening is None or stay.opening_id == act.opening.pk)
        if not inside and not _known(act, stay):
            raise Conflict(
                _("%(who)s is not checked in here.") % {"who": called(stay)}, _("Load the list again and look.")
            )
        set_state(act, stay, state, where=where)
    if state == S.LEFT and where == Where.HOME:
        act.notes.append(_("The warning is still in force: whoever goes home now counts as missing again."))


def be_elsewhere(act: Act, stays: Sequence[Stay], where: str) -> None:
    """Somebody says that they are safe in another place; who is in a shelter has to be checked out there."""
    if where not in KNOWN:
        raise Refusal(_("Say where they are."), fields={"where": _("Choose one.")})
    for stay in stays:
        if stay.state == S.IN:
            act.notes.append(_("%(who)s is checked in at a shelter; check them out there.") % {"who": called(stay)})
        else:
            set_state(act, stay, S.ELSEWHERE, where=where)


def take_back(act: Act, stays: Sequence[Stay]) -> None:
    """It was a mistake: they are where they were before anybody entered anything; under no order that was withdrawn."""
    for stay in stays:
        if stay.state not in (S.IN, S.ELSEWHERE, S.LEFT):
            continue
        must = stay.ordered and stay.order is not None and stay.order.state == Order.State.LIVE
        opening = stay.order.opening if stay.order else stay.opening
        set_state(act, stay, S.EXPECTED if must else S.WITHDRAWN, opening=opening)
        if stay.state == S.WITHDRAWN:
            Stay.objects.filter(pk=stay.pk).update(ordered=False, name=None, phone=None)


def walk_in(act: Act, *, name: str, phone: str, heads: int) -> Stay | None:
    """Somebody who is in no list; None when this tap was entered before."""
    if act.opening is None or Move.objects.filter(key=act.key).exists():
        return None
    require_open(act.opening)
    if not name.strip() or not 1 <= heads <= 200:
        raise Refusal(
            _("Write a name, and how many they are."),
            _("A family is one entry: the name of one of them and the number of all."),
        )
    stay = Stay.objects.create(
        incident=act.incident,
        opening=act.opening,
        place=act.opening.shelter.place_id,
        heads=heads,
        came=heads,
        state=S.IN,
        at=act.at,
        name=name.strip()[:60],
        phone=phone.strip()[:30] or None,
    )
    Move.objects.create(
        key=act.key,
        stay=stay,
        opening=act.opening,
        state=S.IN,
        came=heads,
        at=act.at,
        entered_at=clock.now(),
        by=act.by,
    )
    act.shifts[act.opening.pk] += heads
    act.moved.append(stay)
    return stay


def locked(incident: AlertEvent, keys: Sequence[int]) -> list[Stay]:
    """The stays of these keys, in a fixed order, until the end of the transaction."""
    rows = Stay.objects.select_for_update(of=("self",)).filter(incident=incident, pk__in=keys)
    found = list(rows.select_related("person", "site", "order__opening", "opening__shelter").order_by("pk"))
    if len(found) != len(set(keys)):
        raise Refusal(_("Somebody of these is not in this warning's list."), _("Load the list again."))
    return found


@transaction.atomic
def elsewhere(
    by: User | None,
    incident: AlertEvent,
    keys: Sequence[int],
    *,
    where: str,
    key: UUID,
    at: datetime | None = None,
    receipts: bool = True,
) -> Act:
    """Enter that people are elsewhere, whoever says so. The caller has checked who may."""
    act = Act(incident, by, None, key, moment(incident, at), receipts)
    be_elsewhere(act, locked(incident, keys), where)
    act.settle()
    return act


@transaction.atomic
def back(incident: AlertEvent, keys: Sequence[int], *, key: UUID) -> Act:
    """They take back on their own page that they are elsewhere; the door has told the ledger."""
    act = Act(incident, None, None, key, clock.now(), receipts=False)
    take_back(act, locked(incident, keys))
    act.settle()
    return act


def _require_where(where: str) -> None:
    if where not in Where.values:
        raise Refusal(_("Say where they go."), fields={"where": _("Choose one.")})
