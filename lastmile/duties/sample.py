"""Posts of departments over a real tree of places, for demos, drills and measurements: nobody in them is real.

Cities and counties get all six departments, townships the four that sit there. Most are held by invented people; some
are left vacant or without a deputy on purpose, so that the radar has something to show.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from django.db import transaction

from lastmile.community.org.models import Level, Line, Place, PlaceQuerySet, Post
from lastmile.community.people.generate.write import Writer
from lastmile.community.people.models import Appointment
from lastmile.kernel import audit, clock

VACANT, NO_DEPUTY = 0.05, 0.15
# department: its name at city, county and township; empty where it has no post
DEPARTMENTS: dict[Line, tuple[str, str, str]] = {
    Line.EMERGENCY: ("市应急管理局", "应急管理局", "应急管理办公室"),
    Line.WATER: ("市水利局", "水利局", "水利站"),
    Line.HEALTH: ("市卫生健康委员会", "卫生健康委员会", "卫生院"),
    Line.POLICE: ("市公安局", "公安局", "派出所"),
    Line.CIVIL: ("市民政局", "民政局", "民政所"),
    Line.RESOURCES: ("市自然资源和规划局", "自然资源和规划局", "自然资源所"),
}
LEVELS = (Level.CITY, Level.COUNTY, Level.TOWNSHIP)


@transaction.atomic
def departments(prefix: str, seed: int = 1) -> tuple[int, int]:
    """Open the posts under a place and fill most of them; returns (posts, people). Running it again adds nothing."""
    rng, writer = np.random.default_rng([seed, 7]), Writer(seed)
    places = Place.objects.current().under(prefix).filter(level__in=LEVELS)
    made = Post.objects.bulk_create(_posts(places.order_by("code")), ignore_conflicts=True, batch_size=5000)
    titles = {post.title for post in made}
    held = Appointment.objects.filter(until=None).values("post")
    rows = Post.objects.filter(place__in=places, title__in=titles, closed_on=None).exclude(pk__in=held)
    today, people = clock.today(), []
    for post in rows.order_by("place", "title"):
        draws = rng.random(2)
        roles = [Appointment.Role.HOLDER] if draws[0] >= VACANT else []
        roles += [Appointment.Role.DEPUTY] if draws[1] >= NO_DEPUTY else []
        for role in roles:
            person = writer.outsider(post.place_id, rng)
            people.append(Appointment(post=post, person_id=person, role=role, since=today))
    Appointment.objects.bulk_create(people, batch_size=5000)
    audit.record("duties.sample", place=prefix, posts=len(made), people=len(people), seed=seed)
    return len(made), len(people)


def _posts(places: PlaceQuerySet) -> Iterator[Post]:
    for place in places:
        for line, names in DEPARTMENTS.items():
            name = names[LEVELS.index(Level(place.level))]
            title = f"{name}值班负责人"
            yield Post(place=place, kind=Post.Kind.OTHER, title=title, department=name, line=line, must_answer=True)
