"""What can be found at a door, and what the buttons say."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lastmile.alerting.models import Fact

BUTTONS = (
    (Fact.CONFIRMED, "green"),
    (Fact.MOVED, "green"),
    (Fact.ABSENT, "yellow"),
    (Fact.REFUSED, "orange"),
    (Fact.NEEDS_HELP, "red"),
)
FACTS = frozenset({*(fact for fact, _colour in BUTTONS), Fact.UNDONE})


def words(fact: int) -> str:
    """What a button says: the act of the grid worker, not the state of the person."""
    own = {Fact.CONFIRMED: _("told them"), Fact.MOVED: _("they moved"), Fact.ABSENT: _("nobody there")}
    return own.get(Fact(fact)) or str(Fact(fact).label)
