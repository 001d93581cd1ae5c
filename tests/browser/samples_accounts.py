"""Log-ins, roles and the audit trail in the browser."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.book import layout, life
from lastmile.community.accounts.book.check import planned
from lastmile.community.accounts.delegation import hand_on
from lastmile.community.accounts.models import Grant, LogInBook
from lastmile.community.accounts.roles import Role
from lastmile.community.people.sheets.read import again
from lastmile.kernel import clock
from lastmile.kernel.models import AuditArchive, AuditEntry
from tests.browser.samples import sample
from tests.world import PASSWORD, World


@sample("user", login="security")
def user(world: World) -> dict[str, Any]:
    return {"pk": world.officer.pk}


@sample("audit_entry", login="auditor")
def audit_entry(world: World) -> dict[str, Any]:
    return {"pk": AuditEntry.objects.earliest("id").pk}


@sample("login", login="")
def login(world: World) -> dict[str, Any]:
    return {}


@sample("login_code", login="")
def login_code(world: World) -> dict[str, Any]:
    """Without a password before, it leads back; tests/browser/test_second.py opens it with one."""
    return {}


@sample("user_book_state", login="security")
def user_book_state(world: World) -> dict[str, Any]:
    if made := LogInBook.objects.first():
        return {"pk": made.pk}
    row = ["new.worker", "王宗店村值班员", "村社区人员", "410182109211", ""]
    found = again({layout.SHEET: [(2, row)]}, layout.LAYOUT)
    book = life.order(world.security, found, planned(world.security, found).key, lambda pk: None)
    life.run(book.pk)
    return {"pk": book.pk}


@sample("audit_archives", login="auditor")
def audit_archives(world: World) -> dict[str, Any]:
    """With two months that are over."""
    if not AuditArchive.objects.exists():
        for month in (date(2026, 5, 1), date(2026, 6, 1)):
            AuditArchive.objects.create(
                month=month, first_id=month.month, last_id=month.month, entries=1200, previous=b"", digest=b"\7" * 32,
                content=b"\0" * 90_000, certificate="{}", signature=b"", written_at=clock.now(),
            )  # fmt: skip
    return {}


@sample("user_access", login="security")
def user_access(world: World) -> dict[str, Any]:
    return {"pk": world.officer.pk}


@sample("delegations", login="officer")
def delegations(world: World) -> dict[str, Any]:
    """One role handed on, and the form."""
    if not Grant.objects.filter(source__isnull=False).exists():
        held, town = Grant.objects.get(user=world.officer), world.places["410182109"]
        create_user("stand.in", PASSWORD, name="崔庙镇值班员", role=Role.TOWNSHIP_STAFF, place=town, temporary=False)
        hand_on(world.officer, held.pk, "stand.in", clock.now() + timedelta(days=3), "周末轮休，代班三天")
    return {}


@sample("access", login="officer")
def access(world: World) -> dict[str, Any]:
    return {"code": "410182109211"}
