"""Who answers for a place: posts, holders, deputies and leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from lastmile.community.org.models import Post, ancestors
from lastmile.community.people.models import Appointment, Leave
from lastmile.community.people.queries.statements import fetch
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


class Responsible(NamedTuple):
    """One post and the person who answers for it on a day."""

    person: int
    place: str
    site: int | None
    post: int
    title: str
    standing_in: bool  # the deputy, because the holder is on leave or missing
    away: bool  # on leave as well: nobody else holds the post


def responsible(codes: Sequence[str], day: date) -> list[Responsible]:
    """Whoever must answer a warning for these places: posts under the codes, their special sites, and the levels above.

    One row for each post that somebody holds; a person with two hats appears twice.
    """
    prefixes = sorted(set(codes))
    above = sorted({code for prefix in prefixes for code in ancestors(prefix)})
    rows = fetch("responsible", prefixes=prefixes, above=above, day=day)
    return [
        Responsible(person, place, site, post, title, role == Appointment.Role.DEPUTY, away)
        for person, place, site, post, title, role, away in rows
    ]


@dataclass
class Held:
    """A post as its place's page shows it: who holds it, who stands in, who answers today."""

    post: Post
    holder: Appointment | None = None
    deputy: Appointment | None = None
    away: set[int] = field(default_factory=set)  # persons on leave today

    @property
    def answers(self) -> Appointment | None:
        """The holder, or the deputy while the holder is away; as `responsible` has it."""
        both = [held for held in (self.holder, self.deputy) if held is not None]
        present = [held for held in both if held.person_id not in self.away]
        return next(iter(present or both), None)

    @property
    def holder_away(self) -> bool:
        return self.holder is not None and self.holder.person_id in self.away

    @property
    def deputy_away(self) -> bool:
        return self.deputy is not None and self.deputy.person_id in self.away


def held_posts(place: str, day: date) -> list[Held]:
    """Every open post of the place itself and of its special sites, with the people in them."""
    posts = Post.objects.filter(place=place, closed_on=None).select_related("site").order_by("site", "kind", "title")
    shown = {post.pk: Held(post) for post in posts if post.site is None or post.site.closed_on is None}
    current = Appointment.objects.filter(post__in=list(shown), until=None, person__left_on=None)
    rows = list(current.select_related("person"))
    persons = [row.person_id for row in rows]
    away = Leave.objects.filter(person__in=persons, first_day__lte=day, last_day__gte=day)
    away_persons = set(away.values_list("person", flat=True))
    for row in rows:
        setattr(shown[row.post_id], row.role, row)
        shown[row.post_id].away |= away_persons & {row.person_id}
    return list(shown.values())


def staff(actor: Actor) -> QuerySet[Appointment]:
    """Everybody who holds a post in the actor's area now, with `away`: whether they are on leave today."""
    day = clock.today()
    leave = Leave.objects.filter(person=OuterRef("person"), first_day__lte=day, last_day__gte=day)
    rows = Appointment.objects.filter(within(actor.scopes(Perm.POST_READ), "post__place__code"), until=None)
    return rows.filter(post__closed_on=None).select_related("post__place", "person").annotate(away=Exists(leave))
