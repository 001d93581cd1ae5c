from __future__ import annotations

import pytest
from django.test import Client

from lastmile.community.org.models import Place
from lastmile.community.org.tests.test_geometry import GRID, outline
from tests.world import World

VILLAGE = "410182109211"


@pytest.fixture
def world(client: Client) -> World:
    made = World.build(people=False)
    made.login(client, "officer")
    return made


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
class TestPlaces:
    def test_the_tree_opens_at_the_own_place(self, client: Client) -> None:
        assert client.get("/places/").headers["Location"] == "/places/410182/"

    def test_a_place_shows_its_children_and_the_way_up(self, client: Client) -> None:
        page = client.get("/places/410182/").content.decode()
        assert "崔庙镇" in page
        assert "郑州市" in page
        assert 'href="/places/4101/"' not in page  # outside the officer's area: named, not linked

    def test_a_place_next_door_is_as_if_it_did_not_exist(self, client: Client) -> None:
        assert client.get("/places/410181/").status_code == 404
        assert client.get("/places/410181/outlines.json").status_code == 404
        assert client.get("/places/410181/children.json").status_code == 404

    @pytest.mark.parametrize("code", ["0", "9999999999999999999999", "abc", "%00", "410182-"])
    def test_an_unknown_code_is_not_found(self, client: Client, code: str) -> None:
        assert client.get(f"/places/{code}/").status_code == 404

    def test_it_is_found_by_name_and_by_code(self, client: Client) -> None:
        for words in ("王宗店", VILLAGE, "王宗店 村委会"):
            results = client.get("/places/search.json", {"q": words}).json()["results"]
            assert results[0]["code"] == VILLAGE
            assert results[0]["path"] == "荥阳市 崔庙镇"

    def test_the_exact_name_comes_first(self, client: Client) -> None:
        Place.objects.create(code="410182100", name="大崔庙镇", level=4, parent_id="410182", national_code="410182100")
        results = client.get("/places/search.json", {"q": "崔庙镇"}).json()["results"]
        assert [r["code"] for r in results] == ["410182109", "410182100"]

    @pytest.mark.parametrize("words", ["巩义", "410181", "", "%", "_", "\x00"])
    def test_nothing_outside_the_area_and_no_wildcards(self, client: Client, words: str) -> None:
        assert client.get("/places/search.json", {"q": words}).json()["results"] == []

    def test_search_can_ask_for_a_level(self, client: Client) -> None:
        results = client.get("/places/search.json", {"q": "410182", "level": "5"}).json()["results"]
        assert {r["level"] for r in results} == {5}

    def test_children_come_with_their_number(self, client: Client) -> None:
        children = client.get("/places/410182109/children.json").json()["children"]
        assert [(c["code"], c["children"]) for c in children] == [("410182109205", 0), (VILLAGE, 2)]

    def test_retired_places_are_not_offered(self, client: Client) -> None:
        Place.objects.filter(pk=VILLAGE).update(valid_to="2026-01-01")
        children = client.get("/places/410182109/children.json").json()["children"]
        assert [c["code"] for c in children] == ["410182109205"]
        assert client.get("/places/search.json", {"q": "王宗店"}).json()["results"] == []

    def test_outlines_are_geojson_and_change_with_the_place(self, client: Client) -> None:
        url = f"/places/{VILLAGE}/outlines.json"
        assert client.get(url).json()["features"] == []
        outline(GRID, 113.3, 34.6)
        answer = client.get(url)
        assert [f["properties"]["code"] for f in answer.json()["features"]] == [GRID]
        assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        Place.objects.filter(pk=GRID).update(name="东网格")
        again = client.get(url, headers={"If-None-Match": answer["ETag"]})
        assert again.json()["features"][0]["properties"]["name"] == "东网格"

    def test_the_list_filters_by_level_and_exports(self, client: Client) -> None:
        page = client.get("/places/all/", {"level": "4"}).content.decode()
        assert "崔庙镇" in page
        assert "王宗店" not in page
        assert client.get("/places/all/?export=xlsx").status_code == 200

    def test_the_gaps_name_the_village_without_grids(self, client: Client) -> None:
        page = client.get("/places/gaps/").content.decode()
        assert "邻村村委会" in page
        assert "第1网格" in page  # no outline yet


@pytest.mark.django_db
def test_a_stranger_meets_the_log_in_page(client: Client) -> None:
    World.build(people=False)
    for url in ("/places/", "/places/410182/", "/places/search.json?q=4", "/places/410182/outlines.json"):
        assert client.get(url)["Location"].startswith("/login/")
