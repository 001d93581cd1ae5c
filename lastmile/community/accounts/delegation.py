"""Handing a role on for some days: leave, night duty, a second desk in a storm.

Whoever holds a role lets a colleague hold the same at the same place until a day and hour, with a reason. It ends by
itself, ends with the role it comes from, and is taken back or given back before that by one tap. None of the three
offices is handed on (三员分立), nobody who holds one of them takes a role this way, and what was handed on stays with
whoever has it. The colleague acts under their own name; who wrote a warning still can't approve it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from lastmile.community.accounts.actions import end_expired
from lastmile.community.accounts.models import Grant, User
from lastmile.community.accounts.roles import THREE_OFFICERS, Role
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal

TOLD: Final = timedelta(days=14)  # that something has ended
LONGEST: Final = timedelta(days=31)  # longer than that is a change of holder, which the security administrator makes


def mine(user: User) -> list[Grant]:
    """The roles that this log-in may hand on."""
    rows = Grant.objects.in_force().filter(user=user, source=None).exclude(role__in=THREE_OFFICERS)
    return list(rows.select_related("place").order_by("place_id", "role"))


def colleagues(user: User) -> QuerySet[User]:
    """Log-ins with a role at, above or below a place of this one's, and none of the three offices."""
    related = Q(pk__in=[])
    for held in mine(user):
        above = [held.place_id[:length] for length in range(2, len(held.place_id))]
        related |= Q(place__code__startswith=held.place_id) | Q(place_id__in=above)
    there = Grant.objects.in_force().filter(related).values("user")
    offices = Grant.objects.in_force().filter(role__in=THREE_OFFICERS).values("user")
    rows = User.objects.filter(pk__in=there, is_active=True).exclude(pk__in=offices).exclude(pk=user.pk)
    return rows.order_by("display_name", "pk")


@transaction.atomic
def hand_on(owner: User, grant_id: int, name: str, until: datetime, reason: str) -> Grant:
    """Let the colleague of this user name hold one of the owner's roles too, until then.

    Raises NotFound for a role that is not the owner's to hand on, Refusal for a time or colleague that can't be, and
    Conflict when they hold it already.
    """
    held = next((one for one in mine(owner) if one.pk == grant_id), None)
    if held is None:
        raise NotFound(_("This role is not yours to hand on."), _("Choose one of your own roles."))
    _in_time(until)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise Refusal(_("A reason is missing."), _("Say why you hand the role on, as “on leave until Monday”."))
    other = colleagues(owner).filter(username=name.strip()).select_for_update().first()
    if other is None:
        raise Refusal(
            _("“%(name)s” can't take this role.") % {"name": name[:40]},
            _("Choose a colleague with a role at, above or below your place who holds none of the three offices."),
        )
    end_expired(Grant.objects.filter(user=other))
    now = clock.now()
    made, new = Grant.objects.get_or_create(
        user=other,
        role=held.role,
        place=held.place,
        ended_at=None,
        defaults={"granted_by": owner, "granted_at": now, "until": until, "source": held, "reason": reason},
    )
    if not new:
        raise Conflict(
            _("%(name)s holds this role already.") % {"name": other.display_name}, _("Choose somebody else.")
        )
    audit.record(
        "accounts.handed_on", actor=owner, place=held.place_id, obj=other, role=held.role, until=until.isoformat()
    )
    return made


def _in_time(until: datetime) -> None:
    now = clock.now()
    if until <= now:
        raise Refusal(_("This time is over already."), _("Choose a later one."))
    if until > now + LONGEST:
        raise Refusal(
            _("A role is handed on for at most %(n)d days.") % {"n": LONGEST.days},
            _("Choose an earlier day, or ask the security administrator to give the role."),
        )


def around(user: User) -> list[Grant]:
    """What this log-in has handed on and what it was handed, in force."""
    rows = Grant.objects.in_force().filter(Q(source__user=user) | Q(user=user), source__isnull=False)
    return list(rows.select_related("user", "place", "source__user").order_by("until", "pk"))


@transaction.atomic
def end(user: User, pk: int) -> Grant:
    """Take back what one has handed on, or give back what one was handed. Raises NotFound, or Conflict once ended."""
    theirs = Q(source__user=user) | Q(user=user)
    row = Grant.objects.filter(theirs, pk=pk, source__isnull=False).select_related("user", "source__user").first()
    if row is None:
        raise NotFound(_("There is no such role."), _("Go back to your account."))
    if not Grant.objects.filter(pk=pk, ended_at=None).update(ended_at=clock.now(), ended_by=user):
        raise Conflict(_("This role has ended already."), _("Reload the page."))
    audit.record("accounts.grant_ended", actor=user, place=row.place_id, obj=row.user, role=Role(row.role).value)
    return row


class News(NamedTuple):
    """Something about a role handed on that a log-in has not said yet that it knows."""

    grant: Grant
    over: bool
    says: str


def news(user: User) -> list[News]:
    """What was handed to this log-in, and what has ended without its doing, the latest first."""
    handed = Grant.objects.filter(source__isnull=False).select_related("user", "place", "source__user", "ended_by")
    new = handed.in_force().filter(user=user, seen_at=None)
    lost = Q(user=user) & ~Q(ended_by=user)
    back = Q(source__user=user, ended_by=F("user"))
    over = handed.filter(lost | back, ended_at__gt=clock.now() - TOLD, end_seen_at=None)
    found = [News(one, False, _handed(one)) for one in new.order_by("-pk")]
    return [News(one, True, _over(user, one)) for one in over.order_by("-ended_at", "-pk")] + found


def _handed(grant: Grant) -> str:
    return _("%(name)s has handed you “%(role)s” at %(place)s until %(until)s: %(reason)s") % _told(grant)


def _over(user: User, grant: Grant) -> str:
    if grant.user_id != user.pk:
        return _("%(holder)s has given “%(role)s” at %(place)s back to you.") % _told(grant)
    if grant.source and grant.ended_by_id == grant.source.user_id:
        return _("%(name)s has taken “%(role)s” at %(place)s back.") % _told(grant)
    return _("“%(role)s” at %(place)s, handed to you by %(name)s, has ended.") % _told(grant)


def _told(grant: Grant) -> dict[str, str]:
    until = date_format(localtime(grant.until), "Y-m-d H:i") if grant.until else ""
    return {
        "name": grant.source.user.display_name if grant.source else "",
        "holder": grant.user.display_name,
        "role": grant.get_role_display(),
        "place": grant.place.name,
        "until": until,
        "reason": grant.reason,
    }


def seen(user: User, pk: int) -> Grant:
    """This log-in knows. Raises NotFound for what is no news of theirs."""
    for one in news(user):
        if one.grant.pk == pk:
            Grant.objects.filter(pk=pk).update(**{"end_seen_at" if one.over else "seen_at": clock.now()})
            return one.grant
    raise NotFound(_("There is no such role."), _("Go back to your account."))
