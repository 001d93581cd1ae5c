"""What is known: counted or entered once, with its age, by whom it belongs to."""

from __future__ import annotations

import io

import pytest
from django.db import InternalError, ProgrammingError, transaction
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.org.models import SpecialSite
from lastmile.facts import dictionary
from lastmile.facts.actions.define import define, retire, similar
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Definition, Entry, Via
from lastmile.facts.queries import rows, sheet, standing
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
COUNTY, VILLAGE, GRID = "410182", "410182109211", "410182109211001"
PUMPS = "village.pumps"


def said(value: object, name: str = PUMPS, place: str = VILLAGE, **more: object) -> Said:
    return Said(dictionary.field(name), place, None, value, **more)  # type: ignore[arg-type]  # a test's shorthand


def value_at(name: str, place: str) -> str:
    row = rows.Row(place, None, "")
    return standing.known([dictionary.field(name)], [row])[name, place, None, None].value


def test_the_system_counts_what_it_holds() -> None:
    World.build()
    for name, expected in {
        "people.households": "6",
        "people.residents": "12",
        "people.vulnerable": "6",
        "people.silent": "0",
        "org.grids": "2",
        "people.posts_held": "2",
        "org.care_homes": "0",
    }.items():
        assert value_at(name, VILLAGE) == expected, name
    assert value_at("people.households", GRID) == "3"
    assert value_at("people.households", COUNTY) == "6"
    assert value_at("people.households", "410181") == "0"


def test_every_counted_field_answers_for_places_of_every_level() -> None:
    world = World.build()
    SpecialSite.objects.create(place=world.places[GRID], kind="care_home", name="敬老院", capacity=40)
    derived = [field for field in dictionary.fields(subject="place", level=5) if field.is_derived]
    for code in (COUNTY, VILLAGE, GRID):
        row = rows.Row(code, None, "")
        known = standing.known(derived, [row])
        unknown = {field.name for field in derived} - {key[0] for key in known}
        assert unknown == {"alerting.last_told", "alerting.last_confirmed"}  # nobody has been warned yet
    assert value_at("org.care_homes_capacity", COUNTY) == "40"


def test_a_site_is_known_by_its_own_facts() -> None:
    world = World.build()
    site = SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name="小学", capacity=300)
    lines = {line.field.name: line for line in sheet.lines(site)}
    assert lines["org.site_capacity"].shown.startswith("300")
    assert lines["people.site_answered"].known is not None
    assert lines["site.plan"].state == "missing"
    enter(world.village, [Said(dictionary.field("site.plan"), VILLAGE, site.pk, "是")], Via.PAGE)
    assert {line.field.name: line for line in sheet.lines(site)}["site.plan"].state == "fresh"


def test_a_fact_grows_old_and_a_new_one_replaces_it() -> None:
    world = World.build()
    enter(world.village, [said("3 台", source="清点")], Via.PAGE)
    clock.forward(days=181)
    line = next(one for one in sheet.lines(world.places[VILLAGE]) if one.field.name == PUMPS)
    assert (line.state, line.known.value if line.known else "") == ("old", "3")
    enter(world.village, [said(5)], Via.PAGE)
    line = next(one for one in sheet.lines(world.places[VILLAGE]) if one.field.name == PUMPS)
    assert (line.state, line.known.value if line.known else "") == ("fresh", "5")
    assert standing.history(PUMPS, line.row).count() == 2


def test_the_latest_day_counts_and_not_the_latest_typing() -> None:
    world = World.build()
    enter(world.village, [said(5)], Via.PAGE)
    enter(world.village, [said(2, as_of="2026-01-01")], Via.PAGE)
    assert value_at(PUMPS, VILLAGE) == "5"


def test_a_fact_is_never_changed_or_deleted() -> None:
    world = World.build()
    enter(world.village, [said(5)], Via.PAGE)
    for act in (lambda: Entry.objects.update(value="6"), lambda: Entry.objects.all().delete()):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            act()


def test_only_who_works_there_or_directly_above_enters() -> None:
    world = World.build()
    for who in (world.village, world.township):
        enter(who, [said(1)], Via.PAGE)
    for who in (world.officer, world.city, world.grid, world.neighbour, world.auditor, world.approver):
        with pytest.raises(NotAllowed):
            enter(who, [said(1)], Via.PAGE)


