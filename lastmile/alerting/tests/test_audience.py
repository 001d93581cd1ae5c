"""What an officer, a program or an upstream feed may name as an audience, and what is said when it can't be used."""

from __future__ import annotations

from typing import Any

import pytest

from lastmile.alerting.audience import MOST_VERTICES, Audience, outline
from lastmile.alerting.models import Group
from lastmile.kernel.errors import Refusal
from tests.world import TREE, add_place

pytestmark = pytest.mark.django_db

SQUARE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[113.3, 34.6], [113.4, 34.6], [113.4, 34.7], [113.3, 34.7], [113.3, 34.6]]],
}


def tree() -> None:
    for code, name in TREE.items():
        add_place(code, name)


def ring(*points: tuple[float, float]) -> dict[str, Any]:
    return {"polygons": [{"type": "Polygon", "coordinates": [[list(point) for point in points]]}]}


def test_it_reads_back_what_it_writes() -> None:
    tree()
    audience = Audience.parse(
        {"places": ["410182"], "polygons": [SQUARE], "circles": [[113.4, 34.7, 2]], "groups": ["residents"]}
    )
    assert Audience.parse(audience.as_json()) == audience
    assert audience.groups == (Group.RESIDENTS,)


def test_a_place_swallows_the_places_below_it() -> None:
    tree()
    assert Audience.parse({"places": ["410182109211", "410182109", "410181"]}).places == ("410181", "410182109")


@pytest.mark.parametrize("kind", ["Feature", "FeatureCollection", "MultiPolygon", "GeometryCollection"])
def test_geojson_comes_in_many_wrappings(kind: str) -> None:
    feature: dict[str, Any] = {"type": "Feature", "geometry": SQUARE, "properties": {}}
    wrapped: dict[str, Any] = {
        "Feature": feature,
        "FeatureCollection": {"type": "FeatureCollection", "features": [feature]},
        "MultiPolygon": {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]},
        "GeometryCollection": {"type": "GeometryCollection", "geometries": [SQUARE]},
    }[kind]
    assert Audience.parse({"polygons": [wrapped]}).polygons == (SQUARE,)


def test_an_open_outline_is_closed() -> None:
    audience = Audience.parse(ring((113.3, 34.6), (113.4, 34.6), (113.4, 34.7)))
    assert audience.polygons[0]["coordinates"][0][-1] == [113.3, 34.6]


NAN = float("nan")
BAD: dict[str, object] = {
    "not a mapping": ["410182"],
    "nothing chosen": {},
    "unknown code": {"places": ["999999"]},
    "text for a list": {"places": "410182"},
    "a list inside": {"places": [["410182"]]},
    "nobody inside": {"places": ["410182"], "groups": []},
    "unknown group": {"places": ["410182"], "groups": ["everyone"]},
    "crossing itself": ring((113.3, 34.6), (113.4, 34.7), (113.4, 34.6), (113.3, 34.7)),
    "outside China": ring((2.3, 48.8), (2.4, 48.8), (2.4, 48.9)),
    "swapped": ring((34.6, 113.3), (34.6, 113.4), (34.7, 113.4)),
    "not a number": ring((NAN, 34.6), (113.4, 34.6), (113.4, 34.7)),
    "two corners": ring((113.3, 34.6), (113.4, 34.6)),
    "a line": ring((113.3, 34.6), (113.4, 34.6), (113.35, 34.6)),
    "a point": {"polygons": [{"type": "Point", "coordinates": [113.3, 34.6]}]},
    "no outline": {"polygons": [{"type": "Polygon", "coordinates": []}]},
    "text for numbers": {"polygons": [{"type": "Polygon", "coordinates": ["abcdefgh"]}]},
    "deeply nested": {"polygons": [{"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection"}]}]},
    "too many corners": {"polygons": [{"type": "Polygon", "coordinates": [[[113.3, 34.6]] * (MOST_VERTICES + 1)]}]},
    "circle without radius": {"circles": [[113.3, 34.6]]},
    "circle too large": {"circles": [[113.3, 34.6, 5000]]},
    "circle of nothing": {"circles": [[113.3, 34.6, 0]]},
    "circle of NaN": {"circles": [[113.3, 34.6, NAN]]},
    "circle elsewhere": {"circles": [[2.3, 48.8, 1]]},
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    tree()
    with pytest.raises(Refusal) as refused:
        Audience.parse(BAD[case])
    assert refused.value.status == 400
    assert str(refused.value.says)


def test_a_circle_is_as_wide_as_it_is_high_on_the_ground() -> None:
    west, south, east, north = outline((113.4, 34.7, 10.0)).bounds
    assert (north - south) * 111.32 == pytest.approx(20, rel=0.01)
    assert (east - west) * 111.32 * 0.822 == pytest.approx(20, rel=0.01)
