"""Log-ins, roles and the audit trail in the browser."""

from __future__ import annotations

from typing import Any

from lastmile.kernel.models import AuditEntry
from tests.browser.samples import sample
from tests.world import World


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
