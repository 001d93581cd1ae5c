"""What plan areas tell the house when the application starts: what can be owed because of one, and a gap."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import assigning
from lastmile.community.org.models import Level
from lastmile.community.people.models import Appointment
from lastmile.duties import gaps, kinds
from lastmile.duties.gaps import Rule
from lastmile.kernel import chores

HELD = Appointment.objects.filter(
    post=OuterRef("post"), post__closed_on=None, role=Appointment.Role.HOLDER, until=None, person__left_on=None
)


def unanswered() -> QuerySet[PlanArea]:
    """In use, and nobody answers for it or nobody has said where its people go."""
    nowhere = Q(shelters=[], destination="")
    return PlanArea.objects.filter(closed_on=None).filter(~Exists(HELD) | nowhere).order_by()


def _page(one: PlanArea) -> str:
    return reverse("plan_areas:edit", args=[one.pk])


RULE = Rule(
    "plan_area_unready", _("plan area without anybody who answers, or anywhere to go"),
    _("Name the post that answers for it, and where its people go."), Level.TOWNSHIP,
    unanswered, what=lambda one: one.name, url=_page, at="place__code", danger=2,
)  # fmt: skip


def register() -> None:
    kinds.register(assigning.KIND)
    gaps.register(RULE)
    chores.register(chores.Chore("plan_areas", assigning.EVERY, assigning.settle))
