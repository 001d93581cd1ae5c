"""Who has to answer: one obligation for each ask, kept by `duties` until the answer is there."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.duties import actions as duties
from lastmile.duties.kinds import Kind
from lastmile.duties.models import Obligation
from lastmile.facts.models import Ask, Cell, Request
from lastmile.kernel.permissions import Actor, Perm

TITLE = 200


def _url(obligation: Obligation) -> str:
    return reverse("fact_ask", args=[obligation.detail["ask"]])


KIND = Kind(
    "facts.answer",
    gettext_lazy("answer a request for data"),
    icon="clipboard-list",
    url=_url,
    danger=0,  # office work: nobody is hurt by a late table
    policy="gentle",
    tap=False,
)


def asked(by: Actor, request: Request, asks: Sequence[Ask]) -> None:
    """Open an obligation for every ask: of the post that knows, or of whoever may enter facts there."""
    counted: dict[int | None, int] = {}
    for pk in request.cells.filter(state=Cell.State.ASKED).values_list("ask", flat=True):
        counted[pk] = counted.get(pk, 0) + 1
    duties.create_many((_new(request, ask, counted.get(ask.pk, 0)) for ask in asks), actor=by)


def _new(request: Request, ask: Ask, fields: int) -> duties.New:
    title = _("%(title)s: %(n)s to fill in") % {"title": request.title, "n": fields}
    return duties.New(
        kind=KIND.name,
        key=str(ask.pk),
        title=title[:TITLE],
        place=ask.place,
        due_at=request.due_at,
        post=ask.post_id,
        perm="" if ask.post_id else Perm.FACT_ENTER,
        department=request.by[:100],
        basis=request.basis,
        detail={"ask": ask.pk},
    )


def asked_anew(by: Actor, ask: Ask) -> None:
    """The question has another post now: taken from whoever owed it, and opened for the new one."""
    withdrawn(by, ask)
    left = ask.cells.filter(request=ask.request, state=Cell.State.ASKED).count()
    duties.create_many([_new(ask.request, ask, left)], actor=by)


def answered(by: Actor, ask: Ask) -> None:
    """It is done, by whatever way the answer came."""
    owed = Obligation.objects.filter(kind=KIND.name, key=str(ask.pk), closed_at=None).first()
    if owed is not None:
        duties.done(by, owed)


def withdrawn(by: Actor, ask: Ask) -> None:
    """Nobody has to answer any more."""
    duties.withdraw(KIND.name, str(ask.pk), actor=by)
