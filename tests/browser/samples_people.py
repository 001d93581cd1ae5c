"""What the pages of `people` are opened with."""

from __future__ import annotations

from typing import Any

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from tests.browser.samples import sample
from tests.world import World

VILLAGE = "410182109211"


def _appointment() -> dict[str, Any]:
    found = Appointment.objects.filter(post__place=VILLAGE, until=None).first()
    assert found is not None
    return {"pk": found.pk}


@sample("household_list", login="village")
def household_list(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


@sample("household_add", login="village")
def household_add(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


@sample("household", login="village")
@sample("household_edit", login="village")
@sample("person_add", login="village")
def household(world: World) -> dict[str, Any]:
    return {"pk": world.households[0].pk}


@sample("person_looks", login="village")
@sample("person_edit", login="village")
@sample("person_guardian", login="village")
def person(world: World) -> dict[str, Any]:
    return {"pk": world.residents[1].pk}


@sample("place_posts", login="village")
def place_posts(world: World) -> dict[str, Any]:
    Post.objects.get_or_create(place_id=VILLAGE, kind=Post.Kind.FLOOD, title="防汛责任人")
    return {"code": VILLAGE}


@sample("appoint", login="village")
def appoint(world: World) -> dict[str, Any]:
    return {"pk": Post.objects.filter(place=VILLAGE).first().pk, "role": Appointment.Role.DEPUTY}  # type: ignore[union-attr]  # the world has one


@sample("staff_leave", login="village")
def staff_leave(world: World) -> dict[str, Any]:
    return _appointment()


@sample("gap_list", login="officer")
def gap_list(world: World) -> dict[str, Any]:
    return {"kind": "deputy"}
