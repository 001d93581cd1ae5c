"""Gaps of this room: facts too old to count, and questions that nobody is there to answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.models import Appointment, Household
from lastmile.duties import gaps
from lastmile.duties.models import Obligation
from lastmile.duties.queries import gaps as radar
from lastmile.facts import dictionary, rules
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.reassign import appoint_for
from lastmile.facts.actions.request import Wish, register
from lastmile.facts.models import Ask, Entry, Via
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict
from tests.world import World, phone

pytestmark = pytest.mark.django_db
COUNTY, VILLAGE, GRID, OTHER = "410182", "410182109211", "410182109211001", "410182109205"
PUMPS, BOATS = "village.pumps", "village.boats"


def tell(world: World, name: str, value: str, *, site: int | None = None, home: int | None = None) -> None:
    place = GRID if home else VILLAGE
    enter(world.village, [Said(dictionary.field(name), place, site, value, home=home)], Via.PAGE)


def stale() -> set[tuple[str, str]]:
    return set(rules.stale().values_list("field", "value"))


def ask(world: World, *names: str) -> Ask:
    fields, unit = dictionary.named(names), world.places[COUNTY]
    due = clock.now() + timedelta(days=3)
    return register(world.officer, Wish(unit, "摸底", "条例", "检查", fields, [VILLAGE], "place", 5, due)).asks.get()


def test_a_fact_becomes_a_gap_when_it_is_too_old_and_only_its_last_value_counts() -> None:
    world = World.build()
    site = SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name="小学")
    tell(world, PUMPS, "3")
    tell(world, BOATS, "1")
    tell(world, "site.people_now", "80", site=site.pk)
    tell(world, "home.vehicle", "yes", home=world.households[0].pk)
    clock.forward(days=30)
    assert stale() == set()
    clock.forward(days=1)
    assert stale() == {("site.people_now", "80")}
    clock.forward(days=150)
    assert stale() == {("site.people_now", "80"), (PUMPS, "3"), ("home.vehicle", "yes")}
    tell(world, PUMPS, "4")
    assert (PUMPS, "3") not in stale()
    SpecialSite.objects.update(closed_on=clock.today())
    world.households[0].moved_out_on = clock.today()
    world.households[0].save()
    assert stale() == set()


def test_a_stale_fact_of_a_household_that_moved_is_mended_where_it_lives_now() -> None:
    world = World.build()
    home, new = world.households[0], "410182109211002"
    tell(world, "home.vehicle", "yes", home=home.pk)
    clock.forward(days=181)
    Household.objects.filter(pk=home.pk).update(place=new)
    rule = gaps.get("stale_fact")
    gap = gaps.seen(world.village, rule, new).get()
    assert not gaps.seen(world.village, rule, GRID).exists()
    assert rule.mend is not None
    rule.mend.act(gap, {"value": ""}, world.village)
    assert Entry.objects.latest("pk").place == new
    assert stale() == set()


def test_a_fact_of_a_site_that_moved_is_no_gap_that_nobody_can_mend() -> None:
    world = World.build()
    site = SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name="小学")
    tell(world, "site.people_now", "80", site=site.pk)
    clock.forward(days=31)
    assert stale() == {("site.people_now", "80")}
    SpecialSite.objects.update(place=GRID)
    assert stale() == set()


def test_whoever_appoints_for_a_question_that_was_answered_meanwhile_is_told_so() -> None:
    world = World.build()
    Post.objects.filter(place=VILLAGE).update(closed_on=clock.today())
    held = ask(world, PUMPS)
    tell(world, PUMPS, "3")
    with pytest.raises(Conflict):
        appoint_for(held, {"phone": phone()}, world.village)


def test_a_stale_fact_is_on_the_radar_and_one_tap_says_that_it_is_still_so(client: Client) -> None:
    world = World.build()
    tell(world, PUMPS, "3")
    clock.forward(days=181)
    assert radar.counted(world.village, "", 12)["stale_fact"] == {VILLAGE: 1}
    gap = gaps.seen(world.village, gaps.get("stale_fact")).get()
    world.login(client, "village")
    page = client.get("/gaps/stale_fact/").content.decode()
    assert "3 台" in page
    assert client.get(gaps.get("stale_fact").url(gap)).status_code == 200
    assert client.post(f"/gaps/stale_fact/{gap.pk}/mend/", {"value": "viele"}).status_code == 400
    assert client.post(f"/gaps/stale_fact/{gap.pk}/mend/", {"value": ""}).status_code == 302
    assert not rules.stale().exists()
    assert list(Entry.objects.order_by("pk").values_list("value", "as_of")) == [
        ("3", clock.today() - timedelta(days=181)),
        ("3", clock.today()),
    ]


def test_every_kind_of_row_has_a_page_and_a_name() -> None:
    world = World.build()
    site = SpecialSite.objects.create(place=world.places[VILLAGE], kind="school", name="小学")
    tell(world, "site.plan", "是", site=site.pk)
    tell(world, "home.vehicle", "是", home=world.households[0].pk)
    clock.forward(days=400)
    rule = gaps.get("stale_fact")
    assert {rule.what(entry).split(" ")[0] for entry in rules.stale()} == {"小学", "001-1"}
    assert {rule.url(entry).split("/")[2] for entry in rules.stale()} == {"sites", "households"}


def test_a_question_without_a_post_is_a_gap_until_somebody_is_appointed(client: Client) -> None:
    world = World.build(people=False)
    ask_ = ask(world, PUMPS)
    assert ask_.post_id is None
    assert radar.counted(world.village, "", 12)["unanswerable"] == {VILLAGE: 1}
    assert Obligation.objects.get().perm == "facts:fact:enter"
    world.login(client, "township")
    url = f"/gaps/unanswerable/{ask_.pk}/mend/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"phone": phone(), "name": ""}).status_code == 400
    assert client.post(url, {"phone": phone(), "name": "王会计"}).status_code == 302
    ask_.refresh_from_db()
    post = Post.objects.get(pk=ask_.post_id or 0)
    assert (post.kind, post.place_id) == ("leader", VILLAGE)
    owed = Obligation.objects.get(closed_at=None)
    assert (owed.post_id, owed.perm) == (ask_.post_id, "")
    assert not rules.unanswerable().exists()


def test_a_question_to_a_post_that_nobody_holds_is_a_gap_and_its_new_holder_gets_it() -> None:
    world = World.build()
    ask_ = ask(world, PUMPS)
    assert not rules.unanswerable().exists()
    Appointment.objects.filter(post=ask_.post).update(until=clock.today())
    assert list(rules.unanswerable()) == [ask_]
    rule = gaps.get("unanswerable")
    assert rule.mend is not None
    rule.mend.act(rules.unanswerable().get(), {"phone": phone(), "name": "李接手"}, world.township)
    assert not rules.unanswerable().exists()
    assert Obligation.objects.get().post_id == ask_.post_id
    Post.objects.filter(pk=ask_.post_id or 0).update(closed_on=clock.today())
    assert list(rules.unanswerable()) == [ask_]


def test_an_answered_question_is_no_gap() -> None:
    world = World.build(people=False)
    ask(world, PUMPS)
    tell(world, PUMPS, "3")
    assert not rules.unanswerable().exists()
