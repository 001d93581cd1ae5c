"""What the pages of `shelters` are opened with."""

from __future__ import annotations

from typing import Any

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.kernel import clock
from lastmile.modules.shelters.actions import register
from lastmile.modules.shelters.models import Shelter
from tests.browser.samples import sample
from tests.world import World

VILLAGE = "410182109211"


def shelter(world: World, name: str = "王宗店小学", **facts: Any) -> Shelter:
    """A school with a keeper; the same one for every page of a world."""
    found = Shelter.objects.filter(place=VILLAGE, name=name).first()
    if found is not None:
        return found
    post, _new = Post.objects.get_or_create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="避难场所管理员")
    if not Appointment.objects.filter(post=post).exists():
        holder = world.staff[VILLAGE]
        Appointment.objects.create(post=post, person=holder, role=Appointment.Role.HOLDER, since=clock.today())
    values: dict[str, Any] = {
        "place": world.places[VILLAGE],
        "area": world.places[VILLAGE],
        "kind": Shelter.Kind.SCHOOL,
        "address": "王宗店村中心街 8 号，教学楼二至四层",
        "capacity": 240,
        "equipment": ["wheelchair", "medical", "infants"],
        "keeper": post,
        "contact": "0371-64660000",
        "longitude": 113.331,
        "latitude": 34.632,
        "notes": "钥匙在门卫室。楼下有坡道，轮椅走东门。",
    }
    return register.save(Shelter(name=name), by=world.officer, **(values | facts))


@sample("shelters", login="village")
def listing(world: World) -> dict[str, Any]:
    shelter(world)
    hall: dict[str, Any] = {
        "kind": Shelter.Kind.HALL,
        "keeper": None,
        "capacity": 60,
        "equipment": [],
        "longitude": 113.342,
    }
    shelter(world, "王宗店村文化礼堂", **hall)
    return {}


@sample("shelter", login="village")
@sample("shelter_edit", login="village")
@sample("shelter_close", login="village", skip="answers POST only")
def one(world: World) -> dict[str, Any]:
    return {"pk": shelter(world).pk}


@sample("shelter_points", login="village")
def points(world: World) -> dict[str, Any]:
    return {}


@sample("shelter_add", login="village")
@sample("shelter_import", login="village")
@sample("shelter_template", login="village", skip="a file to keep")
def place(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}
