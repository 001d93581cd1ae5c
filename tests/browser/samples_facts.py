"""Facts of the small city: some counted, some entered, one asked for."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from openpyxl import Workbook

from lastmile.community.org.models import SpecialSite
from lastmile.facts import dictionary
from lastmile.facts.actions import layout
from lastmile.facts.actions.define import define
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.request import Wish, register
from lastmile.facts.models import Layout, Request, Via
from lastmile.kernel import clock
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


@sample("facts_home", login="village")
def home(world: World) -> dict[str, Any]:
    return {"pk": world.households[0].pk}


@sample("home_fact", login="village")
def home_fact(world: World) -> dict[str, Any]:
    return {"pk": world.households[0].pk, "field": "home.vehicle"}


@sample("fact_request_open", login="officer")
def opened(world: World) -> dict[str, Any]:
    def make() -> Request:
        names = ["home.residents", "home.names", "home.phones", "home.care", "home.vehicle"]
        wish = Wish(
            place=world.places[COUNTY],
            title="转移人员名册",
            basis="防汛预案第四章",
            reason="转移准备",
            fields=dictionary.named(names),
            under=["410182109"],
            subject="household",
            level=5,
            due_at=clock.now() + timedelta(days=3),
            department="应急管理局",
        )
        return register(world.officer, wish)

    return {"pk": _once(world, "roll", make).pk}


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


def request(world: World) -> Request:
    """One of the county to its township: something is known, something asked."""

    def make() -> Request:
        entered(world)
        names = ["people.households", "village.pumps", "village.boats", "village.clinic"]
        wish = Wish(
            place=world.places[COUNTY],
            title="防汛物资摸底",
            basis="防汛条例第二十条",
            reason="汛前检查",
            fields=dictionary.named(names),
            under=["410182109"],
            subject="place",
            level=5,
            due_at=clock.now() + timedelta(days=3),
            department="应急管理局",
        )
        return register(world.officer, wish)

    found: Request = _once(world, "request", make)
    return found


@sample("fact_request", login="officer")
@sample("fact_request_withdraw", login="officer")
def one_request(world: World) -> dict[str, Any]:
    return {"pk": request(world).pk}


@sample("fact_ask", login="village")
@sample("fact_draft", login="village")
def ask(world: World) -> dict[str, Any]:
    return {"pk": request(world).asks.get(place=VILLAGE).pk}


@sample("fact_chain", login="village")
@sample("facts_export", login="village")
@sample("facts_upload", login="village")
def village(world: World) -> dict[str, Any]:
    return {"code": VILLAGE}


def form(world: World) -> Layout:
    def make() -> Layout:
        book, out = Workbook(), io.BytesIO()
        sheet = book.worksheets[0]
        for line in (["单位", "能用的抽水泵", "户数"], ["王宗店村"], ["邻村"], ["崔庙镇"]):
            sheet.append(line)
        book.save(out)
        return layout.keep(world.officer, world.places[COUNTY], "水利局汛前表", "汛前.xlsx", out.getvalue())

    found: Layout = _once(world, "layout", make)
    return found


@sample("fact_layout", login="officer")
@sample("fact_layout_remove", login="officer")
def one_layout(world: World) -> dict[str, Any]:
    return {"pk": form(world).pk}


@sample("fact_layout_fill", login="officer")
def filled(world: World) -> dict[str, Any]:
    return {"pk": request(world).pk, "layout": form(world).pk}
