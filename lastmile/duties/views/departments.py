"""Work of several departments, and disputes about who is responsible."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.community.accounts.queries import me
from lastmile.community.org import queries as org
from lastmile.community.people.filled import filled
from lastmile.duties import queries as owed
from lastmile.duties.actions import departments as actions
from lastmile.duties.forms.departments import DisputeForm, JointForm, SettleForm
from lastmile.duties.models.department import Dispute
from lastmile.duties.queries import departments as queries
from lastmile.duties.views.lists import dispute_columns
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs, signed_in
from lastmile.kernel.lists import Choice, ListPage
from lastmile.kernel.permissions import Perm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Perm.CHECKLIST_EDIT)
def joint_add(request: HttpRequest, code: str) -> HttpResponse:
    """Write down one piece of work and the part of each department."""
    place = org.place(actor(request), code, Perm.CHECKLIST_EDIT)
    form = JointForm(request.POST or None, posts=queries.posts_around(code))

    def write(data: dict[str, Any]) -> HttpResponse:
        parts = [actions.Part(post, what) for post, what in form.parts()]
        facts = {name: data[name] for name in ("due_at", "lead", "basis", "danger")}
        made = actions.create_joint(place, data["title"], parts, by=actor(request), **facts)
        messages.success(request, _("Every department has its part on its list."))
        return redirect("joint", made.pk)

    title = _("Work of several departments in %(place)s") % {"place": place.name}
    return filled(request, form, write, title=title, back=["checklists"], template="duties/departments/joint_add.html")


@require_GET
@signed_in
def joint(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole with all its parts: each department sees the others'."""
    user = me(request)
    whole, parts = queries.joint(user, pk)
    mine = set(owed.todo(user).filter(pk__in=[whole.pk, *(part.pk for part in parts)]).values_list("pk", flat=True))
    disputes = Dispute.objects.filter(obligation__in=[whole, *parts]).select_related("judge", "decided", "by_post")
    context = {"title": whole.title, "whole": whole, "parts": parts, "mine": mine, "disputes": disputes}
    return render(request, "duties/departments/joint.html", context)


@require_GET
@needs(Perm.DUTY_READ)
def disputes(request: HttpRequest) -> HttpResponse:
    """Who says that something is not theirs, who settles it, and until when."""
    how = [("open", _("to settle")), ("late", _("to settle, overdue")), ("settled", _("settled"))]
    page = ListPage(
        request, queries.disputes(actor(request)), columns=dispute_columns(),
        filters=[Choice("state", _("State"), how, _state)],
        search=["obligation__title", "by_post__title", "words"], order=queries.OPEN_FIRST, filename="disputes",
    )  # fmt: skip
    intro = _("Until a dispute is settled, the work stays with the post that disputes it.")
    empty = {"empty_title": _("No dispute here."), "empty_hint": _("“Not ours” on an item of the to-do opens one.")}
    return page.response(request, title=_("Disputes"), intro=intro, **empty)


def _state(rows: QuerySet[Dispute], value: str) -> QuerySet[Dispute]:
    if value == "settled":
        return rows.filter(settled_at__isnull=False)
    return rows.filter(settled_at=None, **({"due_at__lt": clock.now()} if value == "late" else {}))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def dispute_add(request: HttpRequest, pk: int) -> HttpResponse:
    """“Not ours”: the level above must settle it."""
    user = me(request)
    row = owed.mine(user, pk)
    form = DisputeForm(request.POST if request.method == "POST" else None, posts=queries.posts_for(row))

    def write(data: dict[str, Any]) -> HttpResponse:
        made = actions.dispute(user, row, data["words"], data["other"])
        messages.success(request, _("The level above must settle it. Until then it stays with you."))
        return redirect("dispute", made.pk)

    return filled(request, form, write, title=_("Not ours: %(what)s") % {"what": row.title}, back=["todo_item", pk])


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    user = me(request)
    row, judge = queries.dispute(user, pk)
    form = SettleForm(request.POST or None, posts=queries.posts_to_settle(row)) if judge else None
    if form is not None and form.is_valid():
        actions.settle(user, row, form.cleaned_data["decided"], form.cleaned_data["words"])
        messages.success(request, _("Settled. The work is with whom you decided."))
        return redirect("dispute", pk)
    context = {"title": _("Who does it: %(what)s") % {"what": row.obligation.title}, "row": row, "form": form}
    return render(request, "duties/departments/dispute.html", context)
