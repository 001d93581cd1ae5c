"""Destroy what an event has gathered about people once its time is over, and leave a certificate of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from lastmile.alerting.ending import holding
from lastmile.alerting.ending.sources import EVENT, Source, sources, steps
from lastmile.alerting.models import AlertEvent, Destruction
from lastmile.kernel import audit, clock, retention, seal

AT_ONCE = 20  # events in one turn of the job


def destroy_due() -> int:
    """The job: destroy what is due, one event at a time. How many values went."""
    return sum(destroy(pk) for pk in _due()[:AT_ONCE])


def over() -> dict[int, tuple[datetime, list[int]]]:
    """{first event of a warning: (when its last message was over, all its events)}, of those that are over."""
    chains: dict[int, list[tuple[int, datetime | None]]] = defaultdict(list)
    for pk, closed, follows in AlertEvent.objects.values_list("pk", "closed_at", "frozen__follows"):
        chains[(follows or [pk])[0]].append((pk, closed))  # an update is the same warning
    found: dict[int, tuple[datetime, list[int]]] = {}
    for first, events in chains.items():
        ends = [closed for _pk, closed in events if closed is not None]
        if len(ends) == len(events):
            found[first] = (max(ends), [pk for pk, _closed in events])
    return found


def _due() -> list[int]:
    """Events whose time is over, of no held warning, without certificate or with something entered after it."""
    last_day, held, left = clock.now() - timedelta(days=retention.days(EVENT)), holding.held(), _left()
    certified = set(Destruction.objects.values_list("event", flat=True))
    return [
        pk
        for first, (ended, events) in sorted(over().items(), key=lambda item: item[1][0])
        if ended <= last_day and first not in held
        for pk in events
        if pk in left or pk not in certified
    ]


def _left() -> set[int]:
    """Events of which something is still held."""
    asked = " UNION ".join(
        f"SELECT {source.event} FROM {source.table} WHERE {source.left}"  # noqa: S608  (our own names)
        for source in sources()
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {event for (event,) in cursor.fetchall()}


@transaction.atomic
def destroy(pk: int) -> int:
    """Everything of one event, with its certificate, or nothing. How many values went."""
    event = AlertEvent.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if event is None or event.closed_at is None or event.warning in holding.held():
        return 0
    gone = {source.name: _blank(source, pk) for source in sources()}
    gone |= {step.name: (step.do(event.warning), "") for step in steps()}
    total = sum(count for count, _digest in gone.values())
    if total or not Destruction.objects.filter(event=event).exists():
        _certify(event, gone, total)
    return total


def _certify(event: AlertEvent, gone: dict[str, tuple[int, str]], total: int) -> None:
    counts, now = {name: count for name, (count, _digest) in gone.items()}, clock.now()
    facts: dict[str, Any] = {
        "what": "destruction of personal data of an event",
        "event": event.identifier,
        "closed": event.closed_at.isoformat(timespec="seconds") if event.closed_at else "",
        "destroyed": now.isoformat(timespec="seconds"),
        "rule": {"class": EVENT, "days": retention.days(EVENT)},
        "values": counts,
        "digests": {name: digest for name, (_count, digest) in gone.items() if digest},
    }
    certificate = seal.text(facts)
    done = Destruction.objects.create(
        event=event,
        place=event.place,
        at=now,
        counts=counts,
        total=total,
        certificate=certificate,
        signature=seal.sign(certificate),
    )
    audit.record("alerting.destroyed", place=event.place, obj=event, certificate=done.pk, values=total)


def _blank(source: Source, event: int) -> tuple[int, str]:
    """(how many values there were, of a sealed column SHA-256 over all of them as they lay, in order of their rows)."""
    if not source.sealed:
        held = f"{source.event} = %(event)s AND {source.left}"
        sql = f"UPDATE {source.table} SET {source.column} = {source.empty} WHERE {held}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, {"event": event})
            return cursor.rowcount, ""
    sql = f"""WITH gone AS (SELECT id, {source.column} AS was FROM {source.table}
                             WHERE {source.event} = %(event)s AND {source.left} FOR UPDATE),
                   blank AS (UPDATE {source.table} t SET {source.column} = NULL FROM gone WHERE t.id = gone.id
                             RETURNING t.id)
              SELECT (SELECT count(*) FROM blank),
                     encode(sha256(coalesce(string_agg(was, ''::bytea ORDER BY id), ''::bytea)), 'hex')
                FROM gone"""  # noqa: S608  (our own names)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"event": event})
        count, digest = cursor.fetchone()
    return count, digest
