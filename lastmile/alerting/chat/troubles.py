"""A robot that takes nothing: its light, and what is owed until it does again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.channels import reasons
from lastmile.alerting.lights import Health
from lastmile.alerting.models import ChatGroup, ChatNote
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

MEND_WITHIN: Final = timedelta(hours=4)
LATELY: Final = timedelta(days=7)
STALE: Final = timedelta(days=90)  # without a card or a test: nobody knows whether it still works


def _page(owed: Obligation) -> str:
    return reverse("chat:page", args=[owed.detail["group"]])


KIND = kinds.Kind(
    "alerting.chat_group", gettext_lazy("chat group whose robot does not work"), "message", _page, 2, "standard",
    tap=False,
)  # fmt: skip


def register() -> None:
    kinds.register(KIND)


def owe(groups: Sequence[ChatGroup]) -> None:
    """Of whoever keeps the groups of its place, until the robot takes something."""
    title = _("The robot of “%(name)s” does not work: look at it before a warning needs it")
    actions.create_many(
        actions.New(
            kind=KIND.name,
            key=str(one.pk),
            title=title % {"name": one.name},
            place=one.place_id,
            perm=Perm.CHAT_EDIT,
            due_at=clock.now() + MEND_WITHIN,
            detail={"group": one.pk},
            again=True,
        )
        for one in groups
    )


def settled(one: ChatGroup) -> None:
    actions.settle(KIND.name, str(one.pk))


def gone(one: ChatGroup) -> None:
    """Ended or switched off: nobody needs to mend it."""
    actions.withdraw(KIND.name, str(one.pk))


def light(one: ChatGroup) -> Health:
    """What its last posts say, and the daily question whether its app knows it, which posts nothing."""
    now = clock.now()
    if not one.enabled:
        return Health("secondary", _("switched off"))
    if one.failure:
        return Health("red", reasons.say(one.failure))
    if one.good_at is None:
        return Health("yellow", _("not tried yet"))
    seen = max(one.good_at, one.asked_at or one.good_at)
    if now - seen > STALE:
        return Health("yellow", _("not tried for %(n)d days") % {"n": (now - seen).days})
    return Health("green", _("works"))


def word(found: Health) -> str:
    """In a table, where there is no room for the reason."""
    return _("does not work") if found.light == "red" else found.says


@dataclass(frozen=True)
class Standing:
    """Of the groups that somebody keeps, for the page of the channels."""

    groups: int
    failing: int
    doubtful: int  # not tried yet, or not for long
    sent: int
    waiting: int

    @property
    def light(self) -> Health:
        if self.failing:
            return Health("red", _("%(n)d do not work") % {"n": self.failing})
        if self.doubtful:
            return Health("yellow", _("%(n)d were not tried for long, or never") % {"n": self.doubtful})
        return Health("green", _("works")) if self.groups else Health("secondary", _("none is set up"))


def standing(groups: QuerySet[ChatGroup]) -> Standing:
    """Of those in service, with the cards of warnings of the last seven days."""
    rows = groups.filter(enabled=True)
    lights = Counter(
        light(one).light for one in rows.select_related(None).only("enabled", "failure", "good_at", "asked_at")
    )
    lately = ChatNote.objects.filter(group__in=rows, event__sent_at__gt=clock.now() - LATELY)
    states = Counter(dict(lately.order_by("state").values_list("state").annotate(n=Count("pk"))))
    sent, waiting = states[ChatNote.State.SENT], states[ChatNote.State.WAITING]
    return Standing(lights.total(), lights["red"], lights["yellow"], sent, waiting)


def meaning() -> str:
    """What “taken” proves, in honest words."""
    return _(
        "“Taken” means that the app's server accepted the card for the group. Nobody is known to have read it: a card "
        "never counts a household as reached, and never confirms for anybody."
    )
