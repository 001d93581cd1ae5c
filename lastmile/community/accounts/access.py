"""Why somebody may do something, and who may do it: the words for what `User.scopes` decides."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from lastmile.community.accounts import queries, second
from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import MAY, Role
from lastmile.community.org.models import Place
from lastmile.community.people.models import Appointment
from lastmile.kernel.permissions import Perm


class Right(NamedTuple):
    perm: Perm
    grounds: list[str]  # why: one line for each role that includes it
    guarded: bool  # whether a second factor is asked for it


class Verdict(NamedTuple):
    may: bool
    says: list[str]  # the reasons, in sentences


def grants(user: User) -> list[Grant]:
    rows = Grant.objects.in_force().filter(user=user).select_related("place", "granted_by", "source__user")
    return list(rows.order_by("place_id", "role"))


def ground(grant: Grant) -> str:
    """“Xingyang 410182: duty officer, given by X on 2026-11-03”: one role, and where it comes from."""
    told = {"place": f"{grant.place.name} {grant.place_id}", "role": Role(grant.role).label, "origin": origin(grant)}
    return _("%(place)s: %(role)s, %(origin)s") % told


def origin(grant: Grant) -> str:
    """From whom a role comes, since when and until when."""
    told = {"day": _day(grant.granted_at), "until": _day(grant.until) if grant.until else ""}
    if grant.source is not None:
        told |= {"name": grant.source.user.display_name, "reason": grant.reason}
        return _("handed on by %(name)s until %(until)s (%(reason)s)") % told
    told["name"] = grant.granted_by.display_name if grant.granted_by else _("the system")
    if grant.until:
        return _("given by %(name)s on %(day)s until %(until)s") % told
    return _("given by %(name)s on %(day)s") % told


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "Y-m-d H:i")


def rights(user: User) -> list[Right]:
    """Everything the roles of this log-in allow, and by which role where."""
    held = grants(user)
    found = []
    for perm in Perm:
        giving = [ground(one) for one in held if perm in MAY[Role(one.role)]]
        if giving:
            found.append(Right(perm, giving, perm in second.GUARDED))
    return found


def lacking(user: User) -> list[tuple[Perm, str]]:
    """What no role of theirs allows, and which roles would."""
    held = {role for role, _place in user.held}
    absent = [perm for perm in Perm if not any(perm in MAY[role] for role in held)]
    return [(perm, giving(perm)) for perm in absent]


def giving(perm: Perm) -> str:
    """The roles that include it, for people."""
    return "、".join(str(role.label) for role in Role if perm in MAY[role])


def bars(user: User) -> list[str]:
    """What keeps the whole log-in from doing anything, whatever its roles say."""
    state = queries.state(user)
    said = {
        "inactive": _("The log-in is deactivated: nothing of this is possible until it is activated."),
        "locked": _("The log-in is locked: nothing of this is possible until it is unlocked."),
        "waiting": _("The log-in is locked after wrong passwords."),
        "temporary": _("A password of their own must be chosen first."),
    }
    found = [said[state]] if state in said else []
    if second.required(user) and second.of(user) is None:
        found.append(
            _("A second factor must be set up first: one of the roles may issue, approve, administer or export.")
        )
    return found


def verdict(user: User, perm: Perm, place: Place) -> Verdict:
    """Whether this log-in may do that there, and why or why not."""
    holding = [one for one in grants(user) if perm in MAY[Role(one.role)]]
    here = [one for one in holding if place.code.startswith(one.place_id)]
    barred = bars(user)
    if here:
        return Verdict(not barred, [ground(one) for one in here] + barred)
    if holding:
        where = "、".join(f"{one.place.name} {one.place_id}" for one in holding)
        return Verdict(False, [_("They hold it only at %(places)s and below.") % {"places": where}, *barred])
    says = _("No role of theirs includes it. Roles that do: %(roles)s.") % {"roles": giving(perm) or _("none")}
    return Verdict(False, [says, *barred])


def posts(user: User) -> list[Appointment]:
    """The posts of the person behind the log-in: their work is on the to-do list, whatever the roles."""
    if user.person_id is None:
        return []
    rows = Appointment.objects.filter(person=user.person_id, until=None).select_related("post__place")
    return list(rows.order_by("post__place_id", "pk"))


def holders(place: Place) -> QuerySet[Grant]:
    """Every role in force that reaches this place: its own, and those of the places above."""
    above = [place.code[:length] for length in range(1, len(place.code) + 1)]
    rows = Grant.objects.in_force().filter(place_id__in=above, user__is_active=True)
    return rows.select_related("place", "user", "granted_by", "source__user")


def with_perm(rows: QuerySet[Grant], perm: str) -> QuerySet[Grant]:
    return rows.filter(role__in=[role for role in Role if Perm(perm) in MAY[role]])
