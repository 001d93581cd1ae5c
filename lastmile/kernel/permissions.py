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
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    ALERT_RULE = "alerting:rule:edit"
    ALERT_TEMPLATE = "alerting:template:edit"
    AUDIT_READ = "kernel:audit:read"
    CALL_ACT = "alerting:call:act"
    CALL_START = "alerting:call:start"
    CHAT_EDIT = "alerting:chat:edit"
    CHECKLIST_EDIT = "duties:checklist:edit"
    DEPLOYMENT_EDIT = "alerting:deployment:edit"
    DUTY_READ = "duties:obligation:read"
    FACT_DEFINE = "facts:field:edit"
    FACT_ENTER = "facts:fact:enter"
    FACT_READ = "facts:fact:read"
    FACT_REQUEST = "facts:request:edit"
    GAPS_READ = "community:gaps:read"
    GRANT_EDIT = "accounts:grant:edit"
    HOUSEHOLD_EDIT = "people:household:edit"
    HOUSEHOLD_IMPORT = "people:household:import"
    HOUSEHOLD_READ = "people:household:read"
    LADDER_EDIT = "alerting:ladder:edit"
    PERSON_EXPORT = "people:person:export"
    PERSON_REVEAL = "people:person:reveal"
    PLACE_EDIT = "org:place:edit"
    PLACE_READ = "org:place:read"
    PLAN_AREA_EDIT = "alerting:plan_area:edit"
    PLAN_AREA_READ = "alerting:plan_area:read"
    POST_EDIT = "org:post:edit"
    POST_READ = "org:post:read"
    RETENTION_EDIT = "kernel:retention:edit"
    SHELTER_EDIT = "shelters:shelter:edit"
    SHELTER_KEEP = "shelters:stay:enter"
    SHELTER_ORDER = "shelters:order:edit"
    SHELTER_READ = "shelters:shelter:read"
    READINESS_EDIT = "alerting:readiness:edit"
    SITE_EDIT = "org:site:edit"
    SITE_READ = "org:site:read"
    SOURCE_EDIT = "alerting:source:edit"
    SOURCE_READ = "alerting:source:read"
    SYSTEM_CONFIGURE = "site:system:configure"
    TERMINAL_EDIT = "org:terminal:edit"
    TERMINAL_READ = "org:terminal:read"
    USER_EDIT = "accounts:user:edit"
    USER_READ = "accounts:user:read"

    @property
    def label(self) -> str | Promise:
        """What it allows, as a line for people."""
        return LABELS.get(self, self.value)


LABELS: dict[Perm, str | Promise] = {
    Perm.ALERT_APPROVE: gettext_lazy("approve a warning that somebody else wrote, or return it with reasons"),
    Perm.ALERT_DRAFT: gettext_lazy("write, update, lift and cancel warnings"),
    Perm.ALERT_ISSUE: gettext_lazy("issue an approved warning"),
    Perm.ALERT_NOTE: gettext_lazy("add a local note to a warning: where to go, whom to call"),
    Perm.ALERT_READ: gettext_lazy("see warnings and who was reached"),
    Perm.ALERT_RECEIPT: gettext_lazy("enter what people answered"),
    Perm.ALERT_RESEND: gettext_lazy("send again to those not reached"),
    Perm.ALERT_RULE: gettext_lazy("set who must approve which colour"),
    Perm.ALERT_TEMPLATE: gettext_lazy("edit warning templates"),
    Perm.AUDIT_READ: gettext_lazy("read the audit trail and verify it"),
    Perm.CALL_ACT: gettext_lazy("call responsible persons, take over, enter what they answered"),
    Perm.CALL_START: gettext_lazy("start calling in the own area on a warning in force"),
    Perm.CHAT_EDIT: gettext_lazy("enter the robots of chat groups, and try them out"),
    Perm.CHECKLIST_EDIT: gettext_lazy("write checklists and let them come round"),
    Perm.DEPLOYMENT_EDIT: gettext_lazy("pair this system with the one above or below, and end that"),
    Perm.DUTY_READ: gettext_lazy("see what is owed in the area, and why it is late"),
    Perm.FACT_DEFINE: gettext_lazy("add fields to the dictionary of facts"),
    Perm.FACT_ENTER: gettext_lazy("enter facts of one's own place and answer requests"),
    Perm.FACT_READ: gettext_lazy("see facts, requests for data and their answers"),
    Perm.FACT_REQUEST: gettext_lazy("register a request for data"),
    Perm.GAPS_READ: gettext_lazy("see what nobody holds or serves"),
    Perm.GRANT_EDIT: gettext_lazy("give roles to log-ins and end them"),
    Perm.HOUSEHOLD_EDIT: gettext_lazy("edit households and residents"),
    Perm.HOUSEHOLD_IMPORT: gettext_lazy("import households from a workbook"),
    Perm.HOUSEHOLD_READ: gettext_lazy("see households and residents, masked"),
    Perm.LADDER_EDIT: gettext_lazy("set who must answer which warning, and how silence climbs"),
    Perm.PERSON_EXPORT: gettext_lazy("take a table of names and numbers away as a file; every look is logged"),
    Perm.PERSON_REVEAL: gettext_lazy("open a masked name or number; every look is logged"),
    Perm.PLACE_EDIT: gettext_lazy("edit places, grids and their outlines"),
    Perm.PLACE_READ: gettext_lazy("see places and the map"),
    Perm.PLAN_AREA_EDIT: gettext_lazy("enter plan areas, and give what is uncovered in them to somebody"),
    Perm.PLAN_AREA_READ: gettext_lazy("see plan areas, and who in them is uncovered"),
    Perm.POST_EDIT: gettext_lazy("edit posts, who holds them and who stands in"),
    Perm.POST_READ: gettext_lazy("see posts and who holds them"),
    Perm.RETENTION_EDIT: gettext_lazy("set how long data is kept, and hold it back from destruction"),
    Perm.SHELTER_EDIT: gettext_lazy("edit the register of shelters"),
    Perm.SHELTER_KEEP: gettext_lazy(
        "check people in at a shelter and see the names of those expected; every look is logged"
    ),
    Perm.SHELTER_ORDER: gettext_lazy("open shelters and order people to them in a warning in force"),
    Perm.SHELTER_READ: gettext_lazy("see shelters, and how many are there and missing"),
    Perm.READINESS_EDIT: gettext_lazy("start and stop the test of who can be reached"),
    Perm.SITE_EDIT: gettext_lazy("edit special sites"),
    Perm.SITE_READ: gettext_lazy("see special sites"),
    Perm.SOURCE_EDIT: gettext_lazy("set up where warnings come in from, and whose signature is believed"),
    Perm.SOURCE_READ: gettext_lazy("see the warnings that come in from others, and how their sources are"),
    Perm.SYSTEM_CONFIGURE: gettext_lazy("set up the system and see its health"),
    Perm.TERMINAL_EDIT: gettext_lazy("edit loudspeakers and screens, and see their keys"),
    Perm.TERMINAL_READ: gettext_lazy("see loudspeakers and screens"),
    Perm.USER_EDIT: gettext_lazy("create, lock and unlock log-ins and reset passwords"),
    Perm.USER_READ: gettext_lazy("see log-ins and roles"),
}


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
    known = not any("\0" in value for value in lookup.values() if isinstance(value, str))  # PostgreSQL has no such text
    obj = rows.filter(**lookup).first() if known else None
    if obj is None or not may(actor, see, place_of(obj)):
        raise NotFound(
            _("There is no such entry, or it is outside your area."), _("Check the address or go back to the list.")
        )
    require(actor, perm, place_of(obj))
    return obj
