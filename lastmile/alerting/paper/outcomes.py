"""What the digits on paper mean: the same as in an answer by SMS, and one more for those who stay."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.models import Fact

FACTS: dict[str, Fact] = {
    "1": Fact.CONFIRMED,
    "2": Fact.MOVED,
    "3": Fact.NEEDS_HELP,
    "4": Fact.UNREACHABLE,
    "5": Fact.REFUSED,
}


def words(digit: str) -> str:
    """What a digit says: the act of whoever carries the sheet."""
    return {
        "1": _("told them"),
        "2": _("they moved"),
        "3": str(Fact.NEEDS_HELP.label),
        "4": pgettext("paper", "nobody there"),
        "5": pgettext("paper", "stay"),
    }[digit]


def legend() -> str:
    return "   ".join(f"{digit} {words(digit)}" for digit in FACTS)
