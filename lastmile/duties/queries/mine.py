"""Everything one person owes, across all their hats."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.community.accounts.models import User
from lastmile.community.people.models import Appointment, Leave, Person
from lastmile.duties.models import Obligation, Reached, State
from lastmile.kernel import clock
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

LATELY = timedelta(days=1)  # so long what I closed can be taken back
FIRST = ("-danger", "due_at", "pk")  # what can hurt people first, then what is due first


@dataclass(frozen=True)
class Hats:
    """In what capacities somebody owes things now."""

    user: int | None = None
    person: int | None = None
    posts: tuple[int, ...] = ()  # held, or deputised while the holder is away or missing
    deputised: tuple[int, ...] = ()  # those of `posts` that are acted for as deputy
    standby: tuple[int, ...] = ()  # deputised while the holder is there: theirs once silence reaches them
    perms: dict[str, list[str]] = field(default_factory=dict)  # place prefix → permissions


def hats(who: User | Person) -> Hats:
    """The hats of a log-in, or of a person (who then has no permissions)."""
    user = who if isinstance(who, User) else None
    person = who.person_id if isinstance(who, User) else who.pk
    held, acting, standby = _posts(person)
    perms = _perms(user) if user else {}
    return Hats(user.pk if user else None, person, held + acting, acting, standby, perms)


def _perms(user: User) -> dict[str, list[str]]:
    by_place: dict[str, list[str]] = defaultdict(list)
    for perm in Perm:
        for prefix in user.scopes(perm):
            by_place[prefix].append(perm.value)
    return dict(by_place)


def _posts(person: int | None) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Posts that the person (holds, acts for as deputy, stands by for)."""
    if person is None:
        return (), (), ()
    own = Appointment.objects.filter(person=person, until=None, post__closed_on=None).values_list("post", "role")
    held = tuple(post for post, role in own if role == Appointment.Role.HOLDER)
    second = [post for post, role in own if role == Appointment.Role.DEPUTY]
    if not second:
        return held, (), ()
    day = clock.today()
    away = Leave.objects.filter(first_day__lte=day, last_day__gte=day).values("person")
    holders = Appointment.objects.filter(
        post__in=second, role=Appointment.Role.HOLDER, until=None, person__left_on=None
    )
    there = set(holders.exclude(person__in=away).values_list("post", flat=True))
    return held, tuple(p for p in second if p not in there), tuple(p for p in second if p in there)


def _owed(worn: Hats) -> Q:
    """Each arm of the condition has its own partial index; the database joins them by bitmap."""
    now = clock.now()
    condition = Q(post__in=worn.posts) if worn.posts else Q(pk__in=[])
    if worn.standby:
        condition |= Q(post__in=worn.standby, reached__gte=Reached.DEPUTY)
    if worn.posts:
        condition |= Q(superior__in=worn.posts, reached=Reached.SUPERIOR)
    if worn.person is not None:
        condition |= Q(person=worn.person) | Q(delegated_to=worn.person, delegated_until__gt=now)
    for prefix, perms in worn.perms.items():
        condition |= Q(perm__in=perms, place__code__startswith=prefix)
    return condition


def todo(who: User | Person, worn: Hats | None = None) -> QuerySet[Obligation]:
    """What the person owes and has not closed, dangerous things first. Also what they have put off or delegated."""
    worn = worn or hats(who)
    rows = Obligation.objects.filter(_owed(worn), closed_at=None)
    if worn.user is not None:  # four eyes: whoever is named in `detail.not` is not asked
        rows = rows.exclude(detail__contains={"not": [worn.user]})
    return rows.select_related("place", "post__place").order_by(*FIRST)


def lately(user: User) -> QuerySet[Obligation]:
    """What this log-in closed within the last day, newest first: it can be taken back."""
    rows = Obligation.objects.filter(closed_by=user.pk, closed_at__gt=clock.now() - LATELY)
    return rows.exclude(state=State.WITHDRAWN).select_related("place", "post__place").order_by("-closed_at")


def mine(user: User, pk: int) -> Obligation:
    """One that this log-in may act on: it is or was on their to-do, or they closed it. Raises NotFound.

    Closed ones are found as well, so that who comes too late hears what happened instead of “no such entry”.
    """
    rows = Obligation.objects.filter(_owed(hats(user)) | Q(closed_by=user.pk), pk=pk)
    found = rows.exclude(detail__contains={"not": [user.pk]}).select_related("place", "post__place").first()
    if found is None:
        raise NotFound(_("This is not, or no longer, on your list."), _("Reload the list to see what is."))
    return found


def waits(worn: Hats) -> Q:
    """Put off, or delegated to somebody else: on the list, but not now."""
    now = clock.now()
    away = Q(delegated_to__isnull=False, delegated_until__gt=now)
    if worn.person is not None:
        away &= ~Q(delegated_to=worn.person)
    return Q(snoozed_until__isnull=False, snoozed_until__gt=now) | away
