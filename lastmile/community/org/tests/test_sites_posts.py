from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.community.org.models import Post, SpecialSite
from lastmile.kernel.models import AuditEntry
from tests.world import World

VILLAGE = "410182109211"
HOME: dict[str, Any] = {"kind": "care_home", "name": "崔庙敬老院", "place": VILLAGE, "capacity": 40}


@pytest.fixture
def world(client: Client) -> World:
    made = World.build(people=False)
    made.login(client, "village")
    return made


def add(client: Client, **changes: Any) -> Any:
    return client.post(f"/places/{VILLAGE}/sites/add/", {**HOME, **changes})


@pytest.mark.django_db
class TestSites:
    def test_a_site_is_added_shown_and_audited(self, client: Client, world: World) -> None:
        answer = add(client, longitude="113.31", latitude="34.61")
        site = SpecialSite.objects.get()
        assert answer["Location"] == f"/sites/{site.pk}/"
        assert "崔庙敬老院" in client.get("/sites/").content.decode()
        assert "崔庙敬老院" in client.get(f"/places/{VILLAGE}/").content.decode()
        assert AuditEntry.objects.filter(action="org.add_site", place=VILLAGE).count() == 1
        points = client.get(f"/places/{VILLAGE}/sites.json").json()["features"]
        assert points[0]["geometry"]["coordinates"] == [113.31, 34.61]
        assert world

    @pytest.mark.parametrize(
        "changes",
        [
            {"name": ""},
            {"name": "x" * 101},
            {"name": "a\0b"},
            {"kind": "castle"},
            {"place": "410182109205"},
            {"place": "410181"},
            {"place": "nothing"},
            {"capacity": "-1"},
            {"capacity": "99999999999999999999"},
            {"longitude": "113.3"},
            {"longitude": "34.6", "latitude": "113.3"},
            {"longitude": "nan", "latitude": "34.6"},
            {"address": "长" * 10_000},
        ],
    )
    def test_bad_input_comes_back_with_words_and_writes_nothing(
        self, client: Client, world: World, changes: dict[str, str]
    ) -> None:
        answer = add(client, **changes)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
        assert not SpecialSite.objects.exists()
        assert world

    def test_the_same_name_twice_is_a_sentence(self, client: Client, world: World) -> None:
        add(client)
        assert add(client).status_code in (409, 422)
        assert SpecialSite.objects.count() == 1
        assert world

    def test_it_is_edited_and_closed_with_its_posts(self, client: Client, world: World) -> None:
        add(client)
        site = SpecialSite.objects.get()
        client.post(f"/sites/{site.pk}/edit/", {**HOME, "name": "新敬老院"})
        client.post(f"/places/{VILLAGE}/posts/add/", {"kind": "site", "title": "院长", "site": site.pk})
        client.post(f"/sites/{site.pk}/close/")
        site.refresh_from_db()
        assert site.name == "新敬老院"
        assert site.closed_on is not None
        assert Post.objects.get().closed_on is not None
        assert world

    def test_another_village_is_not_touched(self, client: Client, world: World) -> None:
        other = SpecialSite.objects.create(place_id="410182109205", kind="school", name="邻村小学")
        for url in (f"/sites/{other.pk}/", f"/sites/{other.pk}/edit/", "/places/410182109205/sites/add/"):
            assert client.get(url).status_code == 404
        assert client.post(f"/sites/{other.pk}/close/").status_code == 404
        assert "邻村小学" not in client.get("/sites/").content.decode()
        assert world

    def test_a_grid_worker_sees_but_does_not_change(self, client: Client, world: World) -> None:
        site = SpecialSite.objects.create(place_id=VILLAGE + "001", kind="school", name="小学")
        world.login(client, "grid")
        assert client.get(f"/sites/{site.pk}/").status_code == 200
        assert client.post(f"/sites/{site.pk}/close/").status_code == 403

    def test_a_site_nobody_answers_for_is_a_gap(self, client: Client, world: World) -> None:
        add(client)
        assert VILLAGE in client.get("/places/gaps/").content.decode().split('id="site_without_post"')[1]
        site = SpecialSite.objects.get()
        client.post(f"/places/{VILLAGE}/posts/add/", {"kind": "site", "title": "院长", "site": site.pk})
        part = client.get("/places/gaps/").content.decode().split('id="site_without_post"')[1]
        assert VILLAGE not in part.split('id="retired_in_use"')[0]
        assert world

    def test_the_list_exports(self, client: Client, world: World) -> None:
        add(client)
        assert client.get("/sites/?export=xlsx")["Content-Type"].endswith("sheet")
        assert world


@pytest.mark.django_db
class TestPosts:
    def test_a_post_is_opened_edited_and_closed(self, client: Client, world: World) -> None:
        url = f"/places/{VILLAGE}/posts/add/"
        client.post(url, {"kind": "flood", "title": "防汛负责人", "must_answer": "on"})
        post = Post.objects.get()
        client.post(f"/posts/{post.pk}/edit/", {"kind": "flood", "title": "防汛责任人", "must_answer": "on"})
        assert "防汛责任人" in client.get("/posts/").content.decode()
        client.post(f"/posts/{post.pk}/close/")
        post.refresh_from_db()
        assert post.closed_on is not None
        assert world

    def test_the_same_post_twice_is_refused_in_words(self, client: Client, world: World) -> None:
        url = f"/places/{VILLAGE}/posts/add/"
        client.post(url, {"kind": "flood", "title": "防汛负责人"})
        answer = client.post(url, {"kind": "flood", "title": "防汛负责人"})
        assert answer.status_code in (409, 422)
        assert Post.objects.count() == 1
        assert world

    @pytest.mark.parametrize(
        "changes", [{"kind": "king"}, {"title": ""}, {"kind": "site"}, {"site": "77"}, {"site": "x"}]
    )
    def test_bad_input_writes_nothing(self, client: Client, world: World, changes: dict[str, str]) -> None:
        answer = client.post(f"/places/{VILLAGE}/posts/add/", {"kind": "flood", "title": "防汛负责人", **changes})
        assert answer.status_code == 422
        assert not Post.objects.exists()
        assert world
