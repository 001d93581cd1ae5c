"""Who stands above whom: named or by the tree, never in a circle, shown as silence really climbs."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.test import Client

from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Leave, Person
from lastmile.duties import actions, escalation, policies
from lastmile.duties.actions import name_superior
from lastmile.duties.models import Obligation, Superior
from lastmile.duties.queries.superiors import ladder, of_area, superior_of
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
GRID, VILLAGE, TOWN, COUNTY, CITY = "410182109211001", "410182109211", "410182109", "410182", "4101"


@pytest.fixture
def world() -> World:
    return World.build()


def leader(code: str) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


def held(world: World, code: str, title: str, department: str = "", kind: str = Post.Kind.OTHER) -> Post:
    post = Post.objects.create(place_id=code, kind=kind, title=title, department=department)
    person = Person.objects.create(place_id=code, name="赵某", updated_at=clock.now())
    Appointment.objects.create(post=post, person=person, role="holder", since=clock.today())
    return post


def test_the_superior_is_the_named_one_else_the_leader_above(world: World) -> None:
    assert superior_of(leader(GRID)) == leader(VILLAGE)
    assert superior_of(leader(CITY)) is None
    name_superior(world.officer, leader(GRID), leader(COUNTY))
    assert superior_of(leader(GRID)) == leader(COUNTY)
    name_superior(world.officer, leader(GRID), None)
    assert superior_of(leader(GRID)) == leader(VILLAGE)


def test_a_department_answers_to_its_own_at_the_next_level_that_has_no_other_leader(world: World) -> None:
    station = held(world, TOWN, "水利站值班负责人", "水利局")
    assert superior_of(station) == leader(TOWN)  # 块: the leader of its own place comes first
    bureau = held(world, COUNTY, "水利局值班负责人", "水利局")
    assert superior_of(station, beside=[leader(TOWN).pk]) == bureau  # 条: then its own department


def test_who_is_on_leave_is_passed_over(world: World) -> None:
    day = clock.today()
    Leave.objects.create(person=world.staff[VILLAGE], first_day=day, last_day=day)
    assert superior_of(leader(GRID)) == leader(TOWN)


def test_a_circle_is_refused_named_or_by_the_tree(world: World) -> None:
    deputy, clerk = held(world, VILLAGE, "副主任"), held(world, VILLAGE, "文书")
    name_superior(None, clerk, deputy)
    for post, above in ((leader(VILLAGE), leader(VILLAGE)), (deputy, clerk), (leader(VILLAGE), clerk)):
        with pytest.raises(Refusal, match="绕回原处"):  # the tree puts the deputy below the leader
            name_superior(None, post, above)
    name_superior(None, deputy, leader(TOWN))
    name_superior(None, leader(VILLAGE), clerk)  # leader › clerk › deputy › township: no circle
    with pytest.raises(Refusal):
        name_superior(None, deputy, None)  # back to the tree: the leader, who stands below
    assert Superior.objects.count() == 3


def test_nobody_below_beside_or_closed_is_named(world: World) -> None:
    closed = held(world, COUNTY, "旧岗位")
    closed.closed_on = clock.today()
    closed.save()
    beside = held(world, "410182108", "邻镇负责人", kind=Post.Kind.LEADER)
    for post, above in ((TOWN, leader(GRID)), (VILLAGE, beside), (VILLAGE, closed)):
        with pytest.raises(Refusal):
            name_superior(None, leader(post), above)
    assert not Superior.objects.exists()


def climbed(post: Post) -> list[int]:
    """Whom silence reaches in truth, one after the other."""
    policies.register("climb", [policies.Step("superior", timedelta(minutes=n)) for n in range(10)])
    due = clock.now() + timedelta(minutes=1)
    owed = actions.create(
        kind="duties.task", key=str(post.pk), title="x", place=post.place_id, post=post.pk, due_at=due, policy="climb"
    )
    for _step in range(12):
        clock.forward(minutes=2)
        escalation.tick()
    return Obligation.objects.get(pk=owed.pk).climbed


def shuffled(world: World, rng: random.Random) -> list[Post]:
    """Posts of any kind at every level, some named as superiors, some of their people away, some posts vacant."""
    codes = [CITY, COUNTY, TOWN, VILLAGE, GRID]
    posts = [leader(code) for code in codes]
    for number in range(14):
        kind = Post.Kind.LEADER if rng.random() < 0.2 else Post.Kind.OTHER
        posts.append(held(world, rng.choice(codes), f"岗位{number}", rng.choice(["", "水利局", "卫健委"]), kind))
    for row in Appointment.objects.all():
        if rng.random() < 0.2:
            Leave.objects.create(person=row.person, first_day=clock.today(), last_day=clock.today() + timedelta(days=3))
        elif rng.random() < 0.1:
            row.delete()
    pairs = [(post, rng.choice(posts)) for post in posts if rng.random() < 0.4]
    for post, above in pairs:
        if post.place_id.startswith(above.place_id) and post != above:
            Superior.objects.create(post=post, superior=above)
    return posts


@pytest.mark.parametrize("seed", range(6))
def test_the_ladder_that_is_shown_is_the_one_that_silence_climbs(world: World, seed: int) -> None:
    for post in shuffled(world, random.Random(seed)):
        shown = [rung.post.pk for rung in ladder(post)]
        assert climbed(post) == shown[:10]
        assert of_area(world.city).get(pk=post.pk).above == (shown[0] if shown else None)


def test_the_list_is_searched_filtered_and_keeps_to_the_area(world: World, client: Client) -> None:
    name_superior(world.officer, leader(VILLAGE), leader(COUNTY))
    held(world, TOWN, "派出所值班负责人", "派出所")
    world.login(client, "officer")
    page = client.get("/duties/superiors/?q=派出所").content.decode()
    assert "派出所值班负责人" in page
    assert "崔庙镇 · 负责人" in page
    named = client.get("/duties/superiors/?how=named").content.decode()
    assert f"/duties/superiors/{leader(VILLAGE).pk}/" in named
    assert f"/duties/superiors/{leader(GRID).pk}/" not in named
    assert client.get("/duties/superiors/?export=xlsx").headers["Content-Type"].endswith("sheet")
    world.login(client, "neighbour")
    assert f"/duties/superiors/{leader(VILLAGE).pk}/" not in client.get("/duties/superiors/").content.decode()
    assert client.get(f"/duties/superiors/{leader(VILLAGE).pk}/").status_code == 404


def test_the_page_shows_the_way_up_and_names_somebody_else(world: World, client: Client) -> None:
    post = leader(VILLAGE)
    world.login(client, "township")
    address = f"/duties/superiors/{post.pk}/"
    page = client.get(address).content.decode()
    assert page.index("崔庙镇 · 负责人") < page.index("荥阳市 · 负责人") < page.index("郑州市 · 负责人")
    form = client.get(address + "name/?who=荥阳").content.decode().split("<select", 1)[1].split("</select>")[0]
    assert "荥阳市" in form
    assert "崔庙镇" not in form
    answer = client.post(address + "name/", {"superior": leader(COUNTY).pk}, follow=True).content.decode()
    assert answer.index("荥阳市 · 负责人") < answer.index("郑州市 · 负责人")
    assert "崔庙镇 · 负责人" not in answer
    world.login(client, "officer")
    assert "王宗店村委会 · 负责人" in client.get(f"/duties/superiors/{leader(COUNTY).pk}/").content.decode()
    world.login(client, "township")
    clerk = held(world, VILLAGE, "文书")
    refused = client.post(address + "name/", {"superior": clerk.pk})
    assert refused.status_code == 422
    assert "绕回原处" in refused.content.decode()
    assert client.post(address + "name/", {"superior": "99999999"}).status_code == 422
    assert Superior.objects.get(post=post).superior == leader(COUNTY)
    client.post(address + "name/", {"superior": ""})
    assert not Superior.objects.exists()


def test_who_is_named_but_away_is_said_and_so_is_the_top(world: World, client: Client) -> None:
    name_superior(None, leader(GRID), leader(COUNTY))
    day = clock.today()
    Leave.objects.create(person=world.staff[COUNTY], first_day=day, last_day=day)
    world.login(client, "city")
    page = client.get(f"/duties/superiors/{leader(GRID).pk}/").content.decode()
    assert "荥阳市 · 负责人" in page.split("card-footer")[1]
    assert "今天上面没有人在岗" in client.get(f"/duties/superiors/{leader(CITY).pk}/").content.decode()


def test_only_who_edits_posts_names_a_superior(world: World, client: Client) -> None:
    address = f"/duties/superiors/{leader(VILLAGE).pk}/name/"
    for login, status in (("approver", 403), ("grid", 403), ("neighbour", 404)):
        world.login(client, login)
        assert client.post(address, {"superior": leader(COUNTY).pk}).status_code in {status, 403, 404}
    assert not Superior.objects.exists()
