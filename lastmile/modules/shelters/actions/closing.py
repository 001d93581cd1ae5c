"""The end of a shelter: everybody is checked out, figures stay, names of strangers are destroyed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lastmile.alerting.ending import holding
from lastmile.duties import actions as duties
from lastmile.kernel import audit, clock, retention, walls
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Perm, require
from lastmile.modules.shelters.actions import moves, room
from lastmile.modules.shelters.duties import CLOSE, OPEN
from lastmile.modules.shelters.ending import STRANGERS
from lastmile.modules.shelters.models import Opening, Stay, Where
from lastmile.modules.shelters.queries import roll
from lastmile.modules.shelters.queries.incident import in_force

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

LOOK_WITHIN = timedelta(hours=12)
S = Stay.State


@walls.opened("a shelter takes people of other places")
@transaction.atomic
def close(by: User, opening: Opening, *, home: bool = False) -> Opening:
    """Close a shelter of a warning. `home`: whoever is still in it has gone home, which needs the all-clear.

    Raises Conflict while people are in it, or while the warning sends people there.
    """
    require(by, Perm.SHELTER_KEEP, opening.shelter.place_id)
    rows = Stay.objects.filter(opening=opening, state=S.IN).order_by("pk")
    inside = list(rows.select_for_update().values_list("pk", flat=True))
    opening = room.lock(opening.pk)[opening.pk]
    if opening.closed_at is not None:
        return opening
    over = in_force(opening.incident) is None
    more = rows.exclude(pk__in=inside).exists()  # came in while this waited for the lock
    if inside and over and home and not more:
        _send_home(by, opening, inside)
    elif inside or more:
        raise _occupied(opening, over)
    elif not over and Stay.objects.filter(opening=opening, state=S.EXPECTED).exists():
        raise Conflict(
            _("People are still expected here, and the warning is in force."),
            _("Order them to another shelter first."),
        )
    _end(by, opening)
    return opening


def _occupied(opening: Opening, over: bool) -> Conflict:
    inside = roll.inside(opening)
    says = ngettext("%(n)d person is still here.", "%(n)d people are still here.", inside) % {"n": inside}
    if over:
        return Conflict(says, _("Check them out one by one, or say that all have gone home."))
    return Conflict(says, _("The warning is in force: check them out to where they go, or leave it open."))


def _send_home(by: User, opening: Opening, inside: list[int]) -> None:
    key = uuid5(NAMESPACE_URL, f"close:{opening.pk}:{clock.now().isoformat()}")
    act = moves.Act(opening.incident, by, opening, key, clock.now())
    moves.go_out(act, moves.locked(opening.incident, inside), Where.HOME)
    act.settle()


def _end(by: User | None, opening: Opening) -> None:
    figures: dict[str, Any] = roll.by_opening(opening).as_dict() | roll.history(opening)
    Opening.objects.filter(pk=opening.pk).update(closed_at=clock.now(), figures=figures)
    opening.refresh_from_db()
    for kind in (OPEN, CLOSE):
        duties.settle(kind.name, str(opening.pk), actor=by)
    audit.record("shelters.close_opening", actor=by, place=opening.shelter.place_id, obj=opening, **figures)


def tidy() -> int:
    """The workers' chore: close the empty shelters of warnings that are over, ask about the others, destroy names."""
    return sum(_after_all_clear(one) for one in _open_and_over()) + forget()


def _open_and_over() -> list[Opening]:
    rows = list(Opening.objects.filter(closed_at=None).select_related("shelter", "incident__alert"))
    over = {one.pk for one in {row.incident for row in rows} if in_force(one) is None}  # asked once for each warning
    return [row for row in rows if row.incident_id in over]


@transaction.atomic
def _after_all_clear(opening: Opening) -> int:
    """1 when something was done about it."""
    if not Opening.objects.select_for_update(skip_locked=True).filter(pk=opening.pk, closed_at=None).exists():
        return 0
    inside = roll.inside(opening)
    if not inside:
        _end(None, opening)
        return 1
    nobody = "" if opening.shelter.keeper_id else str(Perm.SHELTER_KEEP)
    new = duties.New(
        kind=CLOSE.name,
        key=str(opening.pk),
        title=_("%(shelter)s: the all-clear was given, check people out") % {"shelter": opening.shelter.name},
        place=opening.shelter.place_id,
        due_at=clock.now() + LOOK_WITHIN,
        post=opening.shelter.keeper_id,
        perm=nobody,
        detail={"opening": opening.pk},
    )
    return duties.create_many([new])


@transaction.atomic
def forget() -> int:
    """Names and numbers of people in no list are destroyed some days after their shelter has closed, with a record."""
    kept = timedelta(days=retention.days(STRANGERS))
    old = Opening.objects.filter(closed_at__lt=clock.now() - kept).exclude(incident__in=holding.held())
    rows = Stay.objects.filter(opening__in=old).exclude(name=None, phone=None)
    gone = 0
    for opening in Opening.objects.filter(pk__in=rows.values("opening")).select_related("shelter").order_by("pk"):
        people = rows.filter(opening=opening).update(name=None, phone=None)
        gone += people
        audit.record("shelters.forget", place=opening.shelter.place_id, obj=opening, people=people)
    return gone
