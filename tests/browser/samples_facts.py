"""Facts of the small city: some counted, some entered, one asked for."""

from __future__ import annotations

from typing import Any

from lastmile.community.org.models import SpecialSite
from lastmile.facts import dictionary
from lastmile.facts.actions.define import define
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.models import Via
from tests.browser.samples import sample
from tests.world import World

COUNTY, VILLAGE = "410182", "410182109211"
_made: dict[tuple[int, str], tuple[World, Any]] = {}  # the world is kept alive, so that its id is not used again


def _once(world: World, name: str, make: Any) -> Any:
    key = (id(world), name)
    if key not in _made:
        _made[key] = world, make()
    return _made[key][1]


def entered(world: World) -> None:
    def make() -> None:
        for value in ("3", "4"):
            enter(world.village, [Said(dictionary.field("village.pumps"), VILLAGE, None, value)], Via.PAGE)

    _once(world, "entered", make)


def hall(world: World) -> SpecialSite:
    def make() -> SpecialSite:
        return SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name="数据小学", capacity=300)

    found: SpecialSite = _once(world, "site", make)
    return found


@sample("facts_place", login="village")
def place(world: World) -> dict[str, Any]:
    entered(world)
    hall(world)
    return {"code": VILLAGE}


@sample("place_fact", login="village")
def place_fact(world: World) -> dict[str, Any]:
    entered(world)
    return {"code": VILLAGE, "field": "village.pumps"}


@sample("facts_site", login="village")
def site(world: World) -> dict[str, Any]:
    return {"pk": hall(world).pk}


@sample("site_fact", login="village")
def site_fact(world: World) -> dict[str, Any]:
    return {"pk": hall(world).pk, "field": "site.plan"}


@sample("fact_field", login="officer")
@sample("fact_retire", login="officer")
def field(world: World) -> dict[str, Any]:
    def make() -> str:
        given: dict[str, Any] = {
            "label": "应急灯数量",
            "type": "choice",
            "unit": "",
            "choices": ["多", "少"],
            "subject": "place",
        }
        given |= {"level": 5, "owner": "leader", "department": "", "source": "清点", "validity_days": 90}
        return define(world.officer, world.places[COUNTY], **given).name

    return {"name": _once(world, "field", make)}
