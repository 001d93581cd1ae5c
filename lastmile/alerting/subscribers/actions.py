"""Subscribe a program, ask it again, end it. Nothing is pushed before the other side has confirmed that it wants it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting.models import Delivery, Subscription
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock, outward
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor, Perm, require

SHORTEST: Final = 16  # characters of a secret
MOST: Final = 200  # subscriptions of one place and below


@transaction.atomic
def subscribe(
    actor: Actor, place: Place, *, name: str, url: str, secret: str = "", exercises: bool = False
) -> tuple[Subscription, str]:
    """(the subscription, its secret): the secret signs every push; one is made where none is given."""
    require(actor, Perm.SOURCE_EDIT, place.code)
    outward.check(url, private=settings.FEED_PRIVATE)
    if secret and len(secret) < SHORTEST:
        raise Refusal(
            _("The secret is too short to protect anything."),
            _("Use at least %(n)d characters, or leave it empty and one is made.") % {"n": SHORTEST},
            fields={"secret": _("too short")},
        )
    if not name.strip():
        raise Refusal(_("The subscriber has no name."), _("Name who gets it."), fields={"name": _("missing")})
    running = Subscription.objects.filter(place__code__startswith=place.code, ended_at=None)
    if running.count() >= MOST:
        raise Refusal(_("There are too many subscriptions."), _("End some that nobody needs."), status=409)
    made = Subscription.objects.create(
        name=name.strip()[:80],
        place=place,
        url=url.strip(),
        secret=secret or (secret := secrets.token_urlsafe(32)),
        exercises=exercises,
        challenge=secrets.token_urlsafe(24),
        created_by_id=actor.pk,
        created_at=clock.now(),
        due_at=clock.now(),
    )
    audit.record("alerting.subscribed", actor=actor, place=place.code, obj=made, name=made.name, url=made.url)
    return made, secret


@transaction.atomic
def ask_again(actor: Actor, one: Subscription) -> None:
    require(actor, Perm.SOURCE_EDIT, one.place_id)
    fields = {"state": Subscription.State.ASKED, "due_at": clock.now(), "error": ""}
    if not Subscription.objects.filter(pk=one.pk, state=Subscription.State.REFUSED).update(**fields):
        raise Conflict(_("There is nothing to ask: it has confirmed, or it has ended."), _("Reload the page."))
    audit.record("alerting.subscriber_asked", actor=actor, place=one.place_id, obj=one)


@transaction.atomic
def end(actor: Actor, one: Subscription) -> None:
    require(actor, Perm.SOURCE_EDIT, one.place_id)
    if close(one, clock.now()):
        audit.record("alerting.subscription_ended", actor=actor, place=one.place_id, obj=one)


def close(one: Subscription, now: datetime) -> bool:
    """No more pushes, also not of what waits."""
    fields = {"state": Subscription.State.ENDED, "ended_at": now, "due_at": None}
    if not Subscription.objects.filter(pk=one.pk, ended_at=None).update(**fields):
        return False
    Delivery.objects.filter(subscription=one, due_at__isnull=False).update(due_at=None)
    return True


@transaction.atomic
def try_again(actor: Actor, one: Subscription) -> int:
    """What was given up is pushed anew. How many."""
    require(actor, Perm.SOURCE_EDIT, one.place_id)
    now = clock.now()
    rows = Delivery.objects.filter(subscription=one, given_up_at__isnull=False, subscription__ended_at=None)
    again = rows.update(given_up_at=None, due_at=now, attempts=0, created_at=now)
    audit.record("alerting.pushed_again", actor=actor, place=one.place_id, obj=one, deliveries=again)
    return again
