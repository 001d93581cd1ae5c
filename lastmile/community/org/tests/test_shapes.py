from __future__ import annotations

import json
from typing import Any

import pytest

from lastmile.community.org import shapes
from lastmile.kernel.errors import Refusal

SQUARE = [[113.3, 34.6], [113.4, 34.6], [113.4, 34.7], [113.3, 34.7], [113.3, 34.6]]
BOW_TIE = [[113.3, 34.6], [113.4, 34.7], [113.4, 34.6], [113.3, 34.7], [113.3, 34.6]]


def polygon(ring: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def test_a_square_is_read() -> None:
    assert shapes.read_shape(polygon(SQUARE)).area == pytest.approx(0.01)


def test_a_feature_and_a_collection_are_read() -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": polygon(SQUARE)}
    assert shapes.read_shape(feature).equals(shapes.read_shape(polygon(SQUARE)))
    east = polygon([[x + 0.1, y] for x, y in SQUARE])
    both = {"type": "FeatureCollection", "features": [feature, {**feature, "geometry": east}]}
    assert shapes.read_shape(both).area == pytest.approx(0.02)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "text",
        {},
        {"type": "Point", "coordinates": [113, 34]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": 7},
        {"type": "Polygon", "coordinates": [7]},
        {"type": "Polygon", "coordinates": []},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": [7]},
        {"type": "Feature", "geometry": None},
        polygon([]),
        polygon(SQUARE[:2]),
        polygon(SQUARE[:-1]),
        polygon([*SQUARE[:-1], ["a", "b"]]),
        polygon([*SQUARE[:-1], "113,34"]),
        polygon([*SQUARE[:-1], [10**400, 1]]),
        polygon([[113.3, 34.6], [float("nan"), 34.6], [113.4, 34.7], [113.3, 34.6]]),
        polygon([{"x": 1}, {"x": 1}, {"x": 1}, {"x": 1}]),
        polygon([[34.6, 113.3], [34.6, 113.4], [34.7, 113.4], [34.6, 113.3]]),
        polygon([[38456000.0, 3830000.0], [38457000.0, 3830000.0], [38457000.0, 3831000.0], [38456000.0, 3830000.0]]),
        polygon([[0, 51], [1, 51], [1, 52], [0, 51]]),
        polygon([[113.3, 34.6], [113.4, 34.6], [113.5, 34.6], [113.3, 34.6]]),
        polygon(BOW_TIE),
    ],
)
def test_a_bad_outline_is_refused_in_words(bad: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        shapes.read_shape(bad)
    assert str(refusal.value.says)
    assert refusal.value.status == 400


def test_where_it_crosses_itself_is_said() -> None:
    with pytest.raises(Refusal, match=r"113\.35"):
        shapes.read_shape(polygon(BOW_TIE))


def test_a_crossing_outline_can_be_mended() -> None:
    assert shapes.read_shape(polygon(BOW_TIE), mend=True).is_valid


def test_a_tangle_is_refused_after_two_seconds_not_endured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MEND_SECONDS", 0.001)
    with pytest.raises(Refusal):
        shapes.read_shape(polygon(BOW_TIE), mend=True)


def test_too_many_points_are_refused_before_they_are_checked() -> None:
    huge = polygon([[113 + i * 1e-7, 34.0] for i in range(300_000)])
    with pytest.raises(Refusal, match="10,000"):
        shapes.read_shape(huge)


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b"7"])
def test_what_is_no_geojson_text_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        shapes.loads(data)


def test_another_coordinate_system_is_refused_by_name() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    with pytest.raises(Refusal):
        shapes.loads(json.dumps({"type": "FeatureCollection", "features": [], "crs": crs}))
