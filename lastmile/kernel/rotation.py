"""A change of keys as a job: every sealed value and every index of one, written anew by and by while everything runs.

A run walks through its steps by primary key and notes in the same transaction how far it is, so a worker that dies has
lost nothing but one batch, and two workers never do the same one. Why: docs/adr/0035-key-rotation.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lastmile.kernel import audit, clock, keys, locks
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.models import KeyRotation

PASSES = 3  # through everything: a process that was not restarted may still write under the old key


def steps() -> list[keys.Step]:
    """What a run does under the keys of now: every column, then every index if the index key is changed."""
    return [*keys.columns(), *(keys.indexes() if keyring().has_old_index else ())]


@transaction.atomic
def start(by: Any, enqueue: Callable[[int], Any]) -> KeyRotation:
    """Begin a run under the keys of now. Raises Conflict while one is running, Refusal where no older key is known."""
    locks.wait("kernel.rotation")
    if KeyRotation.objects.filter(ended_at=None).exists():
        raise Conflict(_("Keys are being changed already."), _("Wait until it is done."))
    if len(keyring().numbers) == 1 and not keyring().has_old_index:
        raise Refusal(
            _("This system knows one key, and everything is under it."),
            _("Run `lastmile keys rotate` on the server: it says how to set the next key. Then come back."),
        )
    run = KeyRotation.objects.create(
        key=keyring().current, index=keyring().has_old_index, actor_name=str(by)[:60], started_at=clock.now()
    )
    audit.record("kernel.keys_rotation", actor=by, obj=run, key=run.key, index=run.index)
    enqueue(run.pk)
    return run


def go_on(pk: int) -> None:
    """Until the run is done. Another worker on the same run ends this one without harm."""
    _count(pk)
    while _batch(pk):
        pass


def _count(pk: int) -> None:
    """How much there is to do, once; a look through every table."""
    run = KeyRotation.objects.get(pk=pk)
    if run.total is None:
        KeyRotation.objects.filter(pk=pk, total=None).update(total=sum(keys.waiting(step) for step in steps()))


@transaction.atomic
def _batch(pk: int) -> bool:
    """The next batch, and how far the run is with it. False when there is nothing more to do here."""
    run = KeyRotation.objects.select_for_update(skip_locked=True).filter(pk=pk, ended_at=None).first()
    if run is None:
        return False
    if run.key != keyring().current or run.index != keyring().has_old_index:
        _end(run, _("The keys were changed again while it ran. Start anew."))
        return False
    todo = steps()
    if run.step >= len(todo):
        return _next_pass(run)
    last, done = keys.write_anew(todo[run.step], run.last_key)
    run.done += done
    run.step, run.last_key = (run.step + 1, 0) if last is None else (run.step, last)
    run.save(update_fields=["step", "last_key", "done"])
    return True


def _next_pass(run: KeyRotation) -> bool:
    """All steps are behind it: done if nothing is left under an older key."""
    left = {str(step): count for step in keys.columns() if (count := keys.stale(step))}
    if left and run.passes < PASSES:
        run.passes, run.step, run.last_key = run.passes + 1, 0, 0
        run.save(update_fields=["passes", "step", "last_key"])
        return True
    run.left = left
    _end(
        run, _("Some process still writes under the old key. Restart web and workers, then start anew.") if left else ""
    )
    return False


def _end(run: KeyRotation, trouble: str) -> None:
    run.trouble, run.ended_at = trouble, clock.now()
    run.save(update_fields=["trouble", "ended_at", "left"])
    audit.record("kernel.keys_reencrypted", key=run.key, index=run.index, values=run.done, whole=not trouble)


def runs(limit: int = 10) -> list[KeyRotation]:
    return list(KeyRotation.objects.order_by("-pk")[:limit])


def in_use() -> list[dict[str, Any]]:
    """Each sealed column with how many of its values, as the statistics have it: nothing is counted for a page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, greatest(reltuples, 0)::bigint FROM pg_class WHERE relkind = 'r'")
        sizes = dict(cursor.fetchall())
    return [{"name": str(column), "rows": sizes.get(column.table, 0)} for column in keys.columns()]


def unfinished() -> list[int]:
    return list(KeyRotation.objects.filter(ended_at=None).values_list("pk", flat=True))
