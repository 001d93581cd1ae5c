from __future__ import annotations

import numpy as np
import pytest
import shapely
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from lastmile.community.org import actions, divisions, grids, loading
from lastmile.community.org.geometry import grid_index
from lastmile.community.org.models import Boundary, Level, Place
from lastmile.community.org.shapes import Shape, read_wkb
from lastmile.community.org.voronoi import cells, centres, chance, scatter
from lastmile.kernel.errors import Refusal
from tests.world import World


def star(radii: list[float]) -> Polygon:
    """A county-like outline: one corner in each direction, at the given distances."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    distances = np.array(radii)
    return Polygon(np.column_stack([113.4 + distances * np.cos(angles), 34.7 + distances * np.sin(angles)]))


OUTLINES = st.lists(st.floats(0.02, 0.4), min_size=3, max_size=40).map(star)


@settings(max_examples=60, deadline=None)
@given(outline=OUTLINES, number=st.integers(1, 40), seed=st.integers(0, 10**9), clustered=st.floats(0, 1))
def test_cells_cover_the_outline_and_do_not_overlap(outline: Polygon, number: int, seed: int, clustered: float) -> None:
    points = centres(outline, number, chance(seed, "410182"), clustered=clustered)
    found = cells(outline, points)
    assert len(found) == number
    assert all(cell.is_valid and cell.area > 0 for cell in found)
    whole = shapely.union_all(found)
    assert whole.symmetric_difference(outline).area <= outline.area * 1e-9
    assert grids.spread(found) <= 1e-9
    assert all(cell.distance(shapely.Point(point)) < 1e-9 for cell, point in zip(found, points, strict=True))


@settings(max_examples=30, deadline=None)
@given(outline=OUTLINES, seed=st.integers(0, 10**9))
def test_points_fall_inside_and_the_same_seed_gives_the_same(outline: Polygon, seed: int) -> None:
    points = scatter(outline, 50, chance(seed, "41"))
    assert (shapely.distance(outline, shapely.points(points)) < 1e-12).all()
    assert (points == scatter(outline, 50, chance(seed, "41"))).all()


@pytest.fixture
def city(db: None) -> None:
    """Shangjie, a small district with a real outline: 6 townships."""
    loading.load(row for row in divisions.carried() if len(row.code) < 6 or row.code.startswith("410106"))


def stored(prefix: str, level: Level) -> list[Shape]:
    rows = Boundary.objects.filter(place__level=level, place__code__startswith=prefix).order_by("pk")
    return [read_wkb(row.wkb) for row in rows]


@pytest.mark.usefixtures("city")
class TestGenerate:
    def test_every_village_gets_grids_that_together_are_the_county(self) -> None:
        made = grids.generate("410106", seed=3)
        villages = Place.objects.at(Level.VILLAGE).count()
        assert made.villages == villages > 0
        assert made.grids == Place.objects.at(Level.GRID).count() >= villages
        county = stored("410106", Level.COUNTY)[0]
        for level in (Level.TOWNSHIP, Level.VILLAGE, Level.GRID):
            shapes = stored("410106", level)
            assert shapely.union_all(shapes).symmetric_difference(county).area < county.area * 1e-6
            assert grids.spread(shapes) < 1e-6
        assert len(grid_index("410106").codes) == made.grids

    def test_again_it_adds_nothing(self) -> None:
        grids.generate("410106", seed=3)
        before = set(Boundary.objects.values_list("pk", flat=True))
        again = grids.generate("410106", seed=4)
        assert (again.grids, again.villages) == (0, 0)
        assert set(Boundary.objects.values_list("pk", flat=True)) == before

    def test_the_seed_decides(self) -> None:
        def outcome(seed: int) -> list[bytes]:
            Place.objects.at(Level.GRID).delete()
            Boundary.objects.filter(source=Boundary.Source.GENERATED).delete()
            grids.generate("410106", seed=seed)
            return [bytes(w) for w in Boundary.objects.order_by("pk").values_list("wkb", flat=True)]

        assert outcome(5) == outcome(5) != outcome(6)

    def test_what_was_drawn_stays_and_the_rest_is_divided(self) -> None:
        county = stored("410106", Level.COUNTY)[0]
        township = Place.objects.at(Level.TOWNSHIP).first()
        assert township is not None
        half = county.intersection(shapely.box(*county.bounds[:2], county.centroid.x, county.bounds[3]))
        Boundary.objects.create(
            place=township, wkb=shapely.to_wkb(half), west=0, south=0, east=0, north=0, source=Boundary.Source.DRAWN
        )
        grids.generate("410106")
        assert read_wkb(Boundary.objects.get(pk=township.pk).wkb).equals(half)
        assert grids.spread(stored("410106", Level.TOWNSHIP)) < 1e-6

    def test_a_number_of_grids_can_be_asked_for(self) -> None:
        grids.generate("410106", per_village=2)
        assert Place.objects.at(Level.GRID).count() == 2 * Place.objects.at(Level.VILLAGE).count()


@pytest.mark.django_db
def test_a_county_without_known_outline_is_said() -> None:
    loading.load(row for row in divisions.carried() if len(row.code) < 6 or row.code.startswith("410173"))
    made = grids.generate()
    assert made.grids == 0
    assert [place.code for place, _reason in made.left] == ["410173"]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [-1, 100])
def test_a_silly_number_of_grids_is_refused(number: int) -> None:
    with pytest.raises(Refusal):
        grids.generate("4101", per_village=number)


@pytest.mark.django_db
def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(Refusal):
        grids.generate("99")


@pytest.mark.django_db
def test_a_zone_without_outline_is_named_and_gets_its_grids_once_one_is_imported(client: Client) -> None:
    world = World.build(people=False)
    Place.objects.create(code="410171", name="高新区", national_code="410171", level=Level.COUNTY, parent_id="4101")
    Place.objects.create(code="410171001", name="某街道", national_code="410171001", level=4, parent_id="410171")
    for code in ("410171001001", "410171001002"):
        Place.objects.create(code=code, name=f"社区{code[-1]}", national_code=code, level=5, parent_id="410171001")
    left = grids.generate("410171").left
    assert [place.code for place, _says in left] == ["410171"]
    world.login(client, "city")
    page = client.get("/places/410171/").content.decode()
    assert "places grids --place 410171" in page
    assert "/places/410171/outlines/import/" in page
    assert "/places/410171/outline/" in page
    assert "高新区" in client.get("/places/gaps/").content.decode()
    actions.set_outlines({"410171": star([0.1] * 8)}, source=Boundary.Source.DRAWN, by=world.city, place="410171")
    assert "places grids --place" not in client.get("/places/410171/").content.decode()
    made = grids.generate("410171")
    assert (made.villages, made.left) == (2, [])
    outline = read_wkb(Boundary.objects.get(place="410171").wkb)
    drawn = [read_wkb(row.wkb) for row in Boundary.objects.filter(place__code__startswith="410171", place__level=6)]
    assert len(drawn) == made.grids >= 2
    assert shapely.union_all(drawn).symmetric_difference(outline).area <= outline.area * 1e-9
