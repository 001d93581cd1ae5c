"""Divide an outline into cells around settlements. Pure: the same seed gives the same cells on every machine."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from lastmile.community.org.shapes import Shape, areas

Points = NDArray[np.float64]

CANDIDATES = 12  # drawn for each centre wanted
APART = 0.4  # of the mean distance between centres: nearer than this only when there is no room


def chance(seed: int, code: str) -> Generator:
    """Randomness that depends on the seed and the place alone, not on what was generated before."""
    return default_rng([seed, int(code or "0")])


def centres(outline: Shape, number: int, rng: Generator, *, clustered: float = 0.0) -> Points:
    """`number` different points inside the outline, kept apart; `clustered` (0–1) draws them to one town centre."""
    drawn = scatter(outline, number * CANDIDATES + 20, rng)
    scale = math.sqrt(outline.area / number)
    town = drawn[0]
    reach = math.sqrt(outline.area) * (1.1 - clustered) / 2
    pull = clustered * ((drawn - town) ** 2).sum(axis=1) / (2 * reach**2)
    drawn = drawn[np.argsort(rng.exponential(size=len(drawn)) * np.exp(np.minimum(pull, 50.0)), kind="stable")]
    return _apart(drawn, number, APART * scale)


def evened(outline: Shape, points: Points, times: int = 2) -> Points:
    """Move each point to the middle of its cell, so that no place is left with a sliver; the clusters remain."""
    for _time in range(times):
        middles = shapely.centroid(np.array(cells(outline, points), dtype=object))
        inside = shapely.intersects(outline, middles)
        points = np.where(inside[:, None], shapely.get_coordinates(middles), points)
    return points


def scatter(outline: Shape, number: int, rng: Generator) -> Points:
    """Points spread evenly over the area of an outline."""
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(outline))
    weights = shapely.area(triangles)
    corners = shapely.get_coordinates(triangles).reshape(len(triangles), 4, 2)[:, :3]
    chosen = corners[rng.choice(len(triangles), size=number, p=weights / weights.sum())]
    share = np.sort(rng.random((number, 2)), axis=1)
    parts = np.stack([share[:, 0], share[:, 1] - share[:, 0], 1 - share[:, 1]], axis=1)
    points: Points = np.einsum("np,npd->nd", parts, chosen)
    return points


def _apart(drawn: Points, number: int, distance: float) -> Points:
    """The first `number` points that keep their distance, filled up with others where there is no room."""
    free = np.ones(len(drawn), dtype=bool)
    taken: list[int] = []
    for index in range(len(drawn)):
        if len(taken) == number:
            break
        if free[index]:
            taken.append(index)
            free &= ((drawn - drawn[index]) ** 2).sum(axis=1) > distance**2
    rest = [index for index in range(len(drawn)) if index not in set(taken)]
    return drawn[taken + rest[: number - len(taken)]]


def cells(outline: Shape, points: Points) -> list[Shape]:
    """The part of the outline nearest to each point, in the order of the points. Together they are the outline."""
    if len(points) == 1:
        return [outline]
    around = shapely.multipoints(points)
    whole = shapely.get_parts(shapely.voronoi_polygons(around, extend_to=outline, ordered=True))
    shapely.prepare(outline)
    return [areas(part) for part in shapely.intersection(whole, outline)]


def reading_order(points: Points) -> NDArray[np.int64]:
    """North to south in bands, west to east within a band: how grids are numbered within a village."""
    rows = max(1, math.isqrt(len(points)))
    south, north = points[:, 1].min(), points[:, 1].max()
    band = np.minimum(((north - points[:, 1]) / ((north - south) or 1.0) * rows).astype(int), rows - 1)
    return np.lexsort((points[:, 0], band))
