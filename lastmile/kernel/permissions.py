"""What may be done, and how to get an object only through the permission to do it.

A permission is held for a *scope*: the prefix of a place code. `obtain` answers 404 if the object is invisible to the
person and 403 if it is visible but may not be touched; a view can't get it without passing here. Which role holds
which permission is the table in `community.accounts.roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.kernel.errors import NotAllowed, NotFound


class Perm(StrEnum):
    """room:object:verb, in alphabetical order."""

    ALERT_APPROVE = "alerting:alert:approve"
    ALERT_DRAFT = "alerting:alert:draft"
    ALERT_ISSUE = "alerting:alert:issue"
    ALERT_NOTE = "alerting:alert:note"
    ALERT_READ = "alerting:alert:read"
    ALERT_RECEIPT = "alerting:alert:receipt"
    ALERT_RESEND = "alerting:alert:resend"
    ALERT_TEMPLATE = "alerting:template:edit"
    AUDIT_READ = "kernel:audit:read"
    GAPS_READ = "community:gaps:read"
    GRANT_EDIT = "accounts:grant:edit"
    HOUSEHOLD_EDIT = "people:household:edit"
    HOUSEHOLD_IMPORT = "people:household:import"
    HOUSEHOLD_READ = "people:household:read"
    PERSON_REVEAL = "people:person:reveal"
    PLACE_EDIT = "org:place:edit"
    PLACE_READ = "org:place:read"
    POST_EDIT = "org:post:edit"
    POST_READ = "org:post:read"
    SITE_EDIT = "org:site:edit"
    SITE_READ = "org:site:read"
    SYSTEM_CONFIGURE = "site:system:configure"
    USER_EDIT = "accounts:user:edit"
    USER_READ = "accounts:user:read"


class Actor(Protocol):
    """Whoever acts: a log-in with roles at places, or the system itself."""

    @property
    def pk(self) -> Any: ...

    def scopes(self, perm: Perm) -> tuple[str, ...]:
        """The place-code prefixes inside which this person holds the permission; '' means everywhere."""
        ...


def may(actor: Actor, perm: Perm, place: str) -> bool:
    return place.startswith(actor.scopes(perm)) if actor.scopes(perm) else False


def require(actor: Actor, perm: Perm, place: str) -> None:
    """Raises NotAllowed unless the actor holds `perm` at the place."""
    if not may(actor, perm, place):
        raise NotAllowed(
            _("You may not do this here."),
            _("Your role does not include it for this place. Ask the security administrator of your city or county."),
        )


def within(prefixes: Sequence[str], field: str = "place") -> Q:
    """Rows whose place code lies under one of the prefixes; none match an empty list."""
    condition = Q(pk__in=[])
    for prefix in prefixes:
        condition |= Q(**{f"{field}__startswith": prefix})
    return condition


M = TypeVar("M", bound=Model)


def obtain(
    rows: QuerySet[M],
    actor: Actor,
    perm: Perm,
    *,
    see: Perm,
    place_of: Callable[[M], str],
    **lookup: Any,
) -> M:
    """The one object that `lookup` finds, if the actor may see it and do `perm` to it.

    Raises NotFound when it does not exist or lies outside the actor's `see` scopes, NotAllowed when it is visible only.
    """
    obj = rows.filter(**lookup).first()
    if obj is None or not may(actor, see, place_of(obj)):
        raise NotFound(
            _("There is no such entry, or it is outside your area."), _("Check the address or go back to the list.")
        )
    require(actor, perm, place_of(obj))
    return obj
