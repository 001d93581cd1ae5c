"""Posts, deputies, grid workers and special sites that nobody holds, holds too many of, or can call."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.actions import save_post
from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.actions import appoint_by_phone, confirm_contact
from lastmile.community.people.forms import AppointForm
from lastmile.community.people.models import Appointment, Contact, Household
from lastmile.duties.forms.gaps import ConfirmForm
from lastmile.duties.gaps import Limit, Mend, Rule, limited
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

CURRENT = {"until": None, "person__left_on": None}
GRID_WORKER = "网格员"  # the title that the generator and the workbook use too


def held(role: str) -> Exists:
    return Exists(Appointment.objects.filter(post=OuterRef("pk"), role=role, **CURRENT))


def open_posts() -> QuerySet[Post]:
    rows = Post.objects.filter(Q(site=None) | Q(site__closed_on=None), closed_on=None)
    return rows.select_related("place")


def grids_without_worker() -> QuerySet[Place]:
    worker = Appointment.objects.filter(
        post__place=OuterRef("pk"), post__kind=Post.Kind.GRID_WORKER, post__closed_on=None, **CURRENT
    )
    return Place.objects.current().at(Level.GRID).filter(~Exists(worker))


def vacant() -> QuerySet[Post]:
    return open_posts().filter(~held(Appointment.Role.HOLDER), site=None)


def without_deputy() -> QuerySet[Post]:
    return open_posts().filter(~held(Appointment.Role.DEPUTY), must_answer=True)


def sites_alone() -> QuerySet[SpecialSite]:
    keeper = Appointment.objects.filter(
        post__site=OuterRef("pk"), post__closed_on=None, role=Appointment.Role.HOLDER, **CURRENT
    )
    return SpecialSite.objects.filter(~Exists(keeper), closed_on=None)


def overloaded() -> QuerySet[Appointment]:
    """Workers who serve more households than their place allows: one row a worker, at the first of their grids."""
    homes = Household.objects.filter(place=OuterRef("post__place"), moved_out_on=None).order_by()
    in_grid = Subquery(homes.values("place").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    serving = Appointment.objects.filter(
        post__kind=Post.Kind.GRID_WORKER, post__closed_on=None, role=Appointment.Role.HOLDER, **CURRENT
    )
    sums = serving.annotate(homes=Coalesce(in_grid, 0))
    other = sums.filter(person=OuterRef("person")).order_by().values("person")
    first = serving.filter(person=OuterRef("person"), pk__lt=OuterRef("pk"))
    total = Subquery(other.annotate(n=Sum("homes")).values("n"), output_field=IntegerField())
    rows = serving.filter(~Exists(first)).annotate(homes=total).select_related("post__place", "person")
    return rows.filter(limited("overload", "post__place__code", lambda most: Q(homes__gt=most)))


def untested() -> QuerySet[Contact]:
    """Numbers of those who must answer a warning, on which nobody has spoken to them for a long time.

    Read from the few appointments up; asked of each of a million contacts, it took 3 s in a city.
    """
    duties = Appointment.objects.filter(post__must_answer=True, post__closed_on=None, until=None)
    first = duties.order_by().values("person").annotate(first=Min("pk")).values("first")  # who has two counts once
    rows = Contact.objects.filter(usable=True, person__left_on=None, person__appointments__in=first).annotate(
        at=F("person__appointments__post__place"), known=Coalesce("confirmed_at", "person__updated_at")
    )
    now = clock.now()
    too_old = limited("untested", "at", lambda days: Q(known__lt=now - timedelta(days=days)))
    return rows.filter(too_old).select_related("person")


def appoint_to(post: Post, role: str, data: dict[str, Any], by: Actor) -> None:
    appoint_by_phone(post, role, by=by, **data)


def _appoint(role: str) -> Mend:
    def act(post: Post, data: dict[str, Any], by: Actor) -> None:
        appoint_to(post, role, data, by)

    return Mend(Perm.POST_EDIT, AppointForm, act)


def _appoint_worker(grid: Place, data: dict[str, Any], by: Actor) -> None:
    """The grid's post is opened first if it has none."""
    kind = Post.Kind.GRID_WORKER
    post = Post.objects.filter(place=grid, kind=kind, closed_on=None).first()
    post = post or save_post(Post(place=grid), by=by, kind=kind, title=GRID_WORKER, must_answer=True)
    appoint_by_phone(post, Appointment.Role.HOLDER, by=by, **data)


def _appoint_keeper(site: SpecialSite, data: dict[str, Any], by: Actor) -> None:
    post = Post.objects.filter(site=site, kind=Post.Kind.SITE, closed_on=None).first()
    title = f"{site.name}负责人"[:100]
    post = post or save_post(Post(place_id=site.place_id, site=site), by=by, kind=Post.Kind.SITE, title=title)
    appoint_by_phone(post, Appointment.Role.HOLDER, by=by, **data)


def _confirm(contact: Contact, data: dict[str, Any], by: Actor) -> None:
    confirm_contact(contact, by=by)


def _posts_of(code: str) -> str:
    return reverse("place_posts", args=[code])


RULES = [
    Rule(
        "grid", _("grid without a worker"), _("Appoint a grid worker; one phone number is enough."), Level.VILLAGE,
        grids_without_worker, what=lambda grid: grid.name, url=lambda grid: _posts_of(grid.code), at="code", danger=3,
        mend=Mend(Perm.POST_EDIT, AppointForm, _appoint_worker),
    ),
    Rule(
        "site", _("special site without a responsible person"),
        _("Appoint somebody who answers for it and can be called at night."), Level.VILLAGE,
        sites_alone, what=lambda site: site.name, url=lambda site: reverse("site", args=[site.pk]), danger=3,
        mend=Mend(Perm.POST_EDIT, AppointForm, _appoint_keeper),
    ),
    Rule(
        "vacant", _("post that nobody holds"), _("Appoint a holder."), Level.TOWNSHIP,
        vacant, what=lambda post: post.title, url=lambda post: _posts_of(post.place_id), danger=2, superior=True,
        mend=_appoint(Appointment.Role.HOLDER),
    ),
    Rule(
        "deputy", _("post without a deputy"), _("Appoint a deputy, so that leave leaves no hole."), Level.VILLAGE,
        without_deputy, what=lambda post: post.title, url=lambda post: _posts_of(post.place_id), danger=1,
        mend=_appoint(Appointment.Role.DEPUTY),
    ),
    Rule(
        "overload", _("grid worker with too many households"),
        _("Give some of the grids to another worker, or divide a large grid."), Level.TOWNSHIP,
        overloaded, what=lambda held: f"{held.post.title} {held.person.name.masked()} · {held.homes}",
        url=lambda held: _posts_of(held.post.place_id), at="post__place_id", danger=1,
        limit=Limit(500, _("households of one worker"), 5000),
    ),
    Rule(
        "untested", _("number of a responsible person not tried for long"),
        _("Call once. If they answer, say so here; if not, enter the new number."), Level.TOWNSHIP,
        untested, what=lambda contact: f"{contact.person.name.masked()} {contact.value.masked()}",
        url=lambda contact: _posts_of(contact.at), at="at", danger=2,
        mend=Mend(Perm.POST_EDIT, ConfirmForm, _confirm), limit=Limit(90, _("days since the last answer"), 3650),
    ),
]  # fmt: skip
