"""The life of a confirmed workbook of log-ins: waiting, written as a whole, its passwords handed over once.

A hash takes most of a tenth of a second, on purpose, and the audit trail lets one transaction write at a time. So the
passwords are hashed first, outside any transaction; the rows are written after it, in a short one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.accounts import actions, passwords, persons
from lastmile.community.accounts.book.check import Line, Plan, planned
from lastmile.community.accounts.book.layout import LAYOUT
from lastmile.community.accounts.models import LogInBook, User
from lastmile.community.people.sheets.read import Sheets, again
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.errors import Conflict, NotFound, Refusal

KEPT = timedelta(minutes=10)  # temporary passwords, until they are fetched
LOST_AFTER = timedelta(days=1)  # waiting for so long, a book has lost its job
STEP = 5  # hashes between two looks at the progress bar
Secret = tuple[str, str]  # a temporary password and its hash


@transaction.atomic
def order(by: User, found: Sheets, key: list[Any], enqueue: Callable[[int], Any]) -> LogInBook:
    """Let the job begin that writes it. Raises Conflict when it would no longer do what the preview said."""
    plan = _unmoved(by, found, key)
    locks.wait("accounts.book.order")
    if LogInBook.objects.filter(owner=by, state=LogInBook.State.QUEUED).exists():
        raise Conflict(_("Your last workbook is still being imported."), _("Wait until it is done."))
    counts = plan.counts
    if not counts["new"] + counts["changed"]:
        raise Refusal(_("Everything in this workbook is there already."))
    book = LogInBook.objects.create(
        owner=by, rows=json.dumps(found.typed()), key=key, total=counts["new"], ordered_at=clock.now()
    )
    enqueue(book.pk)
    return book


def _unmoved(by: User, found: Sheets, key: list[Any]) -> Plan:
    plan = planned(by, found)
    if plan.errors or plan.key != key:
        raise Conflict(_("Since the preview, log-ins or roles have changed."), _("Upload the workbook again."))
    return plan


def run(pk: int) -> None:
    """Write a waiting book: all of it or nothing. A refusal is kept for the page; anything else is raised."""
    book = LogInBook.objects.select_related("owner").get(pk=pk)
    if book.state != LogInBook.State.QUEUED or book.rows is None:
        return  # a job that came twice
    typed = json.loads(book.rows.reveal())
    try:
        made = _hashed(book, _unmoved(book.owner, again(typed, LAYOUT), book.key))
        with transaction.atomic():
            locks.wait("accounts.book")
            if LogInBook.objects.select_for_update().get(pk=pk).state != LogInBook.State.QUEUED:
                return
            plan = _unmoved(book.owner, again(typed, LAYOUT), book.key)
            _write(book, plan, made)
    except Refusal as refusal:
        _settle(book, LogInBook.State.FAILED, {"says": str(refusal.says), "mend": str(refusal.mend)})


def _hashed(book: LogInBook, plan: Plan) -> dict[str, Secret]:
    """A temporary password for every new log-in, in memory alone."""
    made: dict[str, Secret] = {}
    for line in plan.of("new"):
        text = passwords.temporary()
        made[line.row["username"]] = text, make_password(text)
        if len(made) % STEP == 0:
            LogInBook.objects.filter(pk=book.pk).update(done=len(made))
    return made


def _write(book: LogInBook, plan: Plan, made: dict[str, Secret]) -> None:
    for line in plan.lines:
        _write_line(line, made, book.owner)
    rows = [line.row for line in plan.of("new")]
    secrets = [[row["username"], row["display_name"], made[row["username"]][0]] for row in rows]
    _settle(book, LogInBook.State.DONE, plan.counts, json.dumps(secrets) if secrets else None)
    audit.record("accounts.book", actor=book.owner, place=book.owner.home, obj=book, counts=plan.counts)


def _write_line(line: Line, made: dict[str, Secret], by: User) -> None:
    user = line.user
    if user is None:
        name = line.row["username"]
        user = actions.add_user(
            name, made[name][1], name=line.row["display_name"], role=line.role, place=line.place, by=by
        )
    elif line.adds:
        actions.grant(user, line.role, line.place, by=by)
    if line.joins:
        persons.join(user, line.contact, by=by)


def _settle(book: LogInBook, state: str, outcome: dict[str, Any], secrets: str | None = None) -> None:
    """Say how it ended and destroy its rows."""
    waiting = LogInBook.objects.filter(pk=book.pk, state=LogInBook.State.QUEUED)
    waiting.update(state=state, outcome=outcome, passwords=secrets, rows=None, done=book.total, settled_at=clock.now())


def give_up(pk: int) -> None:
    """Settle a book whose job broke off every time; nothing of it was written."""
    says = _("The import broke off again and again by a fault of the system.")
    mend = _("Upload the workbook once more. If that fails too, tell whoever runs the system.")
    for book in LogInBook.objects.filter(pk=pk):
        _settle(book, LogInBook.State.FAILED, {"says": says, "mend": mend})


def mine(by: User, pk: int) -> LogInBook:
    """A book that `by` has confirmed; nobody else knows of it."""
    book = LogInBook.objects.filter(owner=by, pk=pk).first()
    if book is None:
        raise NotFound(_("There is no such workbook, or somebody else confirmed it."), _("Go back to the list."))
    return book


def until(book: LogInBook) -> datetime | None:
    """Until when its passwords can be fetched; None when they are gone, or there are none."""
    if book.passwords is None or book.settled_at is None or clock.now() >= book.settled_at + KEPT:
        return None
    return book.settled_at + KEPT


@transaction.atomic
def fetch(by: User, pk: int) -> list[list[str]]:
    """(user name, display name, temporary password) of each new log-in, once; destroyed here with it."""
    mine(by, pk)
    book = LogInBook.objects.select_for_update().get(pk=pk)
    if until(book) is None or book.passwords is None:
        raise Conflict(
            _("These passwords are gone: they can be fetched once, within 10 minutes."),
            _("Open a log-in and give it a new temporary password."),
        )
    secrets: list[list[str]] = json.loads(book.passwords.reveal())
    LogInBook.objects.filter(pk=pk).update(passwords=None, fetched_at=clock.now())
    audit.record("accounts.book_fetched", actor=by, place=by.home, obj=book, log_ins=len(secrets))
    return secrets


def forget() -> int:
    """Destroy what nobody fetched in time, and books that have lost their job. How many there were."""
    now = clock.now()
    late = LogInBook.objects.filter(settled_at__lte=now - KEPT).exclude(passwords=None)
    count = late.update(passwords=None)
    for book in LogInBook.objects.filter(state=LogInBook.State.QUEUED, ordered_at__lt=now - LOST_AFTER):
        give_up(book.pk)
    return count
