"""What the pages of `people` are opened with."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.sheets.template import template
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


@sample("onboarding", login="village")
def onboarding(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


@sample("onboarding_template", login="village", skip="a file to download, not a page")
def onboarding_template(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


@sample("upload", login="village")
def upload(world: World) -> dict[str, Any]:
    content = load_workbook(io.BytesIO(template("王宗店村")))
    for column, value in enumerate(["001-9", "001", "3组12号", "abc"], start=1):
        content["住户"].cell(3, column, value)
    out = io.BytesIO()
    content.save(out)
    place = world.places[VILLAGE]
    return {"pk": uploads.receive(place, "王宗店村.xlsx", out.getvalue(), by=world.village).pk}


@sample("sites_workbook", login="township")
@sample("sites_template", login="township")
def sites_workbook(world: World) -> dict[str, Any]:
    return {"code": "410182109"}
