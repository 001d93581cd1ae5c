"""What residents' wishes make the community owe."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.duties import kinds
from lastmile.duties.models import Obligation


def _page(owed: Obligation) -> str:
    return reverse("proposal", args=[owed.detail["proposal"]])


PROPOSAL = kinds.Kind("mydata.proposal", _("correction that a resident asks for"), "edit", _page, 1, tap=False)


def register_all() -> None:
    kinds.register(PROPOSAL)
