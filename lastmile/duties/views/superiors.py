"""Who stands above whom: of an area, the way silence climbs from one post, and naming somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.org import queries as org
from lastmile.community.org.models import Line, Post
from lastmile.duties import actions
from lastmile.duties.forms.departments import SuperiorForm
from lastmile.duties.queries import departments, superiors
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may

SHOWN = 50  # posts that answer to one, on its page


@require_GET
@needs(Perm.POST_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """Every open post of the area with whoever stands above it today."""
    page = ListPage(
        request, superiors.of_area(actor(request)), columns=_columns(), filters=_filters(),
        search=["title", "place__name", "department"], order=["place", "title"], filename="superiors",
    )  # fmt: skip
    intro = _("What a post leaves undone climbs to the post above it, and on. Open a post to see the whole way.")
    return page.response(request, title=_("Who stands above whom"), intro=intro)


def _columns() -> list[Column]:
    name = _names()
    return [
        Column("title", _("Post"), sort="title", link=lambda post: reverse("superior_ladder", args=[post.pk])),
        Column("place", _("Place"), lambda post: post.place.name, sort="place"),
        Column("department", _("Department"), sort="department", phone=False),
        Column("above", _("Superior today"), lambda post: name(post.above) or _("nobody")),
        Column(
            "named", _("How"), lambda post: _("named for it") if post.named else _("by level"),
            badge=lambda post: "blue" if post.named else "secondary", phone=False,
        ),
    ]  # fmt: skip


def _filters() -> list[Choice]:
    how = [("named", _("named for it")), ("tree", _("by level")), ("nobody", _("nobody above"))]
    return [Choice("how", _("Superior"), how, _how), Choice("line", _("Department"), Line.choices)]


def _how(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(above=None) if value == "nobody" else rows.filter(named__isnull=value == "tree")


def _names() -> Callable[[int | None], str]:
    """Posts by key, each looked up once a request: many stand below the same."""
    known: dict[int, str] = {}

    def name(pk: int | None) -> str:
        if pk is not None and pk not in known:
            post = Post.objects.select_related("place").get(pk=pk)
            known[pk] = f"{post.place.name} · {post.title}"
        return known[pk] if pk is not None else ""

    return name


@require_GET
@needs(Perm.POST_READ)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The way that silence climbs from this post today, and who answers to it."""
    post = org.post(actor(request), pk)
    return render(request, "duties/departments/superior.html", _about(request, post))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.POST_EDIT)
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Name whom silence of this post climbs to; empty goes back to the tree."""
    post = org.post(actor(request), pk, Perm.POST_EDIT)
    who = request.GET.get("who", "").replace("\0", "").strip()[:50]
    named = superiors.named_for(post)
    data = request.POST if request.method == "POST" else None
    form, refusal = SuperiorForm(data, posts=departments.posts_above(post), who=who, named=named), None
    if form.is_valid():
        try:
            actions.name_superior(actor(request), post, form.cleaned_data["superior"])
        except Refusal as said:
            refusal = said
        else:
            messages.success(request, _("Saved. The way up is shown here."))
            return redirect("superior_ladder", pk)
    context = _about(request, post) | {"form": form, "refusal": refusal, "who": who}
    return render(request, "duties/departments/superior.html", context, status=422 if form.is_bound else 200)


def _about(request: HttpRequest, post: Post) -> dict[str, Any]:
    below = superiors.answering_to(post)
    named, rungs = superiors.named_for(post), superiors.ladder(post)
    skipped = named is not None and (not rungs or rungs[0].post != named)
    return {
        "title": _("Who stands above: %(post)s") % {"post": post.title},
        "post": post,
        "rungs": rungs,
        "named": named,
        "skipped": named if skipped else None,
        "below": below[:SHOWN],
        "more": max(0, below.count() - SHOWN),
        "may_edit": may(actor(request), Perm.POST_EDIT, post.place_id),
    }
