"""Who in a plan area is covered by nobody is found on a quiet day, before issue and in a warning; one click gives it to
somebody, and it is done when they are covered.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.alerting.models import Visit
from lastmile.alerting.plan_areas import actions, assigning, news, standing
from lastmile.alerting.plan_areas.tests.areas import GRID, OTHER, area, around, homes, silence
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.alerting.visits import uncovered
from lastmile.community.cells.actions import arranging
from lastmile.community.cells.models import Cell, Helper, Pair
from lastmile.community.org.models import Place, Post, SpecialSite
from lastmile.community.people.models import Appointment, Contact, Household, Person
from lastmile.duties import queries as duties
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.modules.shelters.models import Shelter


def test_with_a_phone_in_every_home_nobody_is_uncovered(desk: Desk) -> None:
    found = standing.one(area(desk))
    assert found.households == len(homes(OTHER)) > 0
    assert (found.silent, found.nobody, found.uncovered, found.homes) == (0, 0, 0, [])


def test_a_home_that_no_phone_reaches_is_covered_by_whoever_works_in_the_grid(desk: Desk) -> None:
    one, home = area(desk), homes(OTHER)[0]
    silence(home)
    (seen,) = standing.one(one).homes
    assert (seen.household, seen.nobody) == (home.pk, True)
    assert standing.of([one])[one.pk].nobody == 1
    post = Post.objects.create(place_id=OTHER, kind="grid_worker", title="网格员")
    held = Appointment.objects.create(post=post, person=desk.world.staff[GRID], role="holder", since=clock.today())
    found = standing.one(one)
    assert (found.silent, found.nobody, found.homes[0].walked, found.grids) == (1, 0, True, [])
    held.delete()
    assert standing.one(one).nobody == 1


def helper(**more: object) -> Helper:
    facts = {"agreed_on": clock.today(), "agreed_how": "talk", "noted_name": "x"}
    return Helper.objects.create(person=Person.objects.filter(household__place=GRID).earliest("pk"), **facts, **more)


def test_it_is_covered_by_a_cell_that_has_a_head_and_by_neighbours_of_a_pair(desk: Desk) -> None:
    one, rows = area(desk), homes(OTHER)
    silence(rows[0])
    arranging.arrange(Place.objects.get(pk=OTHER), {row.pk: 1 for row in rows}, by=desk.world.village)
    assert standing.one(one).nobody == 1, "nobody looks after the cell yet"
    head = helper(cell=Cell.objects.get(place=OTHER), role="head")
    (seen,) = standing.one(one).homes
    assert (seen.neighboured, seen.walked, seen.nobody) == (True, False, False)
    Helper.objects.filter(pk=head.pk).update(until=clock.today())
    assert standing.one(one).nobody == 1
    resident = Person.objects.filter(household=rows[0]).earliest("pk")
    helper(pair=Pair.objects.create(resident=resident, since=clock.today()), role="pair")
    assert standing.one(one).nobody == 0


def test_a_drawn_area_counts_the_homes_that_stand_in_it(desk: Desk) -> None:
    home = Household.objects.exclude(longitude=None).earliest("pk")
    one = area(desk, places=[], polygons=[around(home, 0.0001)])
    assert standing.one(one).households == 1
    silence(home)
    assert [row.household for row in standing.one(one).homes] == [home.pk]


def test_a_hazard_point_that_nobody_answers_for_stands_first(desk: Desk) -> None:
    SpecialSite.objects.create(place_id=OTHER, kind="school", name="小学")
    SpecialSite.objects.create(place_id=OTHER, kind="hazard_point", name="东岭滑坡点")
    SpecialSite.objects.create(place_id=GRID, kind="care_home", name="不在这里的敬老院")
    found = standing.one(area(desk))
    assert [site.name for site in found.sites] == ["东岭滑坡点", "小学"]
    assert found.all_sites == 2


def test_one_click_gives_it_to_whoever_looks_after_the_place_and_only_once(desk: Desk) -> None:
    one, world = area(desk, places=[GRID]), desk.world
    site = SpecialSite.objects.create(place_id=GRID, kind="hazard_point", name="东岭滑坡点")
    assert assigning.assign(world.village, one) == 1
    owed = Obligation.objects.get(kind="alerting.plan_area")
    assert owed.post is not None
    assert (owed.post.place_id, owed.place_id, owed.basis) == (GRID, GRID, "防汛预案 4.2")
    assert site.name in owed.title
    assert "alerting.plan_area" in [item.kind for item in duties.todo(world.grid)]
    assert assigning.assign(world.village, one) == 0
    assert AuditEntry.objects.filter(action="plan_areas.assign").count() == 2


def test_it_is_done_when_somebody_covers_it_and_opens_again_when_nobody_does(desk: Desk) -> None:
    one, home = area(desk), homes(OTHER)[0]
    silence(home)
    assert assigning.assign(desk.world.village, one) == 1
    assert assigning.settle() == 0, "nothing has changed"
    Contact.objects.filter(person__household=home).update(usable=True)
    assert assigning.settle() == 1
    assert assigning.given(one) == {}
    silence(home)
    assert assigning.assign(desk.world.village, one) == 1
    assert OTHER in assigning.given(one)


def test_out_of_use_nobody_owes_anything_for_it(desk: Desk) -> None:
    one = area(desk)
    silence(homes(OTHER)[0])
    assigning.assign(desk.world.village, one)
    actions.close(one, by=desk.world.village)
    assert not Obligation.objects.filter(kind="alerting.plan_area", closed_at=None).exists()
    with pytest.raises(Conflict):
        assigning.assign(desk.world.village, one)


def test_the_live_page_says_it_by_plan_area_and_one_tap_lists_those_of_one(desk: Desk, client: Client) -> None:
    mine, beside, other = area(desk), area(desk, "西沟", places=[GRID]), area(desk, "雪线", hazard="snow")
    silence(homes(OTHER)[0])
    silence(homes(GRID)[0])
    event = desk.issued()
    rows = {row.area.name: row for row in uncovered.by_plan_area(event, uncovered.find(event, VILLAGE))}
    assert set(rows) == {"东岭坡脚", "西沟"}, "not that of another hazard"
    assert [home.household for home in rows["东岭坡脚"].homes] == [homes(OTHER)[0].pk]
    desk.world.login(client, "village")
    url = f"/alerts/{event.alert.code}/uncovered/{VILLAGE}/"
    assert "东岭坡脚" in client.get(url).content.decode()
    assert client.post(url, {"plan": mine.pk}).status_code == 302
    assert list(Visit.objects.values_list("household", flat=True)) == [homes(OTHER)[0].pk]
    assert client.post(url, {"plan": other.pk}).status_code == 404
    data = client.get(f"/api/v1/alerts/{event.alert.code}/uncovered?place={VILLAGE}").json()
    assert data["plan_areas"] == {str(mine.pk): 0, str(beside.pk): 1}


def test_it_is_shown_before_issue(desk: Desk, client: Client) -> None:
    area(desk)
    area(desk, "别处", place="410182108", places=["410182108"], by=desk.world.officer)
    silence(homes(OTHER)[0])
    draft = desk.draft()
    desk.world.login(client, "officer")
    page = client.get(f"/alerts/{draft.code}/reach/").content.decode()
    assert "东岭坡脚" in page
    assert "1 户没有人会去告知" in page
    assert "别处" not in page


def test_what_can_not_be_is_refused_in_words(desk: Desk) -> None:
    far = {"type": "Polygon", "coordinates": [[[100, 30], [100.1, 30], [100.1, 30.1], [100, 30]]]}
    refused: tuple[dict[str, Any], ...] = (
        {"places": ["410181"]},
        {"places": []},
        {"places": [], "polygons": [far]},
        {"shelters": [9_999_999]},
    )
    for wrong in refused:
        with pytest.raises(Refusal):
            area(desk, **wrong)
    area(desk)
    with pytest.raises(Conflict):
        area(desk)
    for by in (desk.world.grid, desk.world.neighbour):
        with pytest.raises(NotAllowed):
            area(desk, "x", by=by)


def test_nobody_answers_or_nowhere_to_go_is_a_gap(desk: Desk) -> None:
    one = area(desk, destination="")
    assert list(news.unanswered()) == [one]
    shelter = Shelter.objects.create(place_id=VILLAGE, area_id=VILLAGE, kind="school", name="小学", capacity=3)
    post = Post.objects.filter(place_id=VILLAGE, kind="leader").earliest("pk")
    actions.save(one, by=desk.world.village, area=one.area, shelters=[shelter.pk], post=post)
    assert list(news.unanswered()) == []
    found = standing.one(one)
    assert (found.holder, found.beds, found.away) == (True, 3, False)
    assert found.short == found.residents - 3 > 0
