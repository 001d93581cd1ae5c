"""After how long, and at whose doors, somebody knocks: by colour, the nearest written rule up the tree."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.codes import Colour
from lastmile.alerting.models import VisitRule, Whom
from lastmile.community.org.models import Place, ancestors
from lastmile.kernel import audit
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, require

LONGEST = 24 * 60  # minutes


class Rule(NamedTuple):
    """`source` is None where no rule was written."""

    minutes: int
    whom: Whom
    volunteers: int = 0  # minutes after the doors were listed; 0: volunteers are not asked
    source: VisitRule | None = None

    @property
    def after(self) -> timedelta:
        return timedelta(minutes=self.minutes)


DEFAULTS = {
    Colour.RED: Rule(10, Whom.SILENT, 15),
    Colour.ORANGE: Rule(20, Whom.SILENT, 30),
    Colour.YELLOW: Rule(60, Whom.UNREACHED),
    Colour.BLUE: Rule(120, Whom.NOBODY),
}


def rule_for(place: str, colour: int) -> Rule:
    written = VisitRule.objects.filter(place_id__in=[place, *ancestors(place)], colour=colour)
    nearest = max(written, key=lambda rule: len(rule.place_id), default=None)
    if nearest is None:
        return DEFAULTS[Colour(colour)]
    return Rule(nearest.minutes, Whom(nearest.whom), nearest.volunteers, nearest)


@transaction.atomic
def set_rule(
    actor: Actor, place: Place, colour: int, *, minutes: int, whom: str, volunteers: int | None = None
) -> VisitRule:
    """The place's own rule, for warnings issued from now on. Raises NotAllowed, or Refusal for a span that can't be."""
    require(actor, Perm.ALERT_RULE, place.code)
    if not 1 <= minutes <= LONGEST:
        says = _("Give the phones between 1 minute and 24 hours.")
        raise Refusal(says, _("Ten minutes is usual for a red warning."), fields={"minutes": says})
    late = rule_for(place.code, colour).volunteers if volunteers is None else volunteers
    if not 0 <= late <= LONGEST:
        says = _("Give them between 0 minutes and 24 hours.")
        raise Refusal(says, _("0 minutes: volunteers are not asked."), fields={"volunteers": says})
    values = {"minutes": minutes, "whom": Whom(whom), "volunteers": late}
    rule, _new = VisitRule.objects.update_or_create(place=place, colour=Colour(colour), defaults=values)
    audit.record(
        "alerting.visit_rule", actor=actor, place=place.code, obj=rule, colour=int(colour), minutes=minutes, whom=whom
    )
    return rule


@transaction.atomic
def drop_rule(actor: Actor, place: Place, colour: int) -> None:
    """Back to the rule above, or to the default."""
    require(actor, Perm.ALERT_RULE, place.code)
    rule = VisitRule.objects.filter(place=place, colour=colour).first()
    if rule is not None:
        audit.record("alerting.visit_rule_dropped", actor=actor, place=place.code, obj=rule, colour=int(colour))
        rule.delete()
