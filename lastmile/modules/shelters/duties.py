"""What shelters make people owe."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.duties import kinds
from lastmile.duties.models import Obligation


def _desk(owed: Obligation) -> str:
    return reverse("shelter_desk", args=[owed.detail["opening"]])


OPEN = kinds.Kind("shelters.open", _("shelter to open"), "building-community", _desk, 4, "urgent", tap=False)
CLOSE = kinds.Kind("shelters.close", _("people still in a shelter after the all-clear"), "users", _desk, 2, tap=False)


def register_all() -> None:
    kinds.register(OPEN)
    kinds.register(CLOSE)
