"""Read responsibility lists: of a post, of one person across all hats, of an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.duties.models.responsibility import DutyList, DutySignature
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User
    from lastmile.kernel.permissions import Actor

FIELDS = ("duty", "basis", "frequency", "deadline", "evidence", "takes_over")
HOLDER = Appointment.objects.filter(until=None, role=Appointment.Role.HOLDER, person__left_on=None)


def in_force(post: Post) -> DutyList | None:
    return DutyList.objects.filter(post=post, replaced_at=None).first()


def versions(post: Post) -> QuerySet[DutyList]:
    """Every version of a post's list, the newest first."""
    return DutyList.objects.filter(post=post).order_by("-version").prefetch_related("signatures")


def unsigned() -> QuerySet[DutyList]:
    """Lists in force that today's holder has not signed."""
    holder = HOLDER.filter(post=OuterRef("post"))
    signed = DutySignature.objects.filter(
        list=OuterRef("pk"),
        person__appointments__post=OuterRef("post"),
        person__appointments__until=None,
        person__appointments__role=Appointment.Role.HOLDER,
    )
    rows = DutyList.objects.filter(Exists(holder), ~Exists(signed), replaced_at=None, post__closed_on=None)
    return rows.select_related("post")


def orphaned() -> QuerySet[DutyList]:
    """Lists in force of posts that nobody holds: duties without holder."""
    holder = HOLDER.filter(post=OuterRef("post"))
    return DutyList.objects.filter(~Exists(holder), replaced_at=None, post__closed_on=None).select_related("post")


def posts(actor: Actor) -> QuerySet[Post]:
    """Every open post of the actor's area with `stands`: none, unsigned, signed."""
    held = DutyList.objects.filter(post=OuterRef("pk"), replaced_at=None)
    waiting = unsigned().filter(post=OuterRef("pk"))
    rows = Post.objects.filter(within(actor.scopes(Perm.POST_READ), "place__code"), closed_on=None)
    stands = Case(
        When(~Exists(held), then=Value("none")),
        When(Exists(waiting), then=Value("unsigned")),
        When(Exists(HOLDER.filter(post=OuterRef("pk"))), then=Value("signed")),
        default=Value("vacant"),
        output_field=CharField(),
    )
    return rows.select_related("place", "site").annotate(stands=stands)


@dataclass(frozen=True)
class Mine:
    """One of a person's lists, and in which capacity it is theirs."""

    list: DutyList
    deputy: bool
    signed: bool

    @property
    def to_sign(self) -> bool:
        return not self.deputy and not self.signed


def mine(user: User) -> list[Mine]:
    """The lists of every post the person holds, then of those they are deputy of."""
    if user.person_id is None:
        return []
    roles = dict(
        Appointment.objects.filter(person=user.person_id, until=None, post__closed_on=None).values_list("post", "role")
    )
    signed = set(DutySignature.objects.filter(person=user.person_id).values_list("list", flat=True))
    rows = DutyList.objects.filter(post__in=roles, replaced_at=None).select_related("post__place", "post__site")
    found = [Mine(row, roles[row.post_id] == Appointment.Role.DEPUTY, row.pk in signed) for row in rows]
    return sorted(found, key=lambda one: (one.deputy, one.list.post.place_id, one.list.post.title))


def merged(lists: list[Mine]) -> list[dict[str, Any]]:
    """Every line of one's own posts once; what several hats share names them all. No person is asked twice."""
    lines: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in lists:
        for line in one.list.lines:
            key = (line["duty"], line["frequency"], line["deadline"])
            entry = lines.setdefault(key, {**line, "hats": [], "deputy": True})
            entry["hats"].append(one.list.post)
            entry["deputy"] = entry["deputy"] and one.deputy
    return list(lines.values())
