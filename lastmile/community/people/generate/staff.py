"""Give the generated places their posts and people, with a few gaps on purpose, and their special sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from lastmile.community.org.departments import line_of
from lastmile.community.org.models import CODE_LENGTH, Level, Place, Post, SpecialSite, ancestors
from lastmile.community.people.generate import names
from lastmile.community.people.generate.ground import Cell
from lastmile.community.people.generate.write import Writer
from lastmile.community.people.models import Appointment, Leave
from lastmile.kernel import clock

K = Post.Kind
DUTIES: dict[Level, list[tuple[Post.Kind, str, str, bool]]] = {
    Level.CITY: [(K.LEADER, "分管副市长", "市政府", True), (K.DUTY, "应急值班长", "市应急管理局", True)],
    Level.COUNTY: [
        (K.LEADER, "分管副县(市、区)长", "政府办", True),
        (K.DUTY, "应急值班长", "应急管理局", True),
        (K.FLOOD, "防汛抗旱指挥部办公室主任", "水利局", True),
    ],
    Level.TOWNSHIP: [
        (K.LEADER, "乡镇(街道)主要负责人", "党政办", True),
        (K.DUTY, "应急值班员", "应急管理办公室", True),
        (K.FLOOD, "防汛责任人", "农业农村办公室", True),
    ],
    Level.VILLAGE: [
        (K.LEADER, "村(社区)党组织书记", "", True),
        (K.FLOOD, "防汛责任人", "", True),
        (K.INFORMATION, "灾害信息员", "", True),
        (K.FIRST_RESPONDER, "第一响应人", "", False),
    ],
    Level.GRID: [(K.GRID_WORKER, "网格员", "", True)],
}
S = SpecialSite.Kind
# kind, name behind the village's, share of villages, share of urban communities, capacity
SITES = (
    (S.SCHOOL, "小学", 0.30, 0.35, 400), (S.SCHOOL, "幼儿园", 0.20, 0.50, 150), (S.CARE_HOME, "养老院", 0.12, 0.20, 60),
    (S.HAZARD_POINT, "山体滑坡隐患点", 0.18, 0.01, 30), (S.HAZARD_POINT, "临河低洼处", 0.22, 0.05, 80),
    (S.BASEMENT, "地下停车场", 0.01, 0.60, 200), (S.BUILDING_SITE, "建筑工地", 0.05, 0.20, 120),
    (S.SCENIC_SPOT, "景区", 0.06, 0.02, 800),
)  # fmt: skip
WEEK, REASON = timedelta(days=6), "年休假"
VACANT, NO_DEPUTY, ON_LEAVE, SITE_ALONE = 0.03, 0.10, 0.03, 0.08


@dataclass(frozen=True)
class Opening:
    """A post to fill and the residents who might: empty where staff come from outside."""

    post: Post
    residents: list[int]


def appoint(cells: list[Cell], able: dict[str, list[int]], writer: Writer, seed: int) -> None:
    """Create missing posts and sites over the cells and appoint people; `able` maps a village to grown residents."""
    rng = np.random.default_rng([seed, 1])
    openings = [*_posts(cells, able), *_sites(cells, able, rng)]
    taken = set(Appointment.objects.filter(until=None).values_list("post", "role"))
    hire = _hiring(writer, rng)
    made: list[Appointment] = []
    leaves: list[Leave] = []
    today = clock.today()
    for opening in openings:
        draws = rng.random(4)
        since = today - timedelta(days=30 + int(draws[3] * 1500))
        for role in _roles(opening.post, draws[0], draws[1]):
            if (opening.post.pk, role) in taken:
                continue
            person = hire(opening)
            made.append(Appointment(post=opening.post, person_id=person, role=role, since=since))
            if role == Appointment.Role.HOLDER and draws[2] < ON_LEAVE:
                leaves.append(Leave(person_id=person, first_day=today, last_day=today + WEEK, reason=REASON))
    Appointment.objects.bulk_create(made, batch_size=5000)
    Leave.objects.bulk_create(leaves, batch_size=5000)


def _roles(post: Post, vacancy: float, alone: float) -> list[Appointment.Role]:
    """Holder and deputy, less the gaps left on purpose."""
    vacant = vacancy < (SITE_ALONE if post.kind == K.SITE else VACANT)
    roles = [] if vacant else [Appointment.Role.HOLDER]
    return roles if alone < NO_DEPUTY else [*roles, Appointment.Role.DEPUTY]


def _posts(cells: list[Cell], able: dict[str, list[int]]) -> Iterator[Opening]:
    codes = {cell.code for cell in cells}
    codes |= {above for cell in cells for above in ancestors(cell.code) if len(above) >= CODE_LENGTH[Level.CITY]}
    places = Place.objects.in_bulk(codes)
    wanted = [
        Post(place=place, kind=kind, title=title, department=department, line=line_of(department), must_answer=must)
        for _code, place in sorted(places.items())
        for kind, title, department, must in DUTIES[Level(place.level)]
    ]
    Post.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=5000)
    titles = {title for duties in DUTIES.values() for _kind, title, _department, _must in duties}
    posts = Post.objects.filter(place__in=codes, site=None, title__in=titles, closed_on=None)
    for post in posts.order_by("place", "kind", "title"):
        yield Opening(post, able.get(post.place_id[:12], []))


def _sites(cells: list[Cell], able: dict[str, list[int]], rng: np.random.Generator) -> Iterator[Opening]:
    wanted = []
    for cell in {cell.village: cell for cell in reversed(cells)}.values():
        village = names.village_name(cell.village_name)
        for kind, ending, rural, urban, capacity in SITES:
            if rng.random() < (urban if cell.urban else rural):
                lon, lat = _spot(cell, rng)
                wanted.append(
                    SpecialSite(place_id=cell.code, kind=kind, name=village + ending, address=village, longitude=lon,
                                latitude=lat, capacity=int(capacity * rng.uniform(0.4, 1.2)))
                )  # fmt: skip
    SpecialSite.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=5000)
    villages = {cell.code for cell in cells}
    sites = list(SpecialSite.objects.filter(place__in=villages, closed_on=None).order_by("place", "name"))
    Post.objects.bulk_create(
        [Post(place_id=site.place_id, site=site, kind=K.SITE, title=f"{site.name}负责人"[:100]) for site in sites],
        ignore_conflicts=True, batch_size=5000,
    )  # fmt: skip
    for post in Post.objects.filter(site__in=sites, kind=K.SITE, closed_on=None).order_by("place", "title"):
        yield Opening(post, able.get(post.place_id[:12], []))


def _spot(cell: Cell, rng: np.random.Generator) -> tuple[float | None, float | None]:
    if cell.outline is None:
        return cell.centre or (None, None)
    point = cell.outline.representative_point()
    east, north = rng.normal(0, 0.0004, 2)
    return round(point.x + east, 6), round(point.y + north, 6)


def _hiring(writer: Writer, rng: np.random.Generator) -> Callable[[Opening], int]:
    """A function that finds somebody for an opening: a resident in turn, else a new person who works there."""
    turn: dict[str, int] = defaultdict(int)

    def hire(opening: Opening) -> int:
        village = opening.post.place_id[:12]
        if len(opening.residents) < 2:
            return writer.outsider(opening.post.place_id, rng)
        turn[village] += 1
        return opening.residents[turn[village] % len(opening.residents)]

    return hire
