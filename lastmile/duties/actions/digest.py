"""The daily summary: choose its time, end it, and hand what is due to the queue."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction

from lastmile.community.accounts.models import User
from lastmile.duties import tasks
from lastmile.duties.models import Digest
from lastmile.kernel import audit, clock

AT_ONCE = 200


def following(at: time, now: datetime) -> datetime:
    """The next moment of that time of day in Beijing."""
    first = datetime.combine(clock.day_of(now), at, clock.BEIJING)
    return first if first > now else first + timedelta(days=1)


@transaction.atomic
def choose(user: User, at: time | None) -> None:
    """A summary every day at this time; None ends it."""
    if at is None:
        Digest.objects.filter(user=user).delete()
    else:
        values = {"at": at, "next_at": following(at, clock.now())}
        Digest.objects.update_or_create(user=user, defaults=values)
    audit.record("duties.digest", actor=user, place=user.home, obj=user, at=f"{at:%H:%M}" if at else "")


@transaction.atomic
def tick() -> int:
    """The worker's duty: hand what is due to the queue, and set the next day. Missed days are not made up for."""
    now = clock.now()
    rows = list(Digest.objects.select_for_update(skip_locked=True).filter(next_at__lte=now)[:AT_ONCE])
    for row in rows:
        row.next_at = following(row.at, now)
        tasks.send_digest.defer(user=row.user_id)
    Digest.objects.bulk_update(rows, ["next_at"])
    return len(rows)
