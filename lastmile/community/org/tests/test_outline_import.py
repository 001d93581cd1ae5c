from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lastmile.community.org.models import Boundary, OutlineUpload, Place
from lastmile.community.org.shapes import read_wkb
from lastmile.community.org.tests.test_geometry import GRID, NEXT, outline
from tests.world import World

VILLAGE = "410182109211"
NEW = VILLAGE + "003"


def box(west: float, south: float, size: float = 0.01) -> dict[str, Any]:
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def feature(code: Any, geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


GOOD = collection(feature(GRID, box(113.30, 34.60), name="东岭网格"), feature(NEW, box(113.32, 34.60)))
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[113.3, 34.6], [113.4, 34.7], [113.4, 34.6], [113.3, 34.7], [113.3, 34.6]]],
}


@pytest.fixture
def world(client: Client) -> World:
    made = World.build(people=False)
    made.login(client, "officer")
    return made


def upload(client: Client, data: bytes, **extra: str) -> Any:
    file = SimpleUploadedFile("grids.geojson", data, "application/geo+json")
    return client.post(f"/places/{VILLAGE}/outlines/import/", {"file": file, **extra})


def send(client: Client, body: Any, query: str = "") -> Any:
    return client.post(f"/api/v1/places/{VILLAGE}/outlines{query}", json.dumps(body), content_type="application/json")


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
class TestImport:
    def test_upload_preview_import(self, client: Client) -> None:
        to = upload(client, json.dumps(GOOD).encode())["Location"]
        page = client.get(to).content.decode()
        assert "东岭网格" in page
        assert not Boundary.objects.exists()  # a preview writes nothing
        assert client.post(to)["Location"] == f"/places/{VILLAGE}/"
        assert set(Boundary.objects.values_list("place_id", flat=True)) == {GRID, NEW}
        assert Place.objects.get(pk=GRID).name == "东岭网格"
        assert Place.objects.get(pk=NEW).name == "第3网格"
        assert Place.objects.get(pk=NEW).longitude == pytest.approx(113.325)
        assert not OutlineUpload.objects.exists()
        assert client.post(to).status_code == 404  # twice is once

    def test_one_wrong_feature_stops_all(self, client: Client) -> None:
        bad = collection(*GOOD["features"], feature(NEXT, BOW_TIE))
        to = upload(client, json.dumps(bad).encode())["Location"]
        assert "113.35" in client.get(to).content.decode()  # where it crosses itself
        assert client.post(to).status_code == 422
        assert not Boundary.objects.exists()
        assert not Place.objects.filter(pk=NEW).exists()

    def test_mending_takes_the_crossing_outline(self, client: Client) -> None:
        to = upload(client, json.dumps(collection(feature(GRID, BOW_TIE))).encode(), mend="on")["Location"]
        assert client.post(to).status_code == 302
        assert read_wkb(Boundary.objects.get().wkb).is_valid

    def test_somebody_elses_upload_is_not_found(self, client: Client, world: World) -> None:
        to = upload(client, json.dumps(GOOD).encode())["Location"]
        world.login(client, "township")
        assert client.get(to).status_code == 404

    @pytest.mark.parametrize("data", [b"", b"{", b"\xff\xd8\xff", b"[]", b'{"type":"FeatureCollection","features":[]}'])
    def test_a_file_that_is_no_geojson_is_refused(self, client: Client, data: bytes) -> None:
        answer = upload(client, data)
        assert answer.status_code in (400, 422)
        assert 'role="alert"' in answer.content.decode()

    @pytest.mark.parametrize(
        "raw",
        [
            7,
            None,
            {},
            feature("", box(113.3, 34.6)),
            feature("abc", box(113.3, 34.6)),
            feature(None, box(113.3, 34.6)),
            feature(True, box(113.3, 34.6)),
            feature({"a": 1}, box(113.3, 34.6)),
            feature("41018210921", box(113.3, 34.6)),
            feature("410182109205001", box(113.3, 34.6)),  # another village
            feature("999999999999999", box(113.3, 34.6)),
            feature("٤١٠١٨٢١٠٩٢١١٠٠١", box(113.3, 34.6)),  # digits of another script
            feature("9" * 5000, box(113.3, 34.6)),
            feature("410182109211\u0000", box(113.3, 34.6)),
            feature(GRID, None),
            feature(GRID, {"type": "Polygon", "coordinates": []}),
            feature(GRID, box(34.6, 113.3)),
            feature(GRID, box(38_000_000.0, 3_800_000.0, 100)),
            feature(GRID, BOW_TIE),
        ],
    )
    def test_every_bad_feature_is_named_and_nothing_is_written(self, client: Client, raw: Any) -> None:
        answer = send(client, collection(*GOOD["features"][1:], raw))
        assert answer.status_code == 422
        assert next(iter(answer.json()["fields"])).startswith("2")
        assert not Boundary.objects.exists()
        assert not Place.objects.filter(pk=NEW).exists()

    def test_outside_a_drawn_county_is_refused_outside_a_generated_one_is_not(self, client: Client) -> None:
        county = outline("410182", 113.0, 34.0, 0.1)
        assert "荥阳市" in json.dumps(send(client, GOOD).json(), ensure_ascii=False)
        assert Boundary.objects.count() == 1
        Boundary.objects.filter(pk=county.pk).update(source=Boundary.Source.GENERATED)
        assert send(client, GOOD).json()["imported"] == 2

    def test_the_same_code_twice_in_a_file_is_wrong(self, client: Client) -> None:
        assert send(client, collection(GOOD["features"][0], GOOD["features"][0])).status_code == 422

    def test_overlap_is_said_not_refused(self, client: Client) -> None:
        both = collection(feature(GRID, box(113.3, 34.6)), feature(NEXT, box(113.303, 34.6)))
        answer = send(client, both, "?dry_run=true").json()
        assert answer["imported"] == 0
        assert answer["features"][0]["warnings"]
        assert not Boundary.objects.exists()

    def test_generated_neighbours_give_way(self, client: Client) -> None:
        neighbour = outline(NEXT, 113.305, 34.6)
        Boundary.objects.filter(pk=neighbour.pk).update(source=Boundary.Source.GENERATED)
        send(client, collection(feature(GRID, box(113.30, 34.60))))
        left = read_wkb(Boundary.objects.get(pk=NEXT).wkb)
        assert left.bounds[0] == pytest.approx(113.31)

    def test_a_grid_worker_may_not_import(self, client: Client, world: World) -> None:
        world.login(client, "grid")
        assert send(client, GOOD).status_code in (403, 404)
        assert not Boundary.objects.exists()


