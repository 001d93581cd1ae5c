"""Posts: which duties exist where. Who holds them is in `people`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.org import actions, queries
from lastmile.community.org.forms import PostForm
from lastmile.community.org.models import Line, Place, Post
from lastmile.community.org.views.filled import filled
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Actor, Perm, may


def columns(who: Actor) -> list[Column]:
    def link(post: Post) -> str:
        return reverse("post_edit", args=[post.pk]) if may(who, Perm.POST_EDIT, post.place_id) else ""

    return [
        Column("title", _("Title"), sort="title", link=link),
        Column("kind", _("Kind"), value=lambda p: p.get_kind_display(), sort="kind", phone=False),
        Column("place", _("Place"), sort="place_id", link=lambda p: reverse("place", args=[p.place_id])),
        Column("site", _("Special site"), phone=False),
        Column("department", _("Department"), sort="department", phone=False),
        Column("line", _("Belongs to"), value=lambda p: p.get_line_display(), sort="line", phone=False),
        Column("must_answer", _("Must confirm"), value=lambda p: _("yes") if p.must_answer else _("no")),
    ]


@require_GET
@needs(Perm.POST_READ)
def listing(request: HttpRequest) -> HttpResponse:
    listed = ListPage(
        request,
        queries.posts_of(actor(request)),
        columns=columns(actor(request)),
        search=["title", "department", "place__name", "site__name"],
        filters=[
            Choice("kind", _("Kind"), Post.Kind.choices),
            Choice("line", _("Belongs to"), Line.choices),
            Choice("state", _("State"), [("open", _("in service")), ("closed", _("closed"))], apply=queries.in_state),
        ],
        order=("place", "kind", "title"),
        filename="posts",
    )
    hint = _("Open a place and add the posts that must answer a warning there.")
    return listed.response(request, title=_("Posts"), empty_title=_("No posts yet."), empty_hint=hint)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def add(request: HttpRequest, code: str) -> HttpResponse:
    place = queries.place(actor(request), code, Perm.POST_EDIT)
    initial = {"site": request.GET.get("site"), "kind": request.GET.get("kind"), "must_answer": True}
    form = PostForm(request.POST or None, at=place, initial=initial)
    title = _("Add a post in %(place)s") % {"place": place.name}
    return _form(request, form, place, Post(place=place), title)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    post = queries.post(actor(request), pk, Perm.POST_EDIT)
    form = PostForm(request.POST or None, at=post.place, instance=post)
    fresh = queries.post(actor(request), pk, Perm.POST_EDIT)
    return _form(request, form, post.place, fresh, _("Edit %(name)s") % {"name": fresh.title})


def _form(request: HttpRequest, form: PostForm, place: Place, post: Post, title: str) -> HttpResponse:
    def write(facts: dict[str, Any]) -> HttpResponse:
        actions.save_post(post, by=actor(request), **facts)
        messages.success(request, _("Saved."))
        return redirect("place", place.code)

    close = reverse("post_close", args=[post.pk]) if post.pk and post.closed_on is None else ""
    back = reverse("place", args=[place.code])
    return filled(request, form, write, title=title, place=place, back=back, close=close)


@require_POST
@needs(Perm.POST_EDIT)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    post = queries.post(actor(request), pk, Perm.POST_EDIT)
    actions.close_post(post, by=actor(request))
    messages.success(request, _("The post is closed."))
    return redirect("place", post.place_id)
