"""What pages and the API read about log-ins and roles."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lastmile.community.accounts.models import FOREVER, Grant, User
from lastmile.community.accounts.roles import HELD_AT, MAY, Role
from lastmile.community.org.models import CODE_LENGTH, LEVEL_OF_LENGTH, Level, Place
from lastmile.kernel import audit, clock
from lastmile.kernel.archive import tail
from lastmile.kernel.errors import NotAllowed, NotFound, Refusal
from lastmile.kernel.models import AuditArchive, AuditEntry
from lastmile.kernel.permissions import Actor, Perm, within

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


def visits(user: User, limit: int = 10) -> list[AuditEntry]:
    """The last log-ins and failed attempts, so that a stranger's are noticed."""
    rows = AuditEntry.objects.filter(object_type="accounts.user", object_id=str(user.pk), action__in=VISITS)
    return list(rows.order_by("-id")[:limit])


def visible(actor: Actor, perm: Perm = Perm.USER_READ) -> QuerySet[User]:
    """Log-ins that hold, or have held, a role in the actor's area; with their roles in force as `in_force`."""
    grants = Grant.objects.filter(within(actor.scopes(perm), "place__code"), user=OuterRef("pk"))
    in_force = Grant.objects.in_force().select_related("place").order_by("place_id", "role")
    return User.objects.filter(Exists(grants)).prefetch_related(Prefetch("grants", in_force, to_attr="in_force"))


