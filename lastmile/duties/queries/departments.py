"""Read work of several departments, disputes and handovers; each only where the log-in may."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post, ancestors
from lastmile.community.people.models import Appointment, Contact, Person
from lastmile.community.people.queries import held_posts
from lastmile.duties.models import Obligation
from lastmile.duties.models.department import Dispute
from lastmile.duties.models.handover import Handover
from lastmile.duties.queries.mine import todo
from lastmile.duties.queries.superiors import superior_of
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, NotFound
from lastmile.kernel.permissions import Perm, may, within

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User
    from lastmile.kernel.permissions import Actor

SIDES = ("obligation__place", "obligation__post", "by_post__place", "other__place", "judge__place", "decided__place")
OPEN_FIRST = ("-settled_at", "due_at", "pk")  # the database puts what has no time first
HELD = Exists(Appointment.objects.filter(post=OuterRef("pk"), until=None, person__left_on=None))


def posts_around(code: str) -> QuerySet[Post]:
    """Posts of a place and of the level right below that somebody holds: departments first."""
    return _held(Q(place=code) | Q(place__parent=code))


def posts_for(obligation: Obligation) -> QuerySet[Post]:
    """Who can be named in a dispute: between the level that will settle it and the places below the work."""
    judge = superior_of(obligation.post) if obligation.post else None
    return _between(judge.place_id if judge else obligation.place_id, obligation)


def posts_to_settle(row: Dispute) -> QuerySet[Post]:
    """Who the level above can decide on: from its own place down to the places below the work."""
    return _between(row.judge.place_id, row.obligation)


def _between(top: str, obligation: Obligation) -> QuerySet[Post]:
    bottom = obligation.place_id
    way = [code for code in (*ancestors(bottom), bottom) if code.startswith(top)]
    return _held(Q(place=top) | Q(place__parent=top) | Q(place__in=way) | Q(place__parent=bottom))


def _held(where: Q) -> QuerySet[Post]:
    rows = Post.objects.filter(HELD, where, closed_on=None, site=None)
    return rows.select_related("place").order_by("place", "-line", "title")


def posts_above(post: Post) -> QuerySet[Post]:
    """Who can be named as superior: held posts of the same place and of the places above."""
    rows = Post.objects.filter(HELD, place__in=[post.place_id, *ancestors(post.place_id)], closed_on=None, site=None)
    return rows.exclude(pk=post.pk).select_related("place").order_by("place", "title")


def joint(user: User, pk: int) -> tuple[Obligation, list[Obligation]]:
    """The whole and its parts, for everybody who owes one of them, and whoever may see the place. Raises NotFound."""
    whole = Obligation.objects.select_related("place", "post__place").filter(pk=pk).first()
    if whole is not None:
        parts = list(whole.parts.select_related("post__place").order_by("pk"))
        mine = todo(user).filter(Q(pk=pk) | Q(parent=pk)).exists()
        if mine or may(user, Perm.DUTY_READ, whole.place_id):
            return whole, parts
    raise NotFound(_("There is no such work, or it is outside your area."), _("Go back to your list."))


def dispute(user: User, pk: int) -> tuple[Dispute, bool]:
    """A dispute, and whether this log-in settles it. Both sides and whoever may see the place read it."""
    row = Dispute.objects.select_related(*SIDES).filter(pk=pk).first()
    if row is not None:
        judge = todo(user).filter(kind="duties.dispute", key=str(pk)).exists()
        sides = Appointment.objects.filter(person=user.person_id or 0, post__in=[row.by_post_id, row.other_id or 0])
        if judge or sides.filter(until=None).exists() or may(user, Perm.DUTY_READ, row.obligation.place_id):
            return row, judge
    raise NotFound(_("There is no such dispute, or it is outside your area."), _("Go back to your list."))


def disputes(actor: Actor) -> QuerySet[Dispute]:
    """Those of the area, open ones first, what is due soonest on top."""
    rows = Dispute.objects.filter(within(actor.scopes(Perm.DUTY_READ), "obligation__place__code"))
    return rows.select_related(*SIDES).order_by(*OPEN_FIRST)


def to_settle(user: User, pk: int) -> Dispute:
    """A dispute that this log-in settles. Raises NotFound, or NotAllowed for who may only look."""
    row, judge = dispute(user, pk)
    if not judge and row.settled_at is None:
        raise NotAllowed(_("The level above settles this dispute."), _("See its page for who that is and until when."))
    return row


def handover(user: User, pk: int) -> tuple[Handover, bool]:
    """A handover, and whether this log-in may write on it: both sides, and whoever edits the post."""
    row = Handover.objects.select_related("post__place", "post__site").filter(pk=pk).first()
    if row is not None:
        side = user.person_id is not None and user.person_id in (row.before_id, row.after_id)
        if side or may(user, Perm.POST_EDIT, row.post.place_id):
            return row, True
        if may(user, Perm.POST_READ, row.post.place_id):
            return row, False
    raise NotFound(_("There is no such handover, or it is outside your area."), _("Go back to your list."))


def to_write(user: User, pk: int) -> Handover:
    """A handover this log-in may write on. Raises NotFound, or NotAllowed for who may only look."""
    row, may_write = handover(user, pk)
    if not may_write:
        raise NotAllowed(_("You may look at this handover, not write on it."), _("Its two sides do that."))
    return row


class Beside(NamedTuple):
    """Somebody the new holder will have to call: a post, who answers for it today, and a number, masked."""

    post: Post
    person: Person | None
    number: str


def beside(post: Post) -> list[Beside]:
    """The superior first, then the other posts of the place."""
    above = superior_of(post)
    held = [held for held in held_posts(above.place_id, clock.today()) if held.post == above] if above else []
    held += [held for held in held_posts(post.place_id, clock.today()) if held.post not in (post, above)]
    persons = [one.answers.person for one in held if one.answers]
    rows = Contact.objects.filter(person__in=persons, kind=Contact.Kind.PHONE, usable=True).order_by("-rank", "-pk")
    numbers = {contact.person_id: str(contact.value.masked()) for contact in rows}
    people = [(one.post, one.answers.person if one.answers else None) for one in held]
    return [Beside(post, person, numbers.get(person.pk, "") if person else "") for post, person in people]


def handovers(post: Post) -> QuerySet[Handover]:
    """The last few times the post changed hands."""
    return Handover.objects.filter(post=post)[:5]


def handed_over(row: Handover) -> QuerySet[Obligation]:
    """What is open on the post: it stays with the post, so the new holder has it already."""
    rows = Obligation.objects.filter(post=row.post_id, closed_at=None).exclude(kind="duties.handover")
    return rows.order_by("-danger", "due_at", "pk")
