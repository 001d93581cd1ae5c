"""Invented shelters for the demo: one school for each township of a county, and three where the story happens."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from django.db import transaction

from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import Level, Place, Post
from lastmile.community.people.models import Appointment
from lastmile.kernel.errors import Refusal
from lastmile.modules.shelters.actions import orders, register, room
from lastmile.modules.shelters.models import Shelter

if TYPE_CHECKING:
    from lastmile.community.accounts.models import User

SEED = 20210720
CAPACITY = (240, 1200)
STORY = "410182109211"  # 王宗店村
NEAR: tuple[tuple[str, Shelter.Kind, int, list[str], float], ...] = (
    ("王宗店小学（东岭）", Shelter.Kind.SCHOOL, 320, ["infants", "kitchen"], 0.006),
    ("王宗店村文化礼堂", Shelter.Kind.HALL, 90, ["wheelchair"], 0.002),
    ("崖上停车场", Shelter.Kind.PARK, 600, [], 0.011),
)


@transaction.atomic
def fill(county: str, by: User) -> int:
    """Enter them where there are none yet; how many."""
    if Shelter.objects.filter(place__code__startswith=county).exists():
        return 0
    chance, made = random.Random(SEED), 0  # noqa: S311  (an invented city)
    for township in Place.objects.current().at(Level.TOWNSHIP).under(county).order_by("code"):
        village = Place.objects.current().at(Level.VILLAGE).under(township.code).order_by("code").first()
        if village is not None:
            facts = {"capacity": chance.randrange(*CAPACITY, 20), "equipment": ["wheelchair", "medical", "kitchen"]}
            name = f"{township.name}中心学校"
            made += _enter(by, village, name, area=township, kind=Shelter.Kind.SCHOOL, **_at(village, chance), **facts)
    village = Place.objects.filter(pk=STORY).first()
    for name, kind, capacity, equipment, east in NEAR if village is not None and STORY.startswith(county) else ():
        where = _at(village, chance, east) if village else {}
        made += _enter(by, village, name, area=village, kind=kind, capacity=capacity, equipment=equipment, **where)
    return made


def _enter(by: User, place: Place | None, name: str, **facts: Any) -> int:
    post = Post.objects.filter(place=place, kind=Post.Kind.LEADER, closed_on=None).first()
    held = Appointment.objects.filter(post=post, until=None).exists() if post else False
    facts |= {"keeper": post if held else None, "contact": "0371-64660000"}
    register.save(Shelter(name=name, place=place), by=by, **facts)
    return 1


def _at(place: Place, chance: random.Random, east: float = 0.0) -> dict[str, float]:
    """Near the middle of the place, where that is known."""
    if place.longitude is None or place.latitude is None:
        return {}
    return {
        "longitude": round(place.longitude + (east or chance.uniform(-0.01, 0.01)), 6),
        "latitude": round(place.latitude + chance.uniform(-0.004, 0.004), 6),
    }


def move_the_village(event: AlertEvent, by: User) -> int:
    """Open the school of the story and order everybody of its village there; how many people. 0 where nobody lives."""
    shelter = Shelter.objects.filter(place=STORY, kind=Shelter.Kind.SCHOOL, closed_on=None).first()
    if shelter is None:
        return 0
    opening = room.open_shelter(by, event, shelter)
    try:
        order = orders.give(by, event, orders.Source(shelter.place), opening, route="走东岭路上坡，不过沟口的桥")
    except Refusal:
        return 0  # a small demo may have settled nobody there, or more than the school takes in
    return order.people
