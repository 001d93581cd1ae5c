"""Log-ins, roles and the audit trail for programs; the same verbs and scopes as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from lastmile.community.accounts import (
    actions,
    api_access,
    api_archives,
    api_book,
    api_retention,
    passwords,
    queries,
    second,
)
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import Role
from lastmile.kernel import audit, limits
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

router = Router(tags=["accounts"])
router.add_router("", api_book.router)
router.add_router("", api_archives.router)
router.add_router("", api_retention.router)
router.add_router("", api_access.router)
LIMIT = 200


class Held(Schema):
    role: str
    place: str


class Me(Schema):
    username: str
    display_name: str
    roles: list[Held]
    may: dict[str, list[str]]  # permission → place prefixes


class UserOut(Schema):
    id: int
    username: str
    display_name: str
    state: str
    roles: list[Held]


class UserFilter(Schema):
    q: str = Field("", max_length=40)
    after: str = Field("", max_length=40, description="the last user name of the page before")
    limit: int = Field(50, ge=1, le=LIMIT)


class UserIn(Schema):
    username: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]+$", max_length=40)
    display_name: str = Field(min_length=1, max_length=60)
    role: Role
    place: str = Field(max_length=15)


class NewUser(UserOut):
    temporary_password: str  # shown only in this answer


class GrantIn(Schema):
    role: Role
    place: str = Field(max_length=15)
    until: AwareDatetime | None = Field(None, description="ends by itself then")


class GrantOut(Schema):
    id: int
    user: int
    role: str
    place: str
    granted_at: datetime
    until: datetime | None
    ended_at: datetime | None


class AuditOut(Schema):
    id: int
    at: datetime
    actor: int | None
    actor_name: str
    action: str
    place: str
    object_type: str
    object_id: str
    detail: dict[str, Any]


class AuditFilter(Schema):
    q: str = Field("", max_length=100)
    action: str = Field("", max_length=60)
    place: str = Field("", max_length=15)
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = Field(None, ge=1, le=2**63 - 1, description="only entries older than this number")
    limit: int = Field(50, ge=1, le=LIMIT)


class Chain(Schema):
    checked: int
    broken_at: int | None
    reason: str


def shown(user: User) -> dict[str, Any]:
    roles = [{"role": role.value, "place": place} for role, place in user.held]
    return {
        "id": user.pk,
        "username": user.username,
        "display_name": user.display_name,
        "state": queries.state(user),
        "roles": roles,
    }


def held(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.pk,
        "user": grant.user_id,
        "role": grant.role,
        "place": grant.place_id,
        "granted_at": grant.granted_at,
        "until": grant.until,
        "ended_at": grant.ended_at,
    }


@router.get("/me", response=Me, summary="Who I am and what I may do where")
def me(request: HttpRequest) -> dict[str, Any]:
    """Who I am, my roles, and what they allow where."""
    user = queries.me(request)
    may = {perm.value: list(user.scopes(perm)) for perm in Perm if user.scopes(perm)}
    return {**shown(user), "may": may}


@router.get("/users", response=list[UserOut], summary="Log-ins of the area, by user name")
def users(request: HttpRequest, wanted: Query[UserFilter]) -> Any:
    """Log-ins of my area by user name."""
    actor = queries.me(request)
    holding(actor, Perm.USER_READ)
    rows: QuerySet[User] = queries.visible(actor).filter(username__icontains=wanted.q, username__gt=wanted.after)
    return [shown(user) for user in rows.order_by("username")[: wanted.limit]]


@router.post("/users", response={201: NewUser}, summary="Make a log-in with its first role")
def create(request: HttpRequest, new: UserIn) -> Any:
    """A log-in with its first role and a temporary password."""
    actor = queries.me(request)
    holding(actor, Perm.USER_EDIT)
    password = passwords.temporary()
    place = queries.place(actor, new.place, Perm.USER_EDIT)
    user = actions.create_user(new.username, password, name=new.display_name, role=new.role, place=place, by=actor)
    return Status(201, {**shown(user), "temporary_password": password})


@router.get("/users/{int:pk}", response=UserOut, summary="One log-in")
def user(request: HttpRequest, pk: int) -> Any:
    actor = queries.me(request)
    holding(actor, Perm.USER_READ)
    return shown(queries.user(actor, pk))


@router.delete("/users/{int:pk}/second-factor", response=UserOut, summary="Take a lost second factor away")
def second_reset(request: HttpRequest, pk: int) -> Any:
    """Take the second factor away from somebody whose phone is gone; they set up another at their next log-in."""
    actor = queries.me(request)
    holding(actor, Perm.USER_EDIT)
    person = queries.user(actor, pk)
    second.reset(person, by=actor)
    return shown(person)


@router.get("/users/{int:pk}/grants", response=list[GrantOut], summary="Roles of a log-in")
def grants(request: HttpRequest, pk: int) -> Any:
    actor = queries.me(request)
    holding(actor, Perm.USER_READ)
    return [held(grant) for grant in queries.history(queries.user(actor, pk))]


@router.post("/users/{int:pk}/grants", response={201: GrantOut}, summary="Give a role")
def give(request: HttpRequest, pk: int, new: GrantIn) -> Any:
    actor = queries.me(request)
    holding(actor, Perm.GRANT_EDIT)
    place = queries.place(actor, new.place, Perm.GRANT_EDIT)
    return Status(201, held(actions.grant(queries.user(actor, pk), new.role, place, by=actor, until=new.until)))


@router.delete("/grants/{int:pk}", response=GrantOut, summary="End a role")
def end(request: HttpRequest, pk: int) -> Any:
    """End a role; it stays in the record."""
    actor = queries.me(request)
    holding(actor, Perm.GRANT_EDIT)
    ended = actions.end_grant(pk, by=actor)
    ended.refresh_from_db()
    return held(ended)


@router.post("/users/{int:pk}/{verb}", response=UserOut, summary="Lock, unlock, activate or deactivate a log-in")
def change(request: HttpRequest, pk: int, verb: str) -> Any:
    """lock, unlock, activate or deactivate. (Stands after the other addresses below a log-in, which it would catch.)"""
    actor = queries.me(request)
    holding(actor, Perm.USER_EDIT)
    verbs = {
        "lock": actions.lock,
        "unlock": actions.unlock,
        "activate": actions.activate,
        "deactivate": actions.deactivate,
    }
    if verb not in verbs:
        raise NotFound(_("There is no such address."), _("Use lock, unlock, activate or deactivate."))
    person = queries.user(actor, pk)
    verbs[verb](person, by=actor)
    return shown(person)


@router.get("/audit", response=list[AuditOut], summary="Entries of the audit trail, the newest first")
def trail(request: HttpRequest, wanted: Query[AuditFilter]) -> Any:
    """Entries of my area, the newest first."""
    actor = queries.me(request)
    holding(actor, Perm.AUDIT_READ)
    rows = queries.audit_search(queries.audit_entries(actor), wanted.q) if wanted.q else queries.audit_entries(actor)
    exact = {
        "action": wanted.action,
        "place__startswith": wanted.place,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
        "id__lt": wanted.before,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return rows.order_by("-id")[: wanted.limit]


@router.post("/audit/verify", response=Chain, summary="Recompute the whole audit chain")
def verify(request: HttpRequest) -> Any:
    """Recompute the whole chain."""
    actor = queries.me(request)
    holding(actor, Perm.AUDIT_READ)
    limits.take(f"audit-verify:{actor.pk}", 6)
    checked, found = audit.verify()
    broken = found.entry if found else None
    audit.record("kernel.audit_verified", actor=actor, checked=checked, broken_at=broken)
    return {"checked": checked, "broken_at": broken, "reason": str(audit.reason(found)) if found else ""}
