"""When neighbours are asked, by colour: the nearest written rule up the tree."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.codes import Colour
from lastmile.alerting.models import CellRule
from lastmile.community.org.models import Place, ancestors
from lastmile.kernel import audit
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, require

LONGEST = 24 * 60  # minutes


class Rule(NamedTuple):
    """`minutes` 0: nobody is asked. `source` is None where no rule was written."""

    minutes: int
    step: int
    source: CellRule | None = None


DEFAULTS = {  # each ends before somebody knocks (visits.rules)
    Colour.RED: Rule(3, 3),
    Colour.ORANGE: Rule(8, 5),
    Colour.YELLOW: Rule(30, 10),
    Colour.BLUE: Rule(0, 10),
}


def rule_for(place: str, colour: int) -> Rule:
    written = CellRule.objects.filter(place_id__in=[place, *ancestors(place)], colour=colour)
    nearest = max(written, key=lambda rule: len(rule.place_id), default=None)
    return DEFAULTS[Colour(colour)] if nearest is None else Rule(nearest.minutes, nearest.step, nearest)


@transaction.atomic
def set_rule(actor: Actor, place: Place, colour: int, *, minutes: int, step: int) -> CellRule:
    """The place's own rule, for warnings issued from now on. Raises NotAllowed, or Refusal for a span that can't be."""
    require(actor, Perm.ALERT_RULE, place.code)
    if not 0 <= minutes <= LONGEST or not 1 <= step <= LONGEST:
        says = _("Give the phones between 1 minute and 24 hours.")
        raise Refusal(says, _("0 minutes after issue: neighbours are not asked."), fields={"minutes": says})
    values = {"minutes": minutes, "step": step}
    rule, _new = CellRule.objects.update_or_create(place=place, colour=Colour(colour), defaults=values)
    audit.record(
        "alerting.cell_rule", actor=actor, place=place.code, obj=rule, colour=int(colour), minutes=minutes, step=step
    )
    return rule


@transaction.atomic
def drop_rule(actor: Actor, place: Place, colour: int) -> None:
    """Back to the rule above, or to the default."""
    require(actor, Perm.ALERT_RULE, place.code)
    rule = CellRule.objects.filter(place=place, colour=colour).first()
    if rule is not None:
        audit.record("alerting.cell_rule_dropped", actor=actor, place=place.code, obj=rule, colour=int(colour))
        rule.delete()
