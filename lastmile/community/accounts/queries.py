"""What pages and the API read about log-ins and roles."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest

from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import MAY
from lastmile.community.org.models import Place
from lastmile.kernel.models import AuditEntry

VISITS = ("accounts.login", "accounts.login_failed", "accounts.lock")


def me(request: HttpRequest) -> User:
    """The log-in behind a request that a door has let in."""
    return cast("User", request.user)


def my_roles(user: User) -> list[dict[str, Any]]:
    """Every role in force with its place and what it allows there."""
    names = dict(Place.objects.filter(code__in=[place for _r, place in user.held]).values_list("code", "name"))
    return [
        {"role": role.label, "place": names[place], "code": place, "may": [perm.label for perm in sorted(MAY[role])]}
        for role, place in sorted(user.held, key=lambda held: (held[1], held[0]))
    ]


def my_visits(user: User, limit: int = 10) -> list[AuditEntry]:
    """The last log-ins and failed attempts, so that a stranger's are noticed."""
    rows = AuditEntry.objects.filter(object_type="accounts.user", object_id=str(user.pk), action__in=VISITS)
    return list(rows.order_by("-id")[:limit])