@pytest.mark.django_db
class TestDrawing:
    def test_a_grid_is_added_with_its_outline_and_the_next_number(self, client: Client, world: World) -> None:
        world.login(client, "village")
        answer = client.post(
            f"/places/{VILLAGE}/grids/add/", {"name": "西沟网格", "geometry": json.dumps(box(113.33, 34.6))}
        )
        assert answer["Location"] == f"/places/{NEW}/"
        assert Boundary.objects.get().source == Boundary.Source.DRAWN

    def test_what_was_typed_comes_back_with_the_reason(self, client: Client, world: World) -> None:
        world.login(client, "village")
        answer = client.post(f"/places/{VILLAGE}/grids/add/", {"name": "西沟网格", "geometry": json.dumps(BOW_TIE)})
        assert answer.status_code == 400
        assert "西沟网格" in answer.content.decode()
        assert not Place.objects.filter(pk=NEW).exists()

    def test_an_outline_is_redrawn_and_the_grid_renamed(self, client: Client, world: World) -> None:
        world.login(client, "village")
        outline(GRID, 113.3, 34.6)
        url = f"/places/{GRID}/outline/"
        assert "113.3" in client.get(url).content.decode()
        client.post(url, {"name": "东岭", "geometry": json.dumps(box(113.5, 34.6))})
        assert Boundary.objects.get(pk=GRID).west == pytest.approx(113.5)
        assert Place.objects.get(pk=GRID).name == "东岭"

    def test_a_grid_in_use_is_not_retired(self, client: Client) -> None:
        world = World.build(households=1)
        world.login(client, "village")
        assert client.post(f"/places/{GRID}/retire/").status_code == 400
        assert Place.objects.get(pk=GRID).valid_to is None

    def test_an_empty_grid_is_retired_once(self, client: Client, world: World) -> None:
        world.login(client, "village")
        assert client.post(f"/places/{NEXT}/retire/").status_code == 302
        assert Place.objects.get(pk=NEXT).valid_to is not None

    def test_a_village_is_not_retired_by_hand(self, client: Client, world: World) -> None:
        world.login(client, "officer")
        assert client.post(f"/places/{VILLAGE}/retire/").status_code == 400
