"""What the pages of `shelters` are opened with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lastmile.alerting import door_codes
from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment
from lastmile.kernel import clock
from lastmile.modules.shelters.actions import orders, register, room
from lastmile.modules.shelters.actions.checkin import Tap, enter
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Opening, Order, Shelter, Stay
from tests.browser.samples import sample
from tests.browser.samples_answers import event
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


def opened(world: World) -> Opening:
    """The school open in the sample warning, a grid ordered there, one family in, a stranger, somebody elsewhere."""
    first = event(world)
    found = Opening.objects.filter(incident=first, shelter__name="王宗店小学").first()
    if found is not None:
        return found
    made = room.open_shelter(world.officer, first, shelter(world))
    orders.give(world.village, first, Source(world.places[VILLAGE + "001"]), made, route="走东岭路，不过桥")
    door = Source(world.places[VILLAGE + "002"], household=world.households[4])
    orders.give(world.village, first, door, made, route="村口集合")
    stays = list(Stay.objects.filter(incident=first).order_by("pk").values_list("pk", flat=True))
    enter(world.village, made, Tap(UUID(int=1), "in", stays=tuple(stays[:2])))
    enter(world.village, made, Tap(UUID(int=2), "elsewhere", stays=(stays[2],), where="relatives"))
    enter(world.village, made, Tap(UUID(int=3), "walk-in", name="赵过路", phone="13900001234", heads=3))
    hall: dict[str, Any] = {"kind": Shelter.Kind.HALL, "keeper": None, "capacity": 60, "equipment": []}
    shelter(world, "王宗店村文化礼堂", **hall | {"longitude": 113.342})
    return made


@sample("shelter_alert", login="officer")
def alert(world: World) -> dict[str, Any]:
    return {"code": opened(world).incident.alert.code}


@sample("shelter_alert_place", login="township")
@sample("shelter_alert_live", login="township")
@sample("shelter_alert_xlsx", login="township", skip="a file to keep")
@sample("shelter_alert_order", login="township")
@sample("shelter_alert_orders", login="township")
@sample("shelter_alert_missing", login="township")
@sample("shelter_alert_names", login="township", skip="answers POST only")
@sample("shelter_alert_elsewhere", login="township", skip="answers POST only")
def township(world: World) -> dict[str, Any]:
    return {**alert(world), "place": "410182109"}


@sample("shelter_alert_open", login="township", skip="answers POST only")
def open_one(world: World) -> dict[str, Any]:
    return {**township(world), "pk": shelter(world, "王宗店村文化礼堂").pk}


@sample("shelter_order", login="village")
@sample("shelter_order_change", login="village")
@sample("shelter_order_withdraw", login="village")
def order(world: World) -> dict[str, Any]:
    found = Order.objects.filter(incident=opened(world).incident, household=None).first()
    assert found is not None
    return {"pk": found.pk}


@sample("shelter_desk", login="keeper")
@sample("shelter_sheet", login="keeper", skip="a file to keep")
@sample("shelter_desk_close", login="keeper", skip="answers POST only")
def desk(world: World) -> dict[str, Any]:
    return {"pk": opened(world).pk}


@sample("shelter_desks", login="keeper", query="?all")
def desks(world: World) -> dict[str, Any]:
    opened(world)
    return {}


@sample("shelter_scanned", login="keeper")
def scanned(world: World) -> dict[str, Any]:
    opening = opened(world)
    return {"number": door_codes.of(opening.incident, world.households[1:2])[world.households[1].pk].whole}


@sample("shelter_worker", login="", skip="a script, not a page")
@sample("shelter_offline", login="")
def without_data(_world: World) -> dict[str, Any]:
    return {}
