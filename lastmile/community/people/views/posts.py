"""Posts: who holds them at a place, appoint, end, leave; the list of all staff."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org.models import Post
from lastmile.community.people import actions, queries
from lastmile.community.people.filled import filled
from lastmile.community.people.forms import AppointForm, LeaveForm
from lastmile.community.people.models import Appointment
from lastmile.community.people.queries import scope
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import NotFound
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Actor, Perm, may


@require_GET
@needs(Perm.POST_READ)
def of_place(request: HttpRequest, code: str) -> HttpResponse:
    """A part of the place's page: its posts, who holds them, and who answers today."""
    place = scope.place(actor(request), code, Perm.POST_READ)
    context = {
        "title": _("Posts of %(place)s") % {"place": place.name},
        "place": place,
        "posts": queries.held_posts(code, clock.today()),
        "may_edit": may(actor(request), Perm.POST_EDIT, code),
        "may_gaps": may(actor(request), Perm.GAPS_READ, code),
        "may_households": may(actor(request), Perm.HOUSEHOLD_READ, code),
    }
    template = "people/posts.html" if request.headers.get("HX-Request") else "people/posts_page.html"
    return render(request, template, context)


@require_GET
@needs(Perm.POST_READ)
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who holds a post in the person's area, to find and to export, masked."""
    page = ListPage(
        request,
        queries.staff(actor(request)),
        columns=staff_columns(actor(request)),
        search=["post__title", "post__place__name", "post__department"],
        filters=[
            Choice("post__kind", _("Post"), Post.Kind.choices),
            Choice("role", _("Holder or deputy"), Appointment.Role.choices),
            Choice("away", _("Leave"), [("True", _("on leave today"))]),
        ],
        order=["post__place", "post__kind", "-role"],
        filename="staff",
    )
    hint = _("Open a place and appoint people to its posts.")
    return page.response(request, title=_("Staff"), empty_title=_("Nobody holds a post yet."), empty_hint=hint)


def staff_columns(who: Actor) -> list[Column]:
    columns = [
        Column("place", _("Place"), lambda a: a.post.place.name, "post__place", link=_posts_link),
        Column("post", _("Post"), lambda a: a.post.title, "post__title"),
        Column("role", _("Role"), lambda a: a.get_role_display(), "role"),
        Column("person", pgettext("person", "Name"), lambda a: a.person.name.masked()),
        Column("department", _("Department"), lambda a: a.post.department, "post__department", phone=False),
        Column("away", _("Today"), lambda a: _("on leave") if a.away else _("there"), badge=_away_badge),
        Column("since", _("Since"), sort="since", phone=False),
    ]
    return [*columns, _evidence(who)] if who.scopes(Perm.CALL_ACT) else columns


def _evidence(who: Actor) -> Column:
    """What warnings asked of each and what they did, for whoever calls people there; each look is noted."""

    def theirs(appointment: Any) -> bool:
        return may(who, Perm.CALL_ACT, appointment.post.place_id)

    return Column(
        "evidence",
        _("Evidence of duty"),
        value=lambda held: _("open") if theirs(held) else "",
        link=lambda held: reverse("calls:person", args=[held.person_id]) if theirs(held) else "",
        exported=False,
    )


def _posts_link(appointment: Any) -> str:
    return reverse("place_posts", args=[appointment.post.place_id])


def _away_badge(appointment: Any) -> str:
    return "yellow" if appointment.away else "green"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def appoint(request: HttpRequest, pk: int, role: str) -> HttpResponse:
    who = actor(request)
    post = scope.post(who, pk)
    if role not in Appointment.Role.values:
        raise NotFound(_("There is no such role in a post."), _("Choose holder or deputy on the page of the place."))
    form = AppointForm(request.POST or None)

    def write(data: dict[str, Any]) -> HttpResponse:
        actions.appoint_by_phone(post, role, by=who, **data)
        messages.success(request, _("Appointed from today."))
        return redirect("place_posts", post.place_id)

    names = {"role": Appointment.Role(role).label, "post": post.title, "place": post.place.name}
    title = _("%(post)s of %(place)s: appoint the %(role)s") % names
    return filled(request, form, write, title=title, back=["place_posts", post.place_id])


@require_POST
@needs(Perm.POST_EDIT)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = scope.appointment(actor(request), pk)
    actions.end_appointment(appointment, by=actor(request))
    messages.success(request, _("Ended today. The post is listed as a gap until somebody is appointed."))
    return redirect("place_posts", appointment.post.place_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    who = actor(request)
    appointment = scope.appointment(who, pk)
    form = LeaveForm(request.POST or None, initial={"first_day": clock.today().isoformat()})

    def write(data: dict[str, Any]) -> HttpResponse:
        actions.take_leave(appointment.person, by=who, **data)
        messages.success(request, _("Noted. The deputy stands in on these days, for every post of this person."))
        return redirect("place_posts", appointment.post.place_id)

    back = ["place_posts", appointment.post.place_id]
    return filled(request, form, write, title=_("Leave of %(post)s") % {"post": appointment.post.title}, back=back)


@require_POST
@needs(Perm.POST_EDIT)
def back(request: HttpRequest, pk: int) -> HttpResponse:
    appointment = scope.appointment(actor(request), pk)
    actions.end_leave(appointment.person, by=actor(request))
    messages.success(request, _("Back today."))
    return redirect("place_posts", appointment.post.place_id)
