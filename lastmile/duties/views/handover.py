"""The guided handover of a post: open work, contacts, keys and lists; the new holder confirms."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.community.accounts.models import User
from lastmile.community.accounts.queries import me
from lastmile.community.people.models import Person
from lastmile.duties.actions import handover as actions
from lastmile.duties.forms.departments import ThingsForm
from lastmile.duties.models.handover import Handover
from lastmile.duties.queries import departments as queries
from lastmile.duties.queries.responsibilities import in_force
from lastmile.kernel.doors import signed_in
from lastmile.kernel.permissions import Perm, may

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest, pk: int) -> HttpResponse:
    user = me(request)
    row, may_write = queries.handover(user, pk)
    if request.method == "POST":
        return _written(request, queries.to_write(user, pk))
    context: dict[str, Any] = {"title": _("Handover: %(post)s") % {"post": row.post.title}, "row": row}
    things = "\n".join(one["what"] for one in row.things)
    work = queries.handed_over(row)
    context |= {"work": work[:SHOWN], "more": max(0, work.count() - SHOWN), "list": in_force(row.post)}
    context |= {"beside": [(one, _may_look(user, one.person)) for one in queries.beside(row.post)]}
    context |= {"form": ThingsForm(initial={"things": things, "note": row.note}), "may_write": may_write}
    context |= {"may_confirm": row.after_id is not None and row.after_id == user.person_id}
    return render(request, "duties/departments/handover.html", context)


def _may_look(user: User, person: Person | None) -> bool:
    return person is not None and may(user, Perm.PERSON_REVEAL, person.place_id)


def _written(request: HttpRequest, row: Handover) -> HttpResponse:
    if "confirm" in request.POST:
        actions.confirm(me(request), row)
        messages.success(request, _("Confirmed. The post is yours now, with everything on this page."))
    else:
        lines = request.POST.get("things", "").replace("\0", "").splitlines()
        note = request.POST.get("note", "").replace("\0", "")
        actions.write_things(row, [{"what": line} for line in lines], note)
        messages.success(request, _("Saved."))
    return redirect("handover", row.pk)
