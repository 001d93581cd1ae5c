"""What the duty officer does with a proposal: take it over as a draft on the usual way, or dismiss it with a reason.

The lifecycle stays as it is: taking over writes a draft (or a follow-up of the warning in force) and hands it in; an
approver approves, or the urgent path is used where the rule of the colour allows it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import drafting
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Alert, Group, Proposal, Received, Relayed, State
from lastmile.alerting.sources import area, proposing
from lastmile.alerting.sources.meaning import Meaning, meaning
from lastmile.alerting.sources.originals import original
from lastmile.duties import actions
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

Wanted = Proposal.Wanted
LIKELY = Colour.YELLOW  # where a message names no colour at all; the officer is told to choose


@transaction.atomic
def take(actor: Actor, proposal: Proposal, head: int, *, note: str = "") -> Alert | None:
    """A draft of ours with what the message says; None where a draft was put away instead. `head` is the message that
    was read: Conflict when another one holds by now, or somebody else was faster."""
    require(actor, Perm.ALERT_DRAFT, proposal.place_id)
    held = _open(proposal, head)
    made = _made(actor, held)
    if made is not None and held.head is not None:
        Relayed.objects.create(alert=made, received=held.head)
    _settle(actor, held, Proposal.State.TAKEN, alert=made or held.alert)
    audit.record(
        "alerting.proposal_taken",
        actor=actor,
        place=held.place_id,
        obj=held,
        message=held.head.identifier if held.head else "",
        wanted=held.wanted,
        code=made.code if made else "",
        note=note,
    )
    return made


def hand_in(actor: Actor, alert: Alert) -> str:
    """Submit it at once; what is missing is returned in words, and the draft waits for it."""
    try:
        drafting.submit(actor, alert)
    except Refusal as refusal:
        return " ".join(str(part) for part in (refusal.says, *refusal.fields.values()))
    return ""


@transaction.atomic
def dismiss(actor: Actor, proposal: Proposal, head: int, *, reason: str) -> None:
    """Not for us. What comes later in the same chain is proposed again."""
    require(actor, Perm.ALERT_DRAFT, proposal.place_id)
    held = _open(proposal, head)
    _settle(actor, held, Proposal.State.DISMISSED, alert=held.alert, reason=drafting.needed(reason)[:500])
    audit.record("alerting.proposal_dismissed", actor=actor, place=held.place_id, obj=held, reason=held.reason)


def _open(proposal: Proposal, head: int) -> Proposal:
    rows = Proposal.objects.select_for_update(of=("self",)).select_related("head__source", "alert", "place")
    held = rows.get(pk=proposal.pk)
    if held.into_id is not None or held.state != Proposal.State.OPEN:
        raise Conflict(_("This has been decided already."), _("Reload the page to see what happened in the meantime."))
    if held.head_id != head:
        raise Conflict(
            _("A newer message has come in since you opened this page."),
            _("Reload the page and read what it says now."),
        )
    return held


def _settle(actor: Actor, held: Proposal, state: Proposal.State, *, alert: Alert | None, reason: str = "") -> None:
    actions.settle(proposing.KIND.name, proposing.key(held), actor=actor)
    held.state, held.done, held.alert, held.reason = state, held.head, alert, reason
    held.decided_by_id, held.decided_at, held.changed_at, held.auto_at = actor.pk, clock.now(), clock.now(), None
    held.save()


def _made(actor: Actor, held: Proposal) -> Alert | None:
    waiting = proposing.unissued(held.alert)
    if waiting is not None:
        _put_away(actor, waiting)
    assert held.head is not None  # noqa: S101  (an open proposal has a message that holds)
    said, running = meaning(original(held.head)), proposing.current(held.alert)
    wanted = proposing.wanted(held)
    if wanted == Wanted.DROP or (held.wanted == Wanted.DROP and not running):
        return None
    if wanted == Wanted.ALERT or running is None:
        return drafting.create_draft(actor, held.place, **_content(held, said))
    reason = said.reason or _("By a message of %(source)s.") % {"source": held.head.source.name}
    draft = drafting.follow_up(actor, running, wanted, reason=reason)
    if wanted == Wanted.UPDATE:
        content = _content(held, said)
        draft = drafting.save(actor, draft, **content)
    return draft


def _put_away(actor: Actor, waiting: Alert) -> None:
    """A draft of an earlier message of the chain, overtaken before it was issued."""
    if waiting.state in (State.REVIEW, State.APPROVED):
        waiting = drafting.withdraw(actor, waiting)
    drafting.discard(actor, waiting, reason=_("A newer message of the same chain came in."))


def _content(held: Proposal, said: Meaning) -> dict[str, Any]:
    ours = found_area(held.head) if held.head else area.Ours()
    audience = ours.audience() | {"groups": [group.value for group in Group]}
    return {
        "hazard": said.hazard,
        "colour": int(said.colour or LIKELY),
        "exercise": said.exercise,
        "audience": audience,
        **said.content(),
    }


def found_area(head: Received) -> area.Ours:
    return area.ours(original(head), head.source.place_id)


def preview(head: Received) -> dict[str, Any]:
    """What the draft would be, for the page; nothing is written."""
    alert = original(head)
    said, ours = meaning(alert), area.ours(alert, head.source.place_id)
    guessed = [*said.guessed, *(["area"] if ours.by_name else [])]
    return {"alert": alert, "said": said, "ours": ours, "guessed": guessed}
