"""The end of the ladder: somebody must go. An obligation in duties, which climbs by itself from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.alerting.models import Call, CallState
from lastmile.alerting.owed import marked
from lastmile.community.org.models import Place
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.permissions import Perm

GO_WITHIN = timedelta(minutes=15)


def _page(owed: Obligation) -> str:
    return reverse("calls:one", args=[owed.detail["alert"], owed.detail["call"]])


DOOR = kinds.Kind("alerting.call_door", gettext_lazy("somebody must be woken in person"), "bell", _page, 4, "urgent")
PASS_ON = kinds.Kind("alerting.call_relay", gettext_lazy("warning not passed on"), "send", _page, 3, "urgent")


def register() -> None:
    kinds.register(DOOR)
    kinds.register(PASS_ON)


def _key(call: Call) -> str:
    """Of the warning and the post: an update in the middle is the same need."""
    return f"{call.root}:{call.post_id}"


def _read(ids: Sequence[int]) -> list[Call]:
    return list(Call.objects.filter(pk__in=ids).select_related("event__alert", "post").order_by("pk"))


def open_for(ids: Sequence[int]) -> None:
    """Of the superior who was called; where there is none, of whoever calls people at the place above."""
    calls = _read(ids) if ids else []
    names = dict(Place.objects.filter(pk__in={call.place for call in calls}).values_list("pk", "name"))
    actions.create_many(_new(call, names[call.place]) for call in calls)


def _new(call: Call, place: str) -> actions.New:
    door, alert = call.state == CallState.DOOR, call.event.alert
    values = {"place": place, "post": call.post.title}
    says = _("%(place)s, %(post)s: no answer. Go there, or send somebody") if door else None
    says = says or _("%(place)s, %(post)s: see that the warning is passed on")
    return actions.New(
        kind=(DOOR if door else PASS_ON).name,
        key=_key(call),
        title=marked(says % values, exercise=alert.exercise),
        place=call.place,
        post=call.superior_post,
        perm="" if call.superior_post else Perm.CALL_ACT,
        due_at=clock.now() + GO_WITHIN,
        basis=alert.headline,
        detail={"alert": alert.code, "call": call.pk},
        again=True,
    )


def close_for(ids: Sequence[int]) -> None:
    """The thing is settled: nobody needs to go any more."""
    if ids:
        keys = [_key(call) for call in Call.objects.filter(pk__in=ids).only("root", "post_id")]
        for kind in (DOOR, PASS_ON):
            actions.withdraw_many(kind.name, keys)
