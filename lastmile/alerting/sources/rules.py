"""What happens to a source's messages by itself: a rule per source and colour, and hazard where it differs.

Issuing by itself is decided by two people beforehand. Whoever proposes the rule is the author of what it will issue; an
approver, who may approve that colour there, confirms it. When it is applied, both are checked as if they acted now, and
the signature must be trusted. The audit names the rule.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import drafting
from lastmile.alerting.cap.signature import State as Signature
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.issue import issue
from lastmile.alerting.lifecycle import rule_for
from lastmile.alerting.models import Proposal, Received, Source, SourceRule
from lastmile.alerting.sources import deciding, proposing
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.permissions import Actor, Perm, may, require

log = structlog.get_logger(__name__)
AT_ONCE = 20


@transaction.atomic
def propose(actor: Actor, source: Source, *, colour: int, hazard: str, action: str) -> SourceRule:
    """A new rule in place of the one for this colour and hazard. To propose only holds at once; to issue waits."""
    require(actor, Perm.ALERT_DRAFT, source.place_id)
    if action == SourceRule.Action.ISSUE and not source.anchors.strip():
        raise Refusal(
            _("This source has no certificates: nothing of it could be trusted enough to be issued by itself."),
            _("Enter the sender's certificate first."),
        )
    _end(actor, source.rules.filter(colour=colour, hazard=hazard, ended_at=None), clock.now())
    rule = SourceRule.objects.create(
        source=source,
        colour=Colour(colour),
        hazard=Hazard(hazard) if hazard else "",
        action=SourceRule.Action(action),
        proposed_by_id=actor.pk,
        proposed_at=clock.now(),
    )
    _note("alerting.source_rule_proposed", actor, rule)
    return rule


@transaction.atomic
def confirm(actor: Actor, rule: SourceRule) -> SourceRule:
    """The approver agrees beforehand with what the rule will issue."""
    held = SourceRule.objects.select_for_update().select_related("source").get(pk=rule.pk)
    require(actor, Perm.ALERT_RULE, held.source.place_id)
    _require_approver(actor, held)
    if held.ended_at is not None or held.confirmed_at is not None:
        raise Conflict(_("This rule waits for nobody."), _("Reload the page to see what happened in the meantime."))
    held.confirmed_by_id, held.confirmed_at = actor.pk, clock.now()
    held.save(update_fields=["confirmed_by", "confirmed_at"])
    _note("alerting.source_rule_confirmed", actor, held)
    return held


@transaction.atomic
def end(actor: Actor, rule: SourceRule) -> None:
    """From now on messages are proposed only. Whoever may draft or rule there may end it: it makes things safer."""
    place = rule.source.place_id
    if not (may(actor, Perm.ALERT_RULE, place) or may(actor, Perm.ALERT_DRAFT, place)):
        require(actor, Perm.ALERT_RULE, place)
    if _end(actor, SourceRule.objects.filter(pk=rule.pk, ended_at=None), clock.now()):
        _note("alerting.source_rule_ended", actor, rule)


def _end(actor: Actor, rows: object, now: datetime) -> int:
    return int(rows.update(ended_at=now, ended_by=actor.pk))  # type: ignore[attr-defined]


def _require_approver(actor: Actor, rule: SourceRule) -> None:
    if actor.pk == rule.proposed_by_id:
        raise NotAllowed(
            _("You proposed this rule, so you can't confirm it."),
            _("Ask another approver: four eyes see more than two."),
        )
    if not may(actor, Perm.ALERT_APPROVE, rule_for(rule.source.place_id, rule.colour).place):
        raise NotAllowed(
            _("A warning of this colour is approved elsewhere, so its rule is, too."), _("Ask an approver there.")
        )


def _note(what: str, actor: Actor, rule: SourceRule) -> None:
    audit.record(
        what,
        actor=actor,
        place=rule.source.place_id,
        obj=rule,
        source=rule.source_id,
        colour=int(rule.colour),
        hazard=rule.hazard,
        does=rule.action,
    )


def rule_of(head: Received) -> SourceRule | None:
    """The rule in force for a message: that of its hazard before that of every hazard."""
    if head.colour is None:
        return None
    rows = SourceRule.objects.filter(source=head.source_id, colour=head.colour, ended_at=None)
    rows = rows.filter(hazard__in=("", head.hazard)).select_related("source", "proposed_by", "confirmed_by")
    return max(rows, key=lambda rule: rule.hazard != "", default=None)


def run() -> int:
    """The workers' duty: try the rule on each proposal that has changed. Returns how many were issued."""
    issued = 0
    for pk in Proposal.objects.filter(auto_at__isnull=False).order_by("auto_at").values_list("pk", flat=True)[:AT_ONCE]:
        issued += _try(pk)
    return issued


@transaction.atomic
def _try(pk: int) -> bool:
    rows = Proposal.objects.select_for_update(of=("self",), skip_locked=True).select_related("head__source", "alert")
    held = rows.filter(pk=pk, auto_at__isnull=False).first()
    if held is None:
        return False
    held.auto_at = None
    held.save(update_fields=["auto_at"])
    rule = _fitting(held)
    if rule is None:
        return False
    try:
        with transaction.atomic():
            _apply(held, rule)
    except Refusal as refusal:
        why = " ".join(str(part) for part in (refusal.says, *refusal.fields.values()))
        says = _("Rule %(n)d did not issue it: %(why)s") % {"n": rule.pk, "why": why}
        Proposal.objects.filter(pk=pk).update(reason=says[:1000])
        log.warning("sources.rule_refused", rule=rule.pk, proposal=pk, why=why)
        return False
    return True


def _fitting(held: Proposal) -> SourceRule | None:
    """The rule to apply; None where the message must be looked at by somebody."""
    head = held.head
    if head is None or held.state != Proposal.State.OPEN or head.status != "Actual":
        return None
    rule = _of_warning(held) if head.kind == "Cancel" else rule_of(head)
    if rule is None or rule.action != SourceRule.Action.ISSUE or rule.confirmed_by is None:
        return None
    return rule if head.signature == Signature.TRUSTED and head.source_id == rule.source_id else None


def _of_warning(held: Proposal) -> SourceRule | None:
    """A cancellation has no colour of its own: the rule that issued the warning takes it back, while it is in force."""
    return held.rule if held.rule and held.rule.ended_at is None else None


def _apply(held: Proposal, rule: SourceRule) -> None:
    """The usual way, by the two people who decided on the rule; both may have lost their roles since: then Refusal."""
    author, approver = rule.proposed_by, rule.confirmed_by
    if held.head is None or approver is None:
        return
    if held.head.kind != "Cancel" and deciding.found_area(held.head).by_name:
        raise Refusal(_("Its area was only found by name."))
    if held.wanted != proposing.wanted(held):
        raise Refusal(_("Somebody else has changed the warning meanwhile."))
    for person in (author, approver):
        if not person.is_active:
            raise NotAllowed(_("%(name)s has no log-in any more.") % {"name": person})
    made = deciding.take(author, held, held.head.pk, note=f"rule {rule.pk}")
    Proposal.objects.filter(pk=held.pk).update(rule=rule)
    if made is not None:
        drafting.submit(author, made)
        why = _("By rule %(n)d for %(name)s.") % {"n": rule.pk, "name": rule.source.name}
        drafting.approve(approver, made, reason=why)
        made.refresh_from_db()
        issue(approver, made)
    audit.record(
        "alerting.source_rule_applied",
        place=held.place_id,
        obj=rule,
        proposal=held.pk,
        message=held.head.identifier,
        code=made.code if made else "",
    )
