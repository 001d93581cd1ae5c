"""Give an open question to somebody who is there to answer it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.actions import save_post
from lastmile.community.org.models import Place, Post
from lastmile.community.people.actions import appoint_by_phone
from lastmile.community.people.models import Appointment
from lastmile.facts import dictionary
from lastmile.facts.actions import owed
from lastmile.facts.models import Ask, Cell
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor


@transaction.atomic
def appoint_for(ask: Ask, data: dict[str, Any], by: Actor) -> None:
    """Appoint whoever has this number to the post that knows it; where there is none, it is opened first."""
    ask = Ask.objects.select_for_update(of=("self",)).select_related("request__place", "post").get(pk=ask.pk)
    if ask.state != Ask.State.OPEN:
        raise Conflict(_("This is answered already, or no longer asked."), _("Nothing is left to do here."))
    post = ask.post if ask.post is not None and ask.post.closed_on is None else _opened(ask, by)
    appoint_by_phone(post, Appointment.Role.HOLDER, by=by, **data)
    if ask.post_id == post.pk:
        return  # the obligation is the post's, and so its new holder's
    Ask.objects.filter(pk=ask.pk).update(post=post)
    ask.post = post
    owed.asked_anew(by, ask)
    audit.record("facts.reassign", actor=by, place=ask.place, obj=ask, post=post.pk)


def _opened(ask: Ask, by: Actor) -> Post:
    """A post of the kind that knows the first of the questions."""
    name = ask.cells.filter(state=Cell.State.ASKED).order_by("pk").values_list("field", flat=True).first()
    field = dictionary.field(name) if name else None
    kind = field.owner if field and field.owner != Post.Kind.SITE else Post.Kind.INFORMATION
    department = field.department if field else ""
    there = Post.objects.filter(place=ask.place, kind=kind, department=department, closed_on=None, site=None)
    found = there.order_by("pk").first()
    place = Place.objects.get(code=ask.place)
    title = str(Post.Kind(kind).label)
    return found or save_post(Post(place=place), by=by, kind=kind, title=title, department=department)
