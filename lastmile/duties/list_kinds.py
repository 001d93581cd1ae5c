"""The kinds of obligations that lists, checklists, handovers and disputes open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.duties.kinds import Kind, register

if TYPE_CHECKING:
    from lastmile.duties.models import Obligation

KINDS = [
    Kind(
        "duties.sign", _("responsibility list to sign"), icon="clipboard-list", danger=0, policy="gentle", tap=False,
        url=lambda _obligation: reverse("duty_mine"),
    ),
    Kind(
        "duties.checklist", _("checklist"), icon="checklist", danger=1, tap=False,
        url=lambda obligation: reverse("checklist_sheet", args=[int(obligation.key)]),
    ),
]  # fmt: skip


def _joint(obligation: Obligation) -> str:
    return reverse("joint", args=[obligation.parent_id or obligation.pk])


KINDS += [
    Kind("duties.joint", _("work of several departments"), icon="building-community", url=_joint, danger=1),
    Kind(
        "duties.dispute", _("dispute to settle"), icon="help-circle", danger=2, tap=False,
        url=lambda obligation: reverse("dispute", args=[int(obligation.key)]),
    ),
    Kind(
        "duties.handover", _("handover"), icon="key", danger=1, tap=False,
        url=lambda obligation: reverse("handover", args=[obligation.detail["handover"]]),
    ),
]  # fmt: skip


def register_all() -> None:
    for kind in KINDS:
        register(kind)
