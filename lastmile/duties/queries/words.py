"""An obligation in plain words: by when, and why it is on somebody's list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

from django.urls import reverse
from django.utils import formats
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from lastmile.duties import kinds
from lastmile.duties.models import Cause, Obligation
from lastmile.duties.queries.mine import Hats
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

DANGER_COLOURS = {4: "red", 3: "orange", 2: "yellow", 1: "blue", 0: "secondary"}
NEAR = timedelta(days=6)


def due_words(due: datetime, now: datetime | None = None) -> str:
    """“by 18:00 today”, “overdue for 2 days”: Beijing time."""
    now = now or clock.now()
    if due <= now:
        late = timesince(due, now, depth=1)
        return _("overdue for %(time)s") % {"time": late}
    local, today = due.astimezone(clock.BEIJING), clock.day_of(now)
    values = {"time": local.strftime("%H:%M"), "date": formats.date_format(local, "MONTH_DAY_FORMAT")}
    if local.date() == today:
        return _("by %(time)s today") % values
    if local.date() == today + timedelta(days=1):
        return _("by %(time)s tomorrow") % values
    if local.date() - today <= NEAR:
        return _("by %(day)s, %(date)s %(time)s") % (values | {"day": formats.date_format(local, "l")})
    return _("by %(date)s") % {"date": formats.date_format(local, "DATE_FORMAT")}


def why(obligation: Obligation, worn: Hats) -> str:
    """In what capacity the person has it on the list."""
    if worn.person is not None and obligation.delegated_to_id == worn.person:
        return _("delegated to you")
    if obligation.perm:
        return _("for anyone here who may: %(what)s") % {"what": Perm(obligation.perm).label}
    if obligation.post is None:
        return _("for you in person") if obligation.person_id == worn.person else _climbed(obligation)
    values = {"post": f"{obligation.post.place.name} {obligation.post.title}"}
    if obligation.post_id in worn.deputised:
        return _("you stand in for: %(post)s") % values
    if obligation.post_id in worn.posts:
        return _("as %(post)s") % values
    if obligation.post_id in worn.standby:
        return _("you are deputy, and %(post)s has not answered") % values
    return _climbed(obligation)


def _climbed(obligation: Obligation) -> str:
    post = f"{obligation.post.place.name} {obligation.post.title}" if obligation.post else obligation.place.name
    cause = Cause(obligation.cause).label if obligation.cause else _("no answer")
    return _("came up to you from %(post)s: %(cause)s") % {"post": post, "cause": cause}


@dataclass(frozen=True)
class Line:
    """One line of a to-do, ready to be shown."""

    obligation: Obligation
    kind: kinds.Kind
    url: str | None
    due: str
    late: bool
    why: str
    colour: str
    key: UUID = field(default_factory=uuid4)  # of the tap that closes it: sent twice it is one

    @property
    def page(self) -> str:
        return f"{_base()}{self.obligation.pk}/"

    @property
    def place(self) -> str:
        return f"{_places()}{self.obligation.place_id}/"

    @property
    def tap(self) -> bool:
        return self.kind.tap


# A list asks for five addresses a line; finding each by its name costs more than the rest of the line together.
@cache
def _base() -> str:
    return reverse("todo")


@cache
def _places() -> str:
    return reverse("places")


def line(obligation: Obligation, worn: Hats) -> Line:
    kind = kinds.get(obligation.kind)
    return Line(
        obligation,
        kind,
        kind.url(obligation),
        due_words(obligation.due_at),
        obligation.due_at <= clock.now() and obligation.is_open,
        why(obligation, worn),
        DANGER_COLOURS[obligation.danger],
    )
