"""What nobody holds or serves: each kind of gap as rows with a place code, counted by place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Left
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.models import Appointment, Contact, Household, Person
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

STALE_AFTER = timedelta(days=365)
CURRENT = {"until": None, "person__left_on": None}


@dataclass(frozen=True)
class GapKind:
    """`rows` finds the gaps; `at` is the field that holds each one's place code."""

    name: str
    label: str | Promise
    mend: str | Promise
    rows: Callable[[], QuerySet[Any]]
    at: str = "place_id"


def _held(role: str) -> Exists:
    return Exists(Appointment.objects.filter(post=OuterRef("pk"), role=role, **CURRENT))


def _posts() -> QuerySet[Post]:
    return Post.objects.filter(Q(site=None) | Q(site__closed_on=None), closed_on=None)


def _grids() -> QuerySet[Place]:
    worker = Appointment.objects.filter(
        post__place=OuterRef("pk"), post__kind=Post.Kind.GRID_WORKER, post__closed_on=None, **CURRENT
    )
    return Place.objects.current().at(Level.GRID).filter(~Exists(worker))


def _vacant() -> QuerySet[Post]:
    return _posts().filter(~_held(Appointment.Role.HOLDER), site=None)


def _no_deputy() -> QuerySet[Post]:
    return _posts().filter(~_held(Appointment.Role.DEPUTY), must_answer=True)


def _usable(person: str) -> Exists:
    return Exists(Contact.objects.filter(person=OuterRef(person), usable=True))


def _silent() -> QuerySet[Household]:
    usable = Contact.objects.filter(person__household=OuterRef("pk"), person__left_on=None, usable=True)
    return Household.objects.filter(~Exists(usable), moved_out_on=None, residents__gt=0)


def _unguarded() -> QuerySet[Person]:
    """Vulnerable, and either nobody looks after them, or neither they nor their guardian can be reached."""
    lost = Q(guardian=None) | Q(guardian__left_on__isnull=False) | (~_usable("pk") & ~_usable("guardian"))
    return Person.objects.filter(lost, vulnerable=True, left_on=None)


def _stale() -> QuerySet[Contact]:
    rows = Contact.objects.filter(usable=True, person__left_on=None)
    known = Coalesce(F("confirmed_at"), F("person__updated_at"))
    return rows.annotate(known=known).filter(known__lt=clock.now() - STALE_AFTER)


def _sites() -> QuerySet[SpecialSite]:
    keeper = Appointment.objects.filter(
        post__site=OuterRef("pk"), post__closed_on=None, role=Appointment.Role.HOLDER, **CURRENT
    )
    return SpecialSite.objects.filter(~Exists(keeper), closed_on=None)


KINDS = [
    GapKind("grid", _("grid without a worker"), _("Appoint a grid worker on the page of the grid."), _grids, "code"),
    GapKind("vacant", _("post that nobody holds"), _("Appoint a holder on the page of the place."), _vacant),
    GapKind("deputy", _("post without a deputy"), _("Appoint a deputy, so that leave leaves no hole."), _no_deputy),
    GapKind("silent", _("household without any contact"), _("Ask at the door for one phone number."), _silent),
    GapKind(
        "unguarded",
        _("vulnerable resident whom nobody can reach"),
        _("Name a guardian with a phone: a relative or a neighbour."),
        _unguarded,
    ),
    GapKind(
        "stale",
        _("contact not confirmed for a year"),
        _("Call once; enter it again when it is right."),
        _stale,
        "person__place_id",
    ),
    GapKind(
        "site",
        _("special site without a responsible person"),
        _("Appoint somebody who answers for it on the page of the place."),
        _sites,
    ),
]
BY_NAME = {kind.name: kind for kind in KINDS}


def gaps(actor: Actor, kind: GapKind, prefix: str = "") -> QuerySet[Any]:
    """The gaps of one kind under the prefix that the actor may see, with `code`: where each is."""
    rows = kind.rows().annotate(gap_code=F(kind.at))
    found: QuerySet[Any] = rows.filter(within(actor.scopes(Perm.GAPS_READ), "gap_code"), gap_code__startswith=prefix)
    return found


def counted(actor: Actor, prefix: str, length: int) -> dict[str, dict[str, int]]:
    """Kind → code of `length` digits → how many, for every kind at once."""
    found: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        parts = gaps(actor, kind, prefix).order_by().annotate(part=Left("gap_code", length)).values("part")
        found[kind.name] = {row["part"]: row["n"] for row in parts.annotate(n=Count("pk"))}
    return found
