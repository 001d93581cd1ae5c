"""The gap radar: every kind is counted where it is, sums and trend follow, and a gap is mended on the spot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.actions import appoint
from lastmile.community.people.models import Appointment, Contact, Person
from lastmile.duties import gaps
from lastmile.duties.actions import gaps as actions
from lastmile.duties.models import DutyList
from lastmile.duties.models.gap import GapChange, GapRun, GapSum
from lastmile.duties.queries import gaps as queries
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
VILLAGE, TOWN, COUNTY = "410182109211", "410182109", "410182"


@pytest.fixture
def world() -> World:
    return World.build()


def counts(world: World, login: str = "officer") -> dict[str, int]:
    found = queries.counted(world.users[login], "", 6)
    return {kind: sum(parts.values()) for kind, parts in found.items()}


def leader(code: str = VILLAGE) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


def test_every_kind_of_gap_is_counted_where_it_is(world: World) -> None:
    SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.SCHOOL, name="小学")
    Contact.objects.filter(person__household=world.households[0]).update(usable=False)
    Contact.objects.filter(person=world.residents[2]).update(confirmed_at=clock.now() - timedelta(days=366))
    Contact.objects.filter(person=world.staff[VILLAGE]).update(confirmed_at=clock.now() - timedelta(days=91))
    Appointment.objects.filter(post=leader(TOWN)).update(until=clock.today())
    expected = {"grid": 2, "vacant": 1, "deputy": 4, "silent": 1, "unguarded": 6, "stale": 1, "site": 1}
    expected |= {"untested": 1, "ungridded": 1, "outline": 2, "overload": 0, "retired": 0}
    found = counts(world)
    assert {name: found[name] for name in expected} == expected
    assert queries.counted(world.officer, TOWN, 15)["silent"] == {f"{VILLAGE}001": 1}
    assert not any(counts(world, "neighbour").values())


def test_who_holds_two_posts_has_one_untested_number_and_an_untried_deputy_counts_too(world: World) -> None:
    clock.forward(days=91)
    before = counts(world)["untested"]
    appoint(leader(TOWN), world.staff[VILLAGE], "deputy", by=world.officer)
    assert counts(world)["untested"] == before > 0
    rule = gaps.get("untested")
    assert [row.at for row in gaps.found(rule).filter(person=world.staff[VILLAGE])] == [VILLAGE]
    Contact.objects.filter(person=world.staff[VILLAGE]).update(confirmed_at=clock.now())
    assert counts(world)["untested"] == before - 1


def test_sums_of_a_run_agree_with_counting_and_are_read_instead(world: World) -> None:
    live = counts(world)
    assert actions.refresh_due() > 0
    assert counts(world) == live
    assert actions.refresh_due() == 0
    appoint(leader(), world.residents[0], "deputy", by=world.village)
    assert counts(world)["deputy"] == live["deputy"]  # the county still reads the sums
    assert counts(world, "village")["deputy"] == 1  # of the village's own two
    clock.forward(minutes=16)
    assert actions.refresh_due() == 1
    assert counts(world)["deputy"] == live["deputy"] - 1


def test_the_trend_is_the_sum_of_changes_under_any_place(world: World) -> None:
    actions.refresh_due()
    total = sum(counts(world).values())
    clock.forward(days=3)
    appoint(leader(), world.residents[0], "deputy", by=world.village)
    actions.refresh(VILLAGE)
    actions.refresh(VILLAGE)
    assert [n for _day, n in queries.trend(world.officer, "")] == [total, total, total, total - 1]
    assert [n for _day, n in queries.trend(world.officer, COUNTY, rule="deputy")] == [4, 4, 4, 3]
    assert queries.trend(world.neighbour, "") == []
    assert GapChange.objects.aggregate(n=Sum("delta"))["n"] == GapSum.objects.aggregate(n=Sum("n"))["n"]


def test_the_run_before_midnight_closes_the_day(world: World) -> None:
    actions.refresh_due()
    run = GapRun.objects.get()
    assert run.due_at - clock.now() <= timedelta(minutes=15)
    run.seconds, run.due_at = 1000.0, clock.now()
    late = actions._next(clock.now().astimezone(clock.BEIJING).replace(hour=20, minute=0), 1000.0)
    assert (late.hour, late.minute) == (23, 50)


def test_a_worker_has_too_many_households_by_the_number_of_the_nearest_place(world: World) -> None:
    worker = world.residents[0]
    for number in ("001", "002"):
        post = Post.objects.create(place_id=VILLAGE + number, kind=Post.Kind.GRID_WORKER, title="网格员")
        appoint(post, worker, "holder", by=world.village)
    overload = gaps.get("overload")
    assert counts(world)["overload"] == 0
    actions.set_limit(overload, world.places[COUNTY], 5, by=world.officer)
    assert counts(world)["overload"] == 1  # one worker, not one a grid
    assert gaps.seen(world.officer, overload)[0].homes == 6
    actions.set_limit(overload, world.places[VILLAGE], 6, by=world.officer)
    assert counts(world)["overload"] == 0
    assert queries.limits(VILLAGE)["overload"] == 6
    actions.set_limit(overload, world.places[VILLAGE], None, by=world.officer)
    assert queries.limits(VILLAGE)["overload"] == 5
    with pytest.raises(Refusal):
        actions.set_limit(overload, world.places[VILLAGE], 0, by=world.officer)
    with pytest.raises(Refusal):
        actions.set_limit(gaps.get("grid"), world.places[VILLAGE], 3, by=world.officer)


def test_a_guardian_who_can_be_reached_closes_the_gap(world: World) -> None:
    frail, neighbour = world.residents[1], world.residents[2]
    frail.guardian = neighbour
    frail.save()
    assert counts(world)["unguarded"] == 5
    Contact.objects.filter(person__in=[frail, neighbour]).update(usable=False)
    assert counts(world)["unguarded"] == 6


def mend(client: Client, kind: str, pk: Any, /, **typed: str) -> int:
    return client.post(f"/gaps/{kind}/{pk}/mend/", typed).status_code


def test_gaps_are_mended_on_the_radar(world: World, client: Client) -> None:
    world.login(client, "village")
    site = SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.SCHOOL, name="小学")
    Contact.objects.filter(person__household=world.households[0]).update(usable=False)
    old = Contact.objects.get(person=world.residents[2])
    Contact.objects.filter(pk=old.pk).update(confirmed_at=clock.now() - timedelta(days=366))
    before = counts(world, "village")
    assert mend(client, "grid", VILLAGE + "001", phone="10077770001", name="赵网格") == 302
    assert mend(client, "deputy", leader().pk, phone="10077770002", name="钱副手") == 302
    assert mend(client, "site", site.pk, phone="10077770003", name="孙校长") == 302
    assert mend(client, "silent", world.households[0].pk, kind="phone", value="10077770004") == 302
    guardian = world.residents[2].contacts.get().value.reveal()
    assert mend(client, "unguarded", world.residents[3].pk, phone=guardian) == 302
    assert mend(client, "stale", old.pk) == 302
    after = counts(world, "village")
    changed = {kind: after[kind] - before[kind] for kind in before if after[kind] != before[kind]}
    assert changed == {"grid": -1, "silent": -1, "unguarded": -1, "stale": -1, "site": -1, "deputy": 1, "unlisted": 2}
    assert Post.objects.filter(place=VILLAGE + "001", title="网格员").count() == 1


def test_a_wrong_number_is_told_and_nothing_is_half_done(world: World, client: Client) -> None:
    world.login(client, "village")
    before = Post.objects.count(), Person.objects.count()
    assert mend(client, "grid", VILLAGE + "001", phone="123", name="赵网格") == 400
    assert (Post.objects.count(), Person.objects.count()) == before


def test_a_closed_gap_leads_back_and_strangers_find_none(world: World, client: Client) -> None:
    world.login(client, "village")
    assert client.get("/gaps/vacant/1/mend/").headers["Location"] == "/gaps/vacant/"
    assert client.get("/gaps/vacant/nonsense/mend/").status_code == 302
    assert client.get("/gaps/outline/" + VILLAGE + "001/mend/").headers["Location"].endswith("/outline/")
    world.login(client, "grid")
    assert client.get("/gaps/grid/" + VILLAGE + "001/mend/").status_code == 403


def test_gap_pages_open_with_counts_lists_and_export(world: World, client: Client) -> None:
    actions.refresh_due()
    clock.forward(days=9)
    actions.refresh_due()
    world.login(client, "officer")
    page = client.get("/gaps/").content.decode()
    assert "gap-trend-data" in page
    assert client.get("/gaps/", {"place": VILLAGE}).status_code == 200
    assert client.get("/gaps/", {"place": "410181"}).status_code == 404
    assert client.get("/gaps/?export=xlsx").headers["Content-Disposition"].endswith('"gaps.xlsx"')
    for rule in gaps.rules():
        assert client.get(f"/gaps/{rule.name}/").status_code == 200
    assert client.get("/gaps/deputy/?export=xlsx").status_code == 200
    assert client.get("/gaps/nonsense/").status_code == 404
    assert "李村民" not in client.get("/gaps/unguarded/").content.decode()
    assert client.post("/gaps/refresh/", {"place": TOWN}).headers["Location"] == f"/gaps/?place={TOWN}"


def test_limits_are_set_on_their_page(world: World, client: Client) -> None:
    world.login(client, "township")
    address = f"/gaps/limits/{TOWN}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"rule": "overload", "value": "300"}).status_code == 302
    assert queries.limits(TOWN)["overload"] == 300
    assert client.post(address, {"rule": "overload", "value": "many"}).status_code == 422
    assert client.post(address, {"rule": "overload", "value": "9999999"}).status_code == 400
    assert client.get("/gaps/limits/410182/").status_code in (403, 404)


def test_programs_read_counts_and_rows(world: World, client: Client) -> None:
    world.login(client, "village")
    rows = {row["kind"]: row for row in client.get("/api/v1/gaps").json()}
    assert rows["deputy"]["total"] == 2
    assert rows["deputy"]["owner"] == Level.VILLAGE.name.lower()
    assert len(client.get("/api/v1/gaps/deputy").json()) == 2
    assert client.get("/api/v1/gaps/nonsense").status_code == 404
    assert client.get("/api/v1/gaps?place=410181").status_code == 404


def test_the_owner_is_the_place_whose_job_it_is() -> None:
    rule = gaps.get("vacant")
    assert (rule.owner_of(VILLAGE + "001"), rule.owner_of("4101")) == (TOWN, "41")


def test_ended_posts_show_up_as_gaps_and_vanish_when_filled(world: World, client: Client) -> None:
    assert counts(world)["vacant"] == 0
    world.login(client, "village")
    client.post(f"/people/appointments/{Appointment.objects.get(post=leader()).pk}/end/")
    assert counts(world)["vacant"] == 1
    appoint(leader(), world.residents[0], "holder", by=world.village)
    assert counts(world)["vacant"] == 0
    assert Place.objects.get(pk=VILLAGE).valid_to is None


def test_a_number_that_does_not_exist_is_replaced_or_used_again(world: World, client: Client) -> None:
    first, second = (Contact.objects.filter(person=person).earliest("pk") for person in world.residents[:2])
    Contact.objects.filter(pk__in=[first.pk, second.pk]).update(usable=False, unusable_why="空号")
    world.login(client, "village")
    assert client.post(f"/gaps/dead/{first.pk}/mend/", {"value": "12"}).status_code == 400
    assert client.post(f"/gaps/dead/{first.pk}/mend/", {"value": "10077770001"}).status_code == 302
    assert client.post(f"/gaps/dead/{second.pk}/mend/", {"value": ""}).status_code == 302
    assert not Contact.objects.filter(pk=first.pk).exists()
    second.refresh_from_db()
    assert second.usable
    assert gaps.seen(world.village, gaps.get("dead")).count() == 0


def test_the_shipped_list_is_taken_with_one_tap_where_there_is_one(world: World, client: Client) -> None:
    leader = Post.objects.get(place=VILLAGE, kind=Post.Kind.LEADER)
    strange = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="看山人")
    world.login(client, "village")
    assert "采用自带清单" in client.get(f"/gaps/unlisted/{leader.pk}/mend/").content.decode()
    assert client.post(f"/gaps/unlisted/{leader.pk}/mend/").status_code == 302
    assert DutyList.objects.get(post=leader).lines
    led_on = client.post(f"/gaps/unlisted/{strange.pk}/mend/")
    assert led_on.headers["Location"] == f"/duties/lists/{strange.pk}/edit/"
    assert not DutyList.objects.filter(post=strange).exists()
