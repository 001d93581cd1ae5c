"""Which moves a warning can make, and who may make them: the one table, the level, the approver, the urgent path.

draft → review → returned | approved → issued → updated | lifted | cancelled | expired. Nothing leaves its end.
The urgent path is the arrow from draft, returned or review straight to issued; `issue` opens it only where the rule
of the colour allows it, and it stays marked until an approver has judged it.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Alert, ApprovalRule, Kind, Review, State
from lastmile.community.org.models import Level, Place, ancestors
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.permissions import Actor, Perm, may, require
from lastmile.kernel.transitions import Transitions

TABLE: Transitions[State] = Transitions(
    {
        State.DRAFT: {State.REVIEW, State.ISSUED, State.DISCARDED},
        State.REVIEW: {State.APPROVED, State.RETURNED, State.DRAFT, State.ISSUED},
        State.RETURNED: {State.REVIEW, State.ISSUED, State.DISCARDED},
        State.APPROVED: {State.ISSUED, State.DRAFT},
        State.ISSUED: {State.UPDATED, State.LIFTED, State.CANCELLED, State.EXPIRED},
        State.UPDATED: set(),
        State.LIFTED: set(),
        State.CANCELLED: set(),
        State.EXPIRED: set(),
        State.DISCARDED: set(),
    }
)
EDITABLE = frozenset({State.DRAFT, State.RETURNED})
PUBLISHED = frozenset({State.ISSUED, State.UPDATED, State.LIFTED, State.CANCELLED, State.EXPIRED})
# What issuing a follow-up makes of the message it follows.
BECOMES = {Kind.UPDATE: State.UPDATED, Kind.LIFT: State.LIFTED, Kind.CANCEL: State.CANCELLED}
AFTER = (Review.Decision.APPROVED_AFTER, Review.Decision.OBJECTED_AFTER)
URGENT_BY_DEFAULT = frozenset({Colour.RED, Colour.ORANGE})


class Rule(NamedTuple):
    """Who approves: an approver held at `place` or above. `source` is None where no rule was written."""

    place: str
    urgent_allowed: bool
    source: ApprovalRule | None


def rule_for(place: str, colour: int) -> Rule:
    """The nearest written rule up the tree; without one, an approver of the issuing place or above."""
    written = ApprovalRule.objects.filter(place_id__in=[place, *ancestors(place)], colour=colour)
    nearest = max(written, key=lambda rule: len(rule.place_id), default=None)
    if nearest is None:
        return Rule(place, Colour(colour) in URGENT_BY_DEFAULT, None)
    return Rule(nearest.approver_place_id, nearest.urgent_allowed, nearest)


def require_level(place: Place) -> None:
    """County and above issue; townships and villages relay (突发事件应对法 art. 63-64). No permission overrides it."""
    if place.level > Level.COUNTY:
        raise NotAllowed(
            _("%(place)s can't issue warnings: the law leaves that to the county and above.") % {"place": place.name},
            _("Add a local note to the county's warning, or ask the county's duty officer to issue one."),
        )


def wrote(actor: Actor, alert: Alert) -> bool:
    return actor.pk == alert.author_id or actor.pk in alert.written_by


def may_approve(actor: Actor, alert: Alert) -> bool:
    place = rule_for(alert.place_id, alert.colour).place
    return may(actor, Perm.ALERT_APPROVE, place) and not wrote(actor, alert) and actor.pk != alert.issued_by_id


def require_approver(actor: Actor, alert: Alert) -> None:
    """An approver whom the rule of this colour names, who neither wrote nor (urgently) issued it."""
    if wrote(actor, alert) or (alert.issued_by_id is not None and actor.pk == alert.issued_by_id):
        raise NotAllowed(
            _("You wrote or issued this warning, so you can't approve it."),
            _("Ask another approver: four eyes see more than two."),
        )
    rule = rule_for(alert.place_id, alert.colour)
    if not may(actor, Perm.ALERT_APPROVE, rule.place):
        name = Place.objects.get(pk=rule.place).name
        raise NotAllowed(
            _("A warning of this colour must be approved at %(place)s.") % {"place": name},
            _("Ask an approver there, or have the rule changed."),
        )


def may_issue(actor: Actor, alert: Alert) -> bool:
    """Whether the button is worth showing: approved, or urgent and allowed."""
    if alert.place.level > Level.COUNTY or not may(actor, Perm.ALERT_ISSUE, alert.place_id):
        return False
    if alert.state == State.APPROVED:
        return True
    return State(alert.state) in TABLE.sources(State.ISSUED) and rule_for(alert.place_id, alert.colour).urgent_allowed


def require_issuable(actor: Actor, alert: Alert, *, urgent: bool) -> None:
    """Raises unless the actor may issue this now: approved, or `urgent` where the rule of the colour allows it."""
    require_level(alert.place)
    require(actor, Perm.ALERT_ISSUE, alert.place_id)
    if alert.state == State.APPROVED:
        return
    if not urgent:
        raise Refusal(
            _("This warning has not been approved."),
            _("Submit it for review, or use the urgent path where it is allowed."),
            status=409,
        )
    if not rule_for(alert.place_id, alert.colour).urgent_allowed:
        raise NotAllowed(
            _("A warning of this colour may not be issued before it is approved."),
            _("Submit it for review and call the approver."),
        )


def pending_after(alert: Alert) -> bool:
    """Issued urgently, and no approver has judged it yet."""
    return alert.urgent and alert.issued_at is not None and not alert.reviews.filter(decision__in=AFTER).exists()


def is_pending_after() -> Q:
    """The same as a condition on rows of Alert."""
    judged = Review.objects.filter(alert=OuterRef("pk"), decision__in=AFTER)
    return Q(urgent=True, issued_at__isnull=False) & ~Q(Exists(judged))
