"""The kinds of obligations that lists, checklists, handovers and disputes open."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.duties.kinds import Kind, register

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


def register_all() -> None:
    for kind in KINDS:
        register(kind)
