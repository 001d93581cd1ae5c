"""What residents ask to be corrected, cut to the area of whoever may correct it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from lastmile.kernel.permissions import Perm, obtain, within
from lastmile.modules.mydata.models import Proposal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def proposals(actor: Actor) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(within(actor.scopes(Perm.HOUSEHOLD_EDIT)))
    return rows.select_related("person__household__place")


def proposal(actor: Actor, pk: int) -> Proposal:
    rows = Proposal.objects.select_related("person__household__place")
    return obtain(rows, actor, Perm.HOUSEHOLD_EDIT, see=Perm.HOUSEHOLD_EDIT, place_of=lambda found: found.place, pk=pk)
