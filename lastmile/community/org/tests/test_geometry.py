from __future__ import annotations

import numpy as np
import pytest
import shapely
from django.db import transaction
from shapely import Polygon

from lastmile.community.org.geometry import grid_index, stamp, tangled
from lastmile.community.org.models import Boundary, Place
from tests.world import World

GRID, NEXT = "410182109211001", "410182109211002"


def outline(code: str, west: float, south: float, size: float = 0.01) -> Boundary:
    box = shapely.box(west, south, west + size, south + size)
    return Boundary.objects.create(
        place_id=code,
        wkb=shapely.to_wkb(box),
        west=west,
        south=south,
        east=west + size,
        north=south + size,
        source=Boundary.Source.DRAWN,
    )


@pytest.fixture
def two_grids() -> None:
    World.build(people=False)
    outline(GRID, 113.30, 34.60)
    outline(NEXT, 113.31, 34.60)


@pytest.mark.django_db
@pytest.mark.usefixtures("two_grids")
class TestGridIndex:
    def test_a_large_area_holds_both_grids(self) -> None:
        assert grid_index().classify(shapely.box(113, 34, 114, 35)) == ([GRID, NEXT], [])

    def test_an_area_across_one_grid_holds_the_other(self) -> None:
        inside, edge = grid_index("410182").classify(shapely.box(113.2, 34.5, 113.315, 34.7))
        assert (inside, edge) == ([GRID], [NEXT])

    def test_an_area_elsewhere_meets_none(self) -> None:
        assert grid_index().classify(Polygon([(100, 30), (101, 30), (101, 31)])) == ([], [])

    def test_another_county_has_none(self) -> None:
        assert grid_index("410181").classify(shapely.box(113, 34, 114, 35)) == ([], [])

    def test_a_village_without_grids_and_outline_is_unmapped(self) -> None:
        assert grid_index().unmapped.tolist() == ["410182109205"]

    def test_points_are_located_and_a_point_outside_is_nowhere(self) -> None:
        found = grid_index().locate(np.array([113.305, 113.315, 120.0]), np.array([34.605, 34.605, 30.0]))
        assert found.tolist() == [GRID, NEXT, ""]

    def test_a_point_on_the_common_line_belongs_to_the_smaller_code(self) -> None:
        assert grid_index().locate(np.array([113.31]), np.array([34.605])).tolist() == [GRID]

    def test_it_is_kept_until_an_outline_changes(self) -> None:
        first = grid_index()
        assert grid_index() is first
        Boundary.objects.filter(place=NEXT).delete()
        assert grid_index() is not first
        assert grid_index().codes.tolist() == [GRID]

    def test_a_retired_grid_is_still_warned_but_nobody_new_is_put_there(self) -> None:
        Place.objects.filter(code=NEXT).update(valid_to="2026-01-01")
        assert grid_index().codes.tolist() == [GRID, NEXT]
        assert grid_index().locate(np.array([113.315]), np.array([34.605])).tolist() == [""]

    def test_a_rolled_back_change_does_not_stay_in_memory(self) -> None:
        before = stamp()
        try:
            with transaction.atomic():
                Boundary.objects.all().delete()
                assert grid_index().codes.tolist() == []
                raise RuntimeError
        except RuntimeError:
            pass
        assert stamp() == before
        assert len(grid_index().codes) == 2


def test_neighbours_with_long_borders_are_joined_and_two_combs_are_not() -> None:
    def comb(*, turned: bool) -> shapely.Polygon:
        teeth = [(n / 300 + d, y) for n in range(300) for d, y in ((0.0, 0.0), (0.0, 1.0), (0.001, 1.0), (0.001, 0.0))]
        return shapely.Polygon([point[::-1] if turned else point for point in [*teeth, (1.0, 0.0), (0.5, -0.1)]])

    angles = np.linspace(0, 2 * np.pi, 4_000, endpoint=False)
    round_ones = [shapely.Polygon(np.column_stack([x + np.cos(angles), np.sin(angles)])) for x in (0, 0.5, 1.0)]
    assert not tangled(round_ones)
    assert not tangled([comb(turned=False), shapely.box(0, 0, 1, 1)])
    assert tangled([comb(turned=False), comb(turned=True)])
