"""The daily look at the robots, part of the round over the channels (readiness): nothing is posted into any group.

A post without a message is refused by each app. What it complains of says enough: of the key, the signature or our
address, then the robot does not work; of the message, then all of those are right. A keyword is not looked at by this.

1. Robots that may post now and have no card waiting are asked, side by side, a chunk at a time.
2. Where an app answers none of a chunk its servers are not reached, the rest is not asked, and nobody's robot is to
   blame: that is owed by whoever sets up the system, as for any channel.
3. A robot that is not known any more is shown red and owed by whoever keeps its group, until it is mended, or known
   again. What a card has found stays until a card is taken: this look says less.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from lastmile.alerting.channels.contract import Health, Outcome, What
from lastmile.alerting.channels.said import Said, said
from lastmile.alerting.chat import robots, telling, troubles
from lastmile.alerting.chat.robots import Robot
from lastmile.alerting.models import ChatGroup, ChatNote
from lastmile.kernel import clock, outward

AT_ONCE: Final = 50  # robots of one chunk


def apps() -> list[str]:
    """Those that are in use, in the order of their names here."""
    used = set(ChatGroup.objects.filter(enabled=True).order_by("kind").values_list("kind", flat=True).distinct())
    return [kind for kind in ChatGroup.Kind if kind in used]


def look(kind: str) -> Health:
    """Ask all robots of an app. Whether its servers answer, and how many robots it does not know."""
    known = lost = last = 0
    while groups := _claim(kind, last):
        last = groups[-1].pk
        outcomes = _asked(groups)
        for group, outcome in zip(groups, outcomes, strict=True):
            _settle(group, outcome)
        known += sum(one.what is What.ACCEPTED for one in outcomes)
        lost += sum(one.what is What.REFUSED for one in outcomes)
        silent = [one for one in outcomes if one.what not in (What.ACCEPTED, What.REFUSED) and not one.after]
        if len(silent) == len(outcomes):
            return Health(ok=False, says=said(gettext_noop("The app does not answer: %(why)s."), why=silent[0].reason))
    return Health(ok=True, says=_says(known, lost))


def _says(known: int, lost: int) -> Said:
    parts = [(gettext_noop("The app knows the robots of %(n)d groups. Nothing was posted."), {"n": known})]
    if lost:
        parts.append((gettext_noop("%(n)d do not work: whoever keeps the groups has been told."), {"n": lost}))
    return Said([(text, dict(values)) for text, values in parts])


@transaction.atomic
def _claim(kind: str, after: int) -> list[ChatGroup]:
    """Free robots, kept from posting while they are asked; a dead worker delays a card by a minute."""
    now = clock.now()
    waiting = ChatNote.objects.filter(group=OuterRef("pk"), due_at__isnull=False)
    rows = ChatGroup.objects.filter(~Exists(waiting), kind=kind, enabled=True, next_at__lte=now, pk__gt=after)
    groups = list(rows.select_for_update(skip_locked=True, no_key=True).order_by("pk")[:AT_ONCE])
    ChatGroup.objects.filter(pk__in=[one.pk for one in groups]).update(next_at=now + telling.LEASE)
    return groups


def _asked(groups: Sequence[ChatGroup]) -> list[Outcome]:
    """Everything is opened before anything is awaited."""
    return asyncio.run(_all([telling.robot_of(one) for one in groups], clock.now().timestamp()))


async def _all(ready: Sequence[Robot], now: float) -> list[Outcome]:
    async with outward.session(seconds=robots.SECONDS) as session:
        return list(await asyncio.gather(*(robots.ask(session, robot, now) for robot in ready)))


@transaction.atomic
def _settle(group: ChatGroup, outcome: Outcome) -> None:
    now, by_us = clock.now(), group.failed_at is not None and group.failed_at == group.asked_at
    facts: dict[str, Any] = {"next_at": telling.free_at(group, outcome)}
    if outcome.what in (What.ACCEPTED, What.REFUSED):
        facts["asked_at"] = now
    if outcome.what is What.REFUSED and (by_us or not group.failure):
        facts |= {"failed_at": now, "failure": outcome.reason[:300]}
        troubles.owe([group])
    elif outcome.what is What.ACCEPTED and by_us and group.failure:
        facts["failure"] = ""
        troubles.settled(group)
    ChatGroup.objects.filter(pk=group.pk, changed_at=group.changed_at).update(**facts)
