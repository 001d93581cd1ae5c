"""The lists of log-ins, holders and audit entries: columns, filters, search."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.accounts import access, queries, words
from lastmile.community.accounts.models import Grant, SecondFactor, User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place
from lastmile.kernel.keyed import KeyedList
from lastmile.kernel.lists import Choice, Column, Days, ListPage, Typed
from lastmile.kernel.permissions import Perm, may

STATES: dict[str, str | Promise] = {
    "open": _("in use"),
    "temporary": _("temporary password"),
    "waiting": _("locked after wrong passwords"),
    "locked": _("locked"),
    "inactive": _("deactivated"),
}
SECOND = [("yes", _("yes")), ("none", _("none"))]
COLOURS = {"open": "green", "temporary": "azure", "waiting": "orange", "locked": "red", "inactive": "secondary"}


def _roles(person: User) -> str:
    in_force: list[Grant] = getattr(person, "in_force", [])
    return "、".join(f"{held.place.name} {held.get_role_display()}" for held in in_force)


def _with_role(rows: QuerySet[User], role: str) -> QuerySet[User]:
    return rows.filter(pk__in=Grant.objects.in_force().filter(role=role).values("user"))


def _by_place_or_name(rows: QuerySet[Grant], words: str) -> QuerySet[Grant]:
    named = Q(place__name__icontains=words) | Q(user__display_name__icontains=words)
    return rows.filter(named | Q(place__code__startswith=words) | Q(user__username__icontains=words))


def _user_url(row: Any) -> str:
    return reverse("user", args=[row.user_id if isinstance(row, Grant) else row.pk])


def users(request: HttpRequest, actor: User) -> ListPage:
    has = Exists(SecondFactor.objects.filter(user=OuterRef("pk")))
    return ListPage(
        request,
        queries.visible(actor).annotate(has_second=has),
        columns=[
            Column("username", _("User name"), sort="username", link=_user_url),
            Column("display_name", _("Display name"), sort="display_name"),
            Column("roles", _("Roles"), value=_roles, phone=False),
            Column(
                "state",
                _("State"),
                value=lambda row: STATES[queries.state(row)],
                badge=lambda row: COLOURS[queries.state(row)],
            ),
            Column(
                "second", _("Second factor"), value=lambda row: _("yes") if row.has_second else _("none"), phone=False
            ),
            Column("last_login", _("Last log-in"), sort="last_login", phone=False),
        ],
        search=["username", "display_name"],
        filters=[
            Choice("role", _("Role"), Role.choices, apply=_with_role),
            Choice("state", _("State"), list(STATES.items()), apply=queries.in_state),
            Choice("second", _("Second factor"), SECOND, apply=lambda rows, has: rows.filter(has_second=has == "yes")),
        ],
        order=("username",),
        filename="log-ins",
    )


def holders(request: HttpRequest, actor: User) -> ListPage:
    return ListPage(
        request,
        queries.holders(actor).select_related("place", "user", "granted_by"),
        columns=[
            Column("place", _("Place"), value=lambda row: f"{row.place.name} {row.place_id}", sort="place__code"),
            Column("role", _("Role"), value=lambda row: row.get_role_display(), sort="role"),
            Column(
                "user", _("Log-in"), value=lambda row: row.user.display_name, sort="user__display_name", link=_user_url
            ),
            Column("granted_by", _("Given by"), value=lambda row: row.granted_by or "", phone=False),
            Column("granted_at", _("Since"), sort="granted_at", phone=False),
            Column("until", pgettext_lazy("role", "Until"), sort="until", phone=False),
        ],
        search=_by_place_or_name,
        filters=[Choice("role", _("Role"), Role.choices)],
        order=("place_id", "role", "pk"),
        filename="roles",
    )


def who(request: HttpRequest, place: Place) -> ListPage:
    """Whose role reaches a place; the log-in itself is opened by those who tend log-ins."""
    tends = may(queries.me(request), Perm.USER_READ, place.code)
    return ListPage(
        request,
        access.holders(place),
        columns=[
            Column(
                "user",
                _("Log-in"),
                value=lambda row: row.user.display_name,
                sort="user__display_name",
                link=_access_url if tends else None,
            ),
            Column("role", _("Role"), value=lambda row: row.get_role_display(), sort="role"),
            Column("place", _("Held at"), value=lambda row: f"{row.place.name} {row.place_id}", sort="place_id"),
            Column("why", _("Why"), value=access.origin, phone=False),
        ],
        search=["user__display_name", "place__name"],
        filters=[
            Choice("perm", _("May"), [(perm.value, perm.label) for perm in Perm], apply=access.with_perm),
            Choice("role", _("Role"), Role.choices),
        ],
        order=("-place_id", "role", "pk"),
        filename=f"access-{place.code}",
    )


def _access_url(row: Any) -> str:
    return reverse("user_access", args=[row.user_id])


def audit(request: HttpRequest, actor: User) -> KeyedList:
    named = Place.objects.filter(code=OuterRef("place")).values("name")[:1]
    return KeyedList(
        request,
        queries.audit_entries(actor).annotate(place_name=Subquery(named)),
        columns=[
            Column("id", _("No."), link=lambda row: reverse("audit_entry", args=[row.pk])),
            Column("at", _("Time")),
            Column("actor_name", _("Who"), value=words.actor),
            Column("action", _("Act"), value=lambda row: words.of(row.action)),
            Column("place", _("Place"), value=lambda row: row.place_name or row.place, phone=False),
            Column("object_id", _("Object"), value=words.thing, phone=False),
            Column("address", _("Address"), phone=False),
        ],
        search=queries.audit_search,
        filters=[
            Choice("room", _("Area"), words.ROOMS, apply=lambda rows, room: rows.filter(action__startswith=room + ".")),
            Choice("act", _("Act"), sorted(words.ACTS.items(), key=lambda act: str(act[1])), apply=_by_act),
        ],
        typed=[
            Typed("who", _("Who"), queries.audit_by),
            Typed("where", _("Place"), queries.audit_at),
            Typed("object", _("Object, as people.person:17"), queries.audit_of),
        ],
        days=[Days("at", _("Time"))],
        filename="audit",
    )


def _by_act(rows: QuerySet[Any], act: str) -> QuerySet[Any]:
    return rows.filter(action=act)
