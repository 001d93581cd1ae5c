"""Gaps that the radar shows: terminals that nobody has heard of for a day, villages that have none."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.alerting.terminals import figures
from lastmile.community.org.models import Level
from lastmile.duties import gaps
from lastmile.duties.gaps import Rule

RULES = [
    Rule(
        "terminal_offline", _("loudspeaker or screen without contact for a day"),
        _("See to power and network on the spot, or take it out of service."), Level.VILLAGE,
        lambda: figures.unheard().order_by(), what=lambda one: f"{one.code} {one.spot}".strip(),
        url=lambda one: reverse("terminals:state", args=[one.pk]), danger=2,
    ),
    Rule(
        "village_without_terminal", _("village without a loudspeaker or screen"),
        _("Enter the one that is there, or plan one; until then somebody calls out with a hand-held one."),
        Level.TOWNSHIP, figures.villages_without, what=lambda place: place.name,
        url=lambda place: reverse("terminal_add", args=[place.pk]), at="code", danger=1,
    ),
]  # fmt: skip


def register() -> None:
    for rule in RULES:
        gaps.register(rule)
