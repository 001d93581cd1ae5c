"""What a chain of messages asks for now, as a proposal to the duty officer and an obligation on the to-do."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.cap.signature import State as Signature
from lastmile.alerting.codes import Colour
from lastmile.alerting.models import Alert, AlertEvent, Kind, Proposal, Received, State
from lastmile.alerting.owed import DANGER, DECIDE_WITHIN, marked
from lastmile.alerting.sources import chains
from lastmile.alerting.sources.meaning import is_all_clear
from lastmile.alerting.sources.originals import original
from lastmile.duties import actions, kinds
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

Wanted = Proposal.Wanted
IN_FORCE: Final = (State.ISSUED,)
DRAFTS: Final = (State.DRAFT, State.REVIEW, State.RETURNED, State.APPROVED)
LEAST: Final = timedelta(minutes=5)

KIND = kinds.Kind(
    "alerting.proposal",
    gettext_lazy("warning from outside to decide on"),
    "bell-ringing",
    lambda owed: reverse("sources:proposal", args=[owed.detail["proposal"]]),
    3,
    "urgent",
    tap=False,
)


def register() -> None:
    kinds.register(KIND)


@transaction.atomic
def settle(chain: Proposal) -> None:
    """Bring the proposal up to date with its messages and with what has become of our own warning. Call it with the
    row locked; calling it again changes nothing."""
    head, before = _head(chain), (chain.head_id, chain.wanted)
    chain.head = head
    chain.wanted = wanted(chain)
    if head is not None and head.place and chain.alert_id is None:
        chain.place_id = head.place
    if chain.wanted:
        chain.state = Proposal.State.OPEN
    elif head is None or chain.done_id != head.pk:
        chain.state = Proposal.State.IDLE  # what was decided on stays decided
    if chain.state == Proposal.State.OPEN and (chain.head_id, chain.wanted) != before:
        chain.reason, chain.auto_at, chain.changed_at = "", clock.now(), clock.now()
    if chain.state != Proposal.State.OPEN:
        chain.auto_at = None
    chain.save()
    owe(chain)


def _head(chain: Proposal) -> Received | None:
    rows = {one.pk: one for one in chain.messages.filter(refused="").defer("raw", "findings").select_related("source")}
    found = chains.holds(
        chains.Link(
            pk=one.pk,
            own=frozenset(one.own),
            refers=frozenset(one.refers),
            sent=one.sent_at or chains.LONG_AGO,
            kind=one.kind,
            trusted=one.signature == Signature.TRUSTED,
            identifier=one.identifier,
        )
        for one in rows.values()
    )
    return rows[found.pk] if found else None


def wanted(chain: Proposal) -> str:
    """What acting on the message that holds would be, as things stand here."""
    head = chain.head
    if head is None or chain.done_id == head.pk:
        return Wanted.NOTHING
    ours = current(chain.alert)
    running = ours is not None and ours.state in IN_FORCE and ours.kind in (Kind.ALERT, Kind.UPDATE)
    if head.kind == "Cancel":
        if running:
            return Wanted.LIFT if is_all_clear(original(head)) else Wanted.CANCEL
        return Wanted.DROP if unissued(chain.alert) else Wanted.NOTHING
    if head.expires_at is not None and head.expires_at <= clock.now():
        return Wanted.NOTHING
    return Wanted.UPDATE if running else Wanted.ALERT


def current(alert: Alert | None) -> Alert | None:
    """Our own warning as it stands: the last issued message that follows it, whoever wrote that."""
    while alert is not None:
        later = alert.followed_by.filter(event__isnull=False).order_by("-id").first()
        if later is None:
            break
        alert = later
    if alert is not None and not AlertEvent.objects.filter(alert=alert).exists():
        return alert.replaces
    return alert


def unissued(alert: Alert | None) -> Alert | None:
    """The draft made of it, while it is still on its way through review."""
    return alert if alert is not None and alert.state in DRAFTS else None


def key(chain: Proposal) -> str:
    return f"{chain.pk}:{chain.head_id}"


def owe(chain: Proposal) -> None:
    """An open proposal is owed by whoever may draft there; everything else of this chain is owed no more."""
    if chain.state != Proposal.State.OPEN or chain.head is None:
        _withdraw(chain)
        return
    head = chain.head
    colour = Colour(head.colour or Colour.YELLOW)
    _withdraw(chain, but=head.pk)
    parts = [chain.get_wanted_display(), head.get_colour_display() or _("no colour"), head.headline or head.identifier]
    new = actions.New(
        kind=KIND.name,
        key=key(chain),
        title=marked(" · ".join(map(str, parts)), exercise=head.status == "Exercise")[:200],
        place=chain.place_id,
        perm=Perm.ALERT_DRAFT,
        danger=DANGER[colour],
        due_at=clock.now() + max(DECIDE_WITHIN[colour] / 3, LEAST),
        detail={"proposal": chain.pk},
        again=True,
    )
    actions.create_many([new])


def _withdraw(chain: Proposal, but: int | None = None) -> None:
    keys = [f"{chain.pk}:{pk}" for pk in chain.messages.values_list("pk", flat=True) if pk != but]
    actions.withdraw_many(KIND.name, keys)


def retire(chain: Proposal, into: Proposal) -> None:
    """It was a part of another chain all the time."""
    keys = [f"{chain.pk}:{pk}" for pk in into.messages.values_list("pk", flat=True)]
    actions.withdraw_many(KIND.name, keys)
    chain.into, chain.state, chain.wanted, chain.auto_at = into, Proposal.State.IDLE, "", None
    chain.save()


def refresh() -> int:
    """The workers' duty: what nobody can decide any more, because it ran out, is no longer asked for."""
    over = Proposal.objects.filter(state=Proposal.State.OPEN, head__expires_at__lte=clock.now())
    over = over.exclude(head__kind="Cancel")
    with transaction.atomic():
        found = list(over.select_for_update(of=("self",), skip_locked=True).select_related("head")[:200])
        for chain in found:
            settle(chain)
    return len(found)
