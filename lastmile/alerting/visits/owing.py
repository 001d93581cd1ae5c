"""The obligation of a grid: one for all its doors, on the to-do of whoever looks after the grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lastmile.alerting import owed
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import AlertEvent, Visit
from lastmile.community.org.queries import in_words
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

WITHIN = {
    Colour.RED: timedelta(hours=1),
    Colour.ORANGE: timedelta(hours=2),
    Colour.YELLOW: timedelta(hours=6),
    Colour.BLUE: timedelta(hours=12),
}


def _field_page(owing: Obligation) -> str:
    return reverse("visits:field", args=[owing.detail["alert"], owing.place_id])


KIND = kinds.Kind(
    "alerting.visits", gettext_lazy("doors to knock on"), "door", _field_page, danger=3, policy="urgent", tap=False
)


def key(event: AlertEvent, place: str) -> str:
    return f"{event.warning}:{place}"


def open_doors(event: AlertEvent, places: Sequence[str] | None = None) -> dict[str, int]:
    """How many doors are open in each place of the event that has some."""
    rows = Visit.objects.filter(event=event.pk, closed_at=None)
    if places is not None:
        rows = rows.filter(place__in=places)
    return dict(rows.values_list("place").annotate(n=Count("household")))


def ask(event: AlertEvent, doors: dict[str, int], *, again: bool = False) -> int:
    """Open the obligation of each place that has none. How many were opened."""
    return actions.create_many(_asked(event, doors, again=again))


def _asked(event: AlertEvent, doors: dict[str, int], *, again: bool) -> Iterable[actions.New]:
    names = in_words(doors)
    keepers = owed.keepers(set(doors))
    colour = Colour(event.colour)
    for place, count in sorted(doors.items()):
        title = ngettext("%(where)s: knock on %(n)d door", "%(where)s: knock on %(n)d doors", count)
        yield actions.New(
            kind=KIND.name,
            key=key(event, place),
            title=owed.marked(title % {"where": names[place], "n": count}, exercise=event.exercise),
            place=place,
            post=keepers.get(place),
            perm="" if place in keepers else Perm.ALERT_RECEIPT,
            danger=owed.DANGER[colour],
            due_at=clock.now() + WITHIN[colour],
            basis=event.frozen["texts"]["zh"]["headline"],
            detail={"alert": event.alert.code, "doors": count},
            again=again,
        )


def settle(event: AlertEvent, places: Iterable[str]) -> None:
    """No door is open there any more."""
    for place in places:
        actions.settle(KIND.name, key(event, place))


def withdraw(event: AlertEvent, places: Iterable[str]) -> int:
    return actions.withdraw_many(KIND.name, [key(event, place) for place in places], note=_("the warning is over"))
