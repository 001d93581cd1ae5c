"""The targeting query agrees with a slow and obvious reference, whatever overlaps."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lastmile.alerting import manifest, target
from lastmile.alerting.audience import Audience
from lastmile.alerting.models import AlertEvent, Group, Manifest, Sent
from lastmile.alerting.tests.crowd import GRIDS, Crowd
from lastmile.alerting.tests.events import issued
from lastmile.community.people.models import Person
from tests.world import add_place

KINDS = {"sms": "phone", "email": "email", "web": ""}

longitude = st.floats(113.295, 113.345)
latitude = st.floats(34.595, 34.635)


@st.composite
def rectangle(draw: st.DrawFn) -> dict[str, Any]:
    west, south = draw(longitude), draw(latitude)
    east, north = west + draw(st.floats(0.001, 0.04)), south + draw(st.floats(0.001, 0.04))
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north]]]}


CODES = ["4101", "410182", "410182109", "410182109211", "410182108201", "410181", *GRIDS]
audiences = st.fixed_dictionaries(
    {
        "places": st.lists(st.sampled_from(CODES), max_size=3),
        "polygons": st.lists(rectangle(), max_size=2),
        "circles": st.lists(st.tuples(longitude, latitude, st.floats(0.1, 3)), max_size=1),
        "groups": st.lists(st.sampled_from([group.value for group in Group]), min_size=1, unique=True),
    }
).filter(lambda data: bool(data["places"] or data["polygons"] or data["circles"]))
channel_lists = st.permutations(["sms", "email", "web"]).flatmap(
    lambda names: st.integers(0, 3).map(lambda n: names[:n])
)


def ledger(event: AlertEvent) -> list[tuple[int, str, str]]:
    """(person, place, channel) of every place in the ledger."""
    return [
        (person, row.place, row.channel) for row in Manifest.objects.filter(event=event) for person in row.person_ids
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("few", [target.FEW_GRIDS, -1], ids=["one by one", "hashed"])
@pytest.mark.parametrize("seed", [1, 2])
def test_everyone_named_is_in_the_ledger_once_and_nobody_else(
    seed: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "FEW_GRIDS", few)
    crowd = Crowd.gather(seed)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=audiences, channels=channel_lists, within=st.sampled_from(["", "4101", "410182"]))
    def agrees(data: dict[str, Any], channels: list[str], within: str) -> None:
        audience = Audience.parse(data)
        expected = crowd.told(audience, [(name, KINDS[name]) for name in channels], within)
        with transaction.atomic():
            event = issued(audience, channels=channels, place=within)
            told = manifest.write(event)
            found = ledger(event)
            transaction.set_rollback(True)
        assert len(found) == len({person for person, _place, _channel in found})
        assert {person: (place, channel) for person, place, channel in found} == expected
        assert told == sum(channel != "none" for _place, channel in expected.values())

    agrees()


@pytest.mark.django_db
def test_the_estimate_counts_what_the_ledger_will_hold() -> None:
    Crowd.gather(3)
    audience = Audience.parse({"places": ["410182"], "circles": [[113.32, 34.61, 1]]})
    event = issued(audience, channels=["sms", "email"], place="4101")
    told = manifest.write(event)
    estimate = target.estimate(audience, ["sms", "email"], "4101")
    assert sum(estimate.by_channel.values()) == told
    assert estimate.people == len(ledger(event)) == sum(place.people for place in estimate.by_place)
    assert estimate.no_contact == len([row for row in ledger(event) if row[2] == "none"])
    assert 0 < estimate.vulnerable < estimate.residents < estimate.people
    assert estimate.households > 0
    assert estimate.responsible > 0


@pytest.mark.django_db
def test_the_most_endangered_stand_first_and_a_large_grid_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    Crowd.gather(4)
    monkeypatch.setattr(manifest, "PART", 3)
    event = issued(Audience.parse({"places": ["410182"], "groups": ["residents"]}), channels=["sms"], colour=1)
    manifest.write(event)
    danger = dict(Person.objects.values_list("pk", "priority"))
    by_grid: dict[str, list[int]] = {}
    for row in Manifest.objects.filter(event=event, channel="sms").order_by("place", "part"):
        assert len(row.person_ids) == len(row.states) <= 3
        assert 4000 <= row.priority <= 4400
        by_grid.setdefault(row.place, []).extend(danger[person] for person in row.person_ids)
    assert by_grid
    assert all(ranks == sorted(ranks, reverse=True) for ranks in by_grid.values())


@pytest.mark.django_db
def test_those_without_contact_are_in_the_ledger_and_settled() -> None:
    crowd = Crowd.gather(5)
    event = issued(Audience.parse({"places": ["410182"]}), channels=["sms"])
    manifest.write(event)
    rows = Manifest.objects.filter(event=event, channel=target.NO_CHANNEL)
    assert rows
    for row in rows:
        assert row.due_at is None
        assert set(row.states) == {Sent.NO_CONTACT}
        assert all("phone" not in crowd.kinds.get(person, set()) for person in row.person_ids)


@pytest.mark.django_db
def test_a_drill_never_overtakes_a_real_warning() -> None:
    for code in ("41", "4101"):
        add_place(code, code)
    drill = issued(Audience(places=("4101",)), colour=1, status="Exercise")
    real = issued(Audience(places=("4101",)), colour=4)
    assert manifest.base_priority(drill) + 400 < manifest.base_priority(real)


@pytest.mark.django_db
def test_who_is_at_risk_and_in_no_list_is_shown() -> None:
    Crowd.gather(6)
    found = target.uncovered(Audience.parse({"places": ["410182"]}))
    assert found.grids == len(found.first_grids) == len(GRIDS)
    assert found.households == len(found.first_households) > 0
    assert found.sites == len(found.first_sites) > 0
    nowhere = target.uncovered(Audience.parse({"circles": [[100.0, 30.0, 1]]}))
    assert not nowhere
