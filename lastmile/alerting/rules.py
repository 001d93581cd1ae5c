"""Keep the approval rules and a place's own starting texts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.lifecycle import require_level
from lastmile.alerting.models import ApprovalRule, Template
from lastmile.community.org.models import Place, ancestors
from lastmile.kernel import audit
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.permissions import Actor, Perm, require


@transaction.atomic
def set_rule(actor: Actor, place: Place, colour: int, *, approver_place: str, urgent_allowed: bool) -> ApprovalRule:
    """Who approves this colour from this place down. Where a place above has a rule, only its keeper may differ."""
    require_level(place)
    require(actor, Perm.ALERT_RULE, place.code)
    _require_free_above(actor, place, colour)
    if approver_place not in (place.code, *ancestors(place.code)):
        raise Refusal(
            _("Warnings of %(place)s are approved there or above, not elsewhere.") % {"place": place.name},
            _("Choose the place itself or one above it."),
        )
    approver = Place.objects.filter(pk=approver_place).first()
    if approver is None:
        raise NotFound(_("There is no such place."), _("Choose the place itself or one above it."))
    rule, _new = ApprovalRule.objects.update_or_create(
        place=place,
        colour=Colour(colour),
        defaults={"approver_place": approver, "urgent_allowed": urgent_allowed},
    )
    audit.record(
        "alerting.rule",
        actor=actor,
        place=place.code,
        obj=rule,
        colour=int(colour),
        approver_place=approver.code,
        urgent_allowed=urgent_allowed,
    )
    return rule


@transaction.atomic
def drop_rule(actor: Actor, place: Place, colour: int) -> None:
    """Back to the rule above, or to the default."""
    require(actor, Perm.ALERT_RULE, place.code)
    _require_free_above(actor, place, colour)
    rule = ApprovalRule.objects.filter(place=place, colour=colour).first()
    if rule is not None:
        audit.record("alerting.rule_dropped", actor=actor, place=place.code, obj=rule, colour=int(colour))
        rule.delete()


def _require_free_above(actor: Actor, place: Place, colour: int) -> None:
    for above in ApprovalRule.objects.filter(place_id__in=ancestors(place.code), colour=colour):
        require(actor, Perm.ALERT_RULE, above.place_id)


@transaction.atomic
def save_template(actor: Actor, place: Place, hazard: str, colour: int, **content: Any) -> Template:
    """The place's own text for a hazard and colour."""
    require_level(place)
    require(actor, Perm.ALERT_TEMPLATE, place.code)
    template, _new = Template.objects.update_or_create(
        place=place, hazard=Hazard(hazard), colour=Colour(colour), defaults=content
    )
    audit.record(
        "alerting.template", actor=actor, place=place.code, obj=template, hazard=str(hazard), colour=int(colour)
    )
    return template


@transaction.atomic
def drop_template(actor: Actor, place: Place, hazard: str, colour: int) -> None:
    """Back to the text of the place above, or the shipped one."""
    require(actor, Perm.ALERT_TEMPLATE, place.code)
    template = Template.objects.filter(place=place, hazard=hazard, colour=colour).first()
    if template is not None:
        audit.record(
            "alerting.template_dropped", actor=actor, place=place.code, obj=template, hazard=hazard, colour=int(colour)
        )
        template.delete()
