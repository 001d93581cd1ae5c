"""The community reads what residents ask to be corrected, and settles it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile.community.accounts.queries import me
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import Choice, Column, ListPage
from lastmile.kernel.permissions import Perm, may
from lastmile.modules.mydata.actions import settle as settling
from lastmile.modules.mydata.models import Proposal
from lastmile.modules.mydata.queries import asked


def _columns() -> list[Column]:
    return [
        Column("made_at", _("Asked"), sort="made_at"),
        Column(
            "what",
            _("What"),
            value=lambda row: row.get_what_display(),
            link=lambda row: reverse("proposal", args=[row.pk]),
        ),
        Column("door", _("Door"), value=lambda row: row.person.household.number if row.person.household else ""),
        Column(
            "state",
            _("State"),
            value=lambda row: row.get_state_display(),
            badge=lambda row: {"open": "orange", "done": "green"}.get(row.state, "secondary"),
        ),
    ]


def _words() -> dict[str, str]:
    return {
        "title": _("What residents ask to be corrected"),
        "intro": _("Residents read their own data at %(url)s, by a code sent to their phone.") % {"url": reverse("me")},
        "empty_title": _("Nobody waits."),
        "empty_hint": _("What residents ask on their own page stands here until it is settled."),
    }


@require_GET
@needs(Perm.HOUSEHOLD_EDIT)
def listing(request: HttpRequest) -> HttpResponse:
    states = Choice("state", _("State"), Proposal.State.choices, default=Proposal.State.OPEN)
    page = ListPage(
        request,
        asked.proposals(actor(request)),
        columns=_columns(),
        filters=[states],
        order=("-id",),
        filename="corrections",
    )
    return page.response(request, **_words())


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs(Perm.HOUSEHOLD_EDIT)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """POST opens the resident's words; that is a look, and the resident sees it."""
    one = asked.proposal(actor(request), pk)
    wish = settling.read(me(request), one) if request.method == "POST" else ""
    context = {
        "title": one.get_what_display(),
        "one": one,
        "wish": wish,
        "may_read": may(actor(request), Perm.PERSON_REVEAL, one.place),
        "writes": one.what in (Proposal.What.NAME, Proposal.What.BORN, Proposal.What.GONE),
    }
    return render(request, "mydata/proposal.html", context)


@require_POST
@needs(Perm.HOUSEHOLD_EDIT)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    one = asked.proposal(actor(request), pk)
    settling.settle(me(request), one, done=request.POST.get("done") == "yes", answer=request.POST.get("answer", ""))
    messages.success(request, _("Settled: the resident reads your answer."))
    return redirect("proposals")
