"""End a link, change our key for it, speak to the other side at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.deployments import wire
from lastmile.alerting.models import Deployment, Source
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor, Perm, require

Side, State = Deployment.Side, Deployment.State


@transaction.atomic
def end(actor: Actor | None, link: Deployment) -> None:
    """Nothing of the other side is believed any more, and nothing goes there; what was said stays. The sources that
    were made for the link are paused. The other side learns of it when it next speaks to us, or we to it."""
    held = _held(actor, link)
    if held.state == State.ENDED:
        raise Conflict(_("This link has ended already."), _("Reload the page."))
    now, tell = clock.now(), held.side == Side.ABOVE and held.state == State.ACTIVE
    _change(held, state=State.ENDED, ended_at=now, code=None, due_at=now if tell else None, write_at=None)
    paused = Source.objects.filter(pk__in=held.sources.values("pk")).update(enabled=False)
    audit.record("alerting.deployment_ended", actor=actor, place=held.place_id, obj=held, by="us", sources=paused)


@transaction.atomic
def rotate(actor: Actor | None, link: Deployment) -> None:
    """A new key of ours: announced under the old one, used once the other side says that it knows it."""
    held = _held(actor, link)
    if held.state != State.ACTIVE:
        raise Conflict(_("This link is not active."), _("Reload the page."))
    if held.next_key:
        raise Conflict(_("A new key is on its way already."), _("Wait until the other side has taken it in."))
    _change(held, next_key=wire.new_key(), **_at_once(held))
    audit.record("alerting.deployment_key", actor=actor, place=held.place_id, obj=held)


@transaction.atomic
def speak(actor: Actor | None, link: Deployment) -> None:
    """Do not wait out the pause after errors."""
    held = _held(actor, link)
    if held.side != Side.ABOVE or held.state not in (State.ACTIVE, State.JOINING):
        raise Conflict(_("The other side speaks first on this link."), _("Wait, or ask those who run it."))
    _change(held, **_at_once(held))
    audit.record("alerting.deployment_asked", actor=actor, place=held.place_id, obj=held)


def _at_once(link: Deployment) -> dict[str, Any]:
    return {"due_at": clock.now()} if link.side == Side.ABOVE else {}


def _change(link: Deployment, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(link, name, value)
    link.save(update_fields=list(fields))


def _held(actor: Actor | None, link: Deployment) -> Deployment:
    """None is whoever may use the machine's own terminal."""
    if actor is not None:
        require(actor, Perm.DEPLOYMENT_EDIT, link.place_id)
    return Deployment.objects.select_for_update().get(pk=link.pk)