def user(actor: Actor, pk: int) -> User:
    """One of the visible log-ins. What may be done to it is checked by the verb in `actions`."""
    found = visible(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such log-in, or it is outside your area."), _("Go back to the list."))
    return found


def history(user: User) -> list[Grant]:
    """Every grant of a log-in, those in force first."""
    return list(
        user.grants.select_related("place", "granted_by", "source__user").order_by("-ended_at", "place_id", "role")
    )


def holders(actor: Actor, perm: Perm = Perm.USER_READ) -> QuerySet[Grant]:
    """Who holds which role at which place, inside the actor's area."""
    return Grant.objects.in_force().filter(within(actor.scopes(perm), "place__code"), user__is_active=True)


def state(user: User) -> str:
    """One word for the list: inactive, locked, waiting (wrong passwords), temporary (password) or open."""
    if not user.is_active:
        return "inactive"
    if user.locked_until == FOREVER:
        return "locked"
    if user.is_locked:
        return "waiting"
    return "temporary" if user.must_change_password else "open"


def in_state(rows: QuerySet[User], wanted: str) -> QuerySet[User]:
    """The log-ins for which `state` says `wanted`."""
    now = clock.now()
    locked = Q(is_active=True, locked_until__gt=now)
    free = Q(is_active=True) & (Q(locked_until=None) | Q(locked_until__lte=now))
    return rows.filter(
        {
            "inactive": Q(is_active=False),
            "locked": locked & Q(locked_until=FOREVER),
            "waiting": locked & ~Q(locked_until=FOREVER),
            "temporary": free & Q(must_change_password=True),
            "open": free & Q(must_change_password=False),
        }[wanted]
    )


def place(actor: Actor, text: str, perm: Perm) -> Place:
    """The place that somebody typed by code or exact name, inside their area. Raises Refusal with the candidates."""
    text = text.strip()
    rows = Place.objects.current().filter(within(actor.scopes(perm), "code"))
    found = list(rows.filter(Q(code=text) | Q(name=text)).order_by("code")[:6])
    if not found:
        raise Refusal(
            _("There is no place “%(text)s” in your area.") % {"text": text[:40]},
            _("Write its code, or its exact name."),
        )
    if len(found) > 1:
        codes = ", ".join(entry.code for entry in found)
        raise Refusal(_("Several places are called that: %(codes)s.") % {"codes": codes}, _("Write the code instead."))
    return found[0]


def role_table() -> list[dict[str, Any]]:
    """For every permission, which roles hold it: the page "what each role may do", and the documentation."""
    return [
        {"perm": perm, "label": perm.label, "roles": [perm in MAY[role] for role in Role]}
        for perm in Perm
        if any(perm in MAY[role] for role in Role)
    ]


def role_levels() -> list[dict[str, Any]]:
    """For every role, at which levels of the tree it may be held, and what it allows there."""
    names = {length: Level(LEVEL_OF_LENGTH[length]).label for lengths in HELD_AT.values() for length in lengths}
    return [
        {
            "role": role,
            "label": role.label,
            "levels": [names[n] for n in sorted(HELD_AT[role])],
            "may": [perm.label for perm in sorted(MAY[role])],
        }
        for role in Role
    ]


def audit_entries(actor: Actor) -> QuerySet[AuditEntry]:
    """The audit trail of the actor's area. Acts bound to no place (the system's own) are for a city's auditors."""
    scopes = actor.scopes(Perm.AUDIT_READ)
    seen = within(scopes)
    if sees_whole_trail(actor):
        seen |= Q(place="")
    return AuditEntry.objects.filter(seen)


def audit_entry(actor: Actor, pk: int) -> AuditEntry:
    found = audit_entries(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such entry, or it is outside your area."), _("Go back to the list."))
    return found


def audit_search(rows: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Entries whose actor, act, place (code or name) or object fits the words."""
    condition = Q(actor_name__icontains=words) | Q(action__icontains=words) | Q(object_id=words)
    if words.isdigit():
        condition |= Q(place__startswith=words)
    for code in Place.objects.filter(name=words).values_list("code", flat=True)[:20]:
        condition |= Q(place__startswith=code)
    return rows.filter(condition)


def audit_by(rows: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Entries of the log-ins whose name this is, whatever they were called then; else those that bear the name."""
    if words in {audit.SYSTEM, _("the system")}:
        return rows.filter(actor=None)
    known = Q(username=words) | Q(display_name__icontains=words)
    actors = list(User.objects.filter(known).values_list("pk", flat=True)[:50])
    return rows.filter(actor__in=actors) if actors else rows.filter(actor_name=words)


def audit_at(rows: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Entries of a place, by code or exact name, and of what lies below it."""
    codes = [words] if words.isdigit() else list(Place.objects.filter(name=words).values_list("code", flat=True)[:20])
    return rows.filter(within(codes))


def audit_of(rows: QuerySet[AuditEntry], words: str) -> QuerySet[AuditEntry]:
    """Entries about one object, named as its pages name it (`people.person:17`), or all of a kind."""
    kind, _colon, key = words.partition(":")
    rows = rows.filter(object_type=kind)
    return rows.filter(object_id=key) if key else rows


def sees_whole_trail(actor: Actor) -> bool:
    """Whether the actor reads every entry: archives are files of all places together."""
    return any(len(scope) <= CODE_LENGTH[Level.CITY] for scope in actor.scopes(Perm.AUDIT_READ))


def require_whole_trail(actor: Actor) -> None:
    """Raises NotAllowed for an auditor of a part of the city."""
    if not sees_whole_trail(actor):
        raise NotAllowed(
            _("An archive holds the entries of all places together."), _("Ask the auditor of the city for it.")
        )


def sets_retention(actor: Actor) -> bool:
    """The table of what is kept is one for the whole system."""
    return any(len(scope) <= CODE_LENGTH[Level.CITY] for scope in actor.scopes(Perm.RETENTION_EDIT))


def require_retention(actor: Actor) -> None:
    if not sets_retention(actor):
        raise NotAllowed(_("How long data is kept is set for the whole city."), _("Ask its security administrator."))


def archives(actor: Actor) -> list[dict[str, Any]]:
    """Every month in the archives, the newest first, and whether its entries can still be searched."""
    require_whole_trail(actor)
    released = tail()[1]
    rows = AuditArchive.objects.annotate(size=Length("content")).defer("content")
    return [
        {"row": row, "name": str(row), "released": row.last_id <= released, "digest": bytes(row.digest).hex()}
        for row in rows
    ]


def archive(actor: Actor, month: str) -> AuditArchive:
    """One of them, by its month as 2026-05."""
    require_whole_trail(actor)
    try:
        first = date.fromisoformat(month + "-01")
    except ValueError:
        first = date.max
    found = AuditArchive.objects.filter(month=first).first()
    if found is None:
        raise NotFound(_("There is no archive of this month."), _("Go back to the list."))
    return found