def test_nothing_is_half_written() -> None:
    world = World.build()
    with pytest.raises(Refusal) as refused:
        enter(world.village, [said(1, at="a"), said("viele", "village.boats", at="b")], Via.PAGE)
    assert set(refused.value.fields) == {"b"}
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("name", "place"), [("people.households", VILLAGE), (PUMPS, GRID), ("site.plan", VILLAGE), (PUMPS, "410182109")]
)
def test_a_fact_belongs_to_its_kind_of_place(name: str, place: str) -> None:
    world = World.build()
    with pytest.raises(Refusal):
        enter(world.township, [said("1", name, place)], Via.PAGE)


def test_entering_is_in_the_trail_without_the_value() -> None:
    world = World.build()
    enter(world.village, [said(7)], Via.PAGE)
    entry = AuditEntry.objects.get(action="facts.enter")
    assert (entry.place, entry.detail["fields"]) == (VILLAGE, [PUMPS])


def _define(world: World, label: str = "应急灯数量", **more: object) -> Definition:
    given = {"label": label, "type": "whole", "unit": "盏", "choices": [], "subject": "place", "level": 5}
    given |= {"owner": "leader", "department": "", "source": "", "validity_days": 90}
    return define(world.officer, world.places[COUNTY], **given | more)


def test_a_field_is_defined_once() -> None:
    world = World.build()
    made = _define(world)
    assert dictionary.field(made.name).label == "应急灯数量"
    for same in ("应急灯数", "应急 灯 数量（盏）"):
        with pytest.raises(Conflict):
            _define(world, same)
    assert [field.name for field in similar("应急灯", subject="place", level=5)][:1] == [made.name]
    retire(world.officer, made)
    assert made.name not in {field.name for field in dictionary.fields()}
    _define(world)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"label": "（）"}, "label"),
        ({"type": "choice", "choices": ["好"]}, "choices"),
        ({"level": 2}, "level"),
        ({"validity_days": 0}, "validity_days"),
    ],
)
def test_a_bad_definition_gets_sentences(wrong: dict[str, object], named: str) -> None:
    world = World.build()
    with pytest.raises(Refusal) as refused:
        _define(world, **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert named in refused.value.fields


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        dictionary.register(Field(PUMPS, "again"))


def test_the_page_of_a_place_shows_searches_and_exports(client: Client) -> None:
    world = World.build()
    enter(world.village, [said(4, source="=HYPERLINK(1)")], Via.PAGE)
    world.login(client, "village")
    page = client.get(f"/facts/places/{VILLAGE}/").content.decode()
    assert "people.households" in page
    assert "village.pumps" in page
    found = client.get(f"/facts/places/{VILLAGE}/", {"state": "fresh"}).content.decode()
    assert "village.pumps" in found
    assert "village.boats" not in found
    file = client.get(f"/facts/places/{VILLAGE}/", {"export": "xlsx"})
    sheet_ = load_workbook(io.BytesIO(file.content)).active
    assert sheet_ is not None
    sources = [str(row[5]) for row in sheet_.iter_rows(values_only=True)]
    assert any(source.startswith("'=HYPERLINK") for source in sources)


def test_a_fact_is_entered_on_its_page(client: Client) -> None:
    world = World.build()
    world.login(client, "village")
    url = f"/facts/places/{VILLAGE}/{PUMPS}/"
    assert client.post(url, {"value": "zwei"}).status_code == 400
    assert client.post(url, {"value": ""}).status_code == 400
    assert client.post(url, {"value": "2"}).status_code == 302
    assert value_at(PUMPS, VILLAGE) == "2"
    world.login(client, "officer")
    assert client.get(url).status_code == 200
    assert client.post(url, {"value": "3"}).status_code == 403
    assert client.get(f"/facts/places/{VILLAGE}/nothing/").status_code == 404


def test_everybody_reads_the_dictionary(client: Client) -> None:
    world = World.build()
    for name in ("auditor", "grid", "officer"):
        world.login(client, name)
        assert client.get("/facts/dictionary/").status_code == 200
        assert client.get(f"/facts/dictionary/{PUMPS}/").status_code == 200
    assert client.get("/facts/dictionary/nothing/").status_code == 404


def test_a_field_is_defined_on_its_page(client: Client) -> None:
    world = World.build()
    world.login(client, "officer")
    given = {"label": "应急灯", "type": "choice", "choices": "多\n少", "subject": "place", "level": 5}
    given |= {"owner": "leader", "validity_days": 90}
    assert client.post("/facts/dictionary/new/", given).status_code == 302
    assert client.post("/facts/dictionary/new/", given).status_code == 409
    made = Definition.objects.get()
    assert made.choices == ["多", "少"]
    world.login(client, "township")
    assert client.post(f"/facts/dictionary/{made.name}/retire/").status_code == 403
    world.login(client, "officer")
    assert client.post(f"/facts/dictionary/{made.name}/retire/").status_code == 302
