"""A random crowd in a small mapped city, and a slow, obvious answer to "who is told": what the SQL must agree with."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta

import shapely
from shapely.geometry import Point, box

from lastmile.alerting.audience import Audience
from lastmile.alerting.models import Group
from lastmile.community.org.models import Boundary, Place, Post, SpecialSite, ancestors
from lastmile.community.people.actions import add_contact
from lastmile.community.people.models import Appointment, Household, Leave, Person
from lastmile.kernel import clock
from tests.world import TREE, add_place, phone

VILLAGES = ("410182109211", "410182109205")
GRIDS = tuple(f"{village}{number:03d}" for village in VILLAGES for number in range(1, 5))
UNMAPPED = "410182108"  # a township whose people live in a village without outline
OUTSIDE = "410181"
STEP = 0.01  # degrees; a grid is one square


@dataclass
class Crowd:
    random: random.Random
    squares: dict[str, shapely.Polygon] = field(default_factory=dict)
    kinds: dict[int, set[str]] = field(default_factory=dict)  # usable contacts by person
    people: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    held: dict[int, dict[str, tuple[Person, bool]]] = field(default_factory=dict)  # post: role: (who, on leave)

    @classmethod
    def gather(cls, seed: int, households: int = 40) -> Crowd:
        crowd = cls(random.Random(seed))
        for code in (*TREE, "410182108201", "410181101201"):
            if code not in GRIDS:
                add_place(code, TREE.get(code, code))
        for index, code in enumerate(GRIDS):
            if not Place.objects.filter(code=code).exists():
                add_place(code, f"网格{index}")
            crowd.outline(code, index)
        for number in range(households):
            crowd.household(number)
        for number in range(12):
            crowd.staff(number)
        crowd.remember()
        return crowd

    def remember(self) -> None:
        """Read once what the reference asks again and again."""
        self.people = list(Person.objects.select_related("household"))
        self.posts = list(Post.objects.select_related("site"))
        self.places = {place.code: place for place in Place.objects.all()}
        away = set(Leave.objects.values_list("person_id", flat=True))
        for held in Appointment.objects.select_related("person"):
            if held.person.left_on is None:
                self.held.setdefault(held.post_id, {})[held.role] = (held.person, held.person_id in away)

    def outline(self, code: str, index: int) -> None:
        west, south = 113.3 + index % 4 * STEP, 34.6 + index // 4 * STEP
        self.squares[code] = square = box(west, south, west + STEP, south + STEP)
        Boundary.objects.create(
            place_id=code, wkb=square.wkb, west=west, south=south, east=west + STEP, north=south + STEP
        )

    def position(self, code: str) -> tuple[float | None, float | None]:
        square = self.squares.get(code) or box(113.3, 34.62, 113.34, 34.63)
        west, south, east, north = square.bounds
        spot = (self.random.uniform(west, east), self.random.uniform(south, north))
        return spot if self.random.random() < 0.9 else (None, None)

    def household(self, number: int) -> None:
        code = self.random.choice([*GRIDS, "410182108201", "410181101201"])
        longitude, latitude = self.position(code)
        home = Household.objects.create(
            place_id=code,
            village=code[:12],
            number=str(number),
            address="第1户",
            longitude=longitude,
            latitude=latitude,
            moved_out_on=clock.today() if self.random.random() < 0.1 else None,
            updated_at=clock.now(),
        )
        for _member in range(self.random.randint(0, 4)):
            self.person(home.place_id, home)

    def person(self, code: str, home: Household | None) -> Person:
        person = Person.objects.create(
            place_id=code,
            household=home,
            name="张三",
            priority=self.random.randint(0, 3),
            vulnerable=self.random.random() < 0.3,
            left_on=clock.today() if self.random.random() < 0.1 else None,
            updated_at=clock.now(),
        )
        for kind, value, share in (("phone", phone(), 0.7), ("email", f"a{person.pk}@example.cn", 0.4)):
            if self.random.random() < share:
                contact = add_contact(person, kind, value)
                contact.usable = self.random.random() < 0.8
                contact.save()
                if contact.usable:
                    self.kinds.setdefault(person.pk, set()).add(kind)
        return person

    def staff(self, number: int) -> None:
        code = self.random.choice(["4101", "410182", "410182109", *VILLAGES, *GRIDS, OUTSIDE])
        site = None
        if self.random.random() < 0.4:
            longitude, latitude = self.position(code)
            site = SpecialSite.objects.create(
                place_id=code, kind="school", name=f"学校{number}", longitude=longitude, latitude=latitude
            )
        post = Post.objects.create(
            place_id=code, site=site, kind="leader", title=f"岗位{number}", must_answer=self.random.random() < 0.8
        )
        for role in ("holder", "deputy"):
            if self.random.random() < 0.8:
                residents = list(Person.objects.exclude(household=None).order_by("pk"))
                holder = self.random.choice(residents) if self.random.random() < 0.4 else self.person(code, None)
                Appointment.objects.create(post=post, person=holder, role=role, since=clock.today() - timedelta(days=9))
                if self.random.random() < 0.3:
                    Leave.objects.create(person=holder, first_day=clock.today(), last_day=clock.today())

    def told(self, audience: Audience, channels: list[tuple[str, str]], within: str = "") -> dict[int, tuple[str, str]]:
        """{person: (place, channel)}; `channels` are (name, kind of contact)."""
        residents = {p.pk: p.place_id for p in self.people if self._at_home(p, audience, within)}
        told = dict(residents) if Group.RESIDENTS in audience.groups else {}
        serving: dict[int, list[str]] = {}
        for post in self.posts:
            person = self._serves(post)
            if person is not None and person.left_on is None and self._concerned(post, audience, within):
                serving.setdefault(person.pk, []).append(post.place_id)
        for pk, places in serving.items():
            told.setdefault(pk, min(places, key=lambda code: (-len(code), code)))
        return {pk: (place, self._channel(pk, channels)) for pk, place in told.items()}

    def _channel(self, person: int, channels: list[tuple[str, str]]) -> str:
        return next((name for name, kind in channels if kind in self.kinds.get(person, set())), "none")

    def _within(self, audience: Audience, within: str) -> list[str]:
        return [
            max(code, within, key=len) for code in audience.places if code.startswith(within) or within.startswith(code)
        ]

    def _at_home(self, person: Person, audience: Audience, within: str) -> bool:
        home = person.household
        if person.left_on or home is None or home.moved_out_on or not person.place_id.startswith(within):
            return False
        if person.place_id.startswith(tuple(self._within(audience, within))):
            return True
        return self._stands(home.longitude, home.latitude, person.place_id, audience)

    def _stands(self, longitude: float | None, latitude: float | None, code: str, audience: Audience) -> bool:
        shape = audience.shape()
        if shape is None:
            return False
        square = self.squares.get(code)
        if square is not None and shape.covers(square):
            return True
        if square is not None and not shape.intersects(square):
            return False
        place = self.places[code]
        x, y = (longitude, latitude) if longitude is not None else (place.longitude, place.latitude)
        return x is not None and y is not None and shape.intersects(Point(x, y))

    def _concerned(self, post: Post, audience: Audience, within: str) -> bool:
        prefixes, shape = tuple(self._within(audience, within)), audience.shape()
        touched = [
            c for c, s in self.squares.items() if shape is not None and c.startswith(within) and shape.intersects(s)
        ]
        covered = [c for c in touched if shape is not None and shape.covers(self.squares[c])]
        below = bool(prefixes) and post.place_id.startswith(prefixes)
        if post.site is None:
            above = {code for place in (*prefixes, *touched) for code in ancestors(place)}
            near = below or post.place_id in touched or post.place_id in above
            return Group.RESPONSIBLE in audience.groups and post.must_answer and near
        if Group.SITES not in audience.groups:
            return False
        place = self.places[post.site.place_id]
        x = post.site.longitude if post.site.longitude is not None else place.longitude
        y = post.site.latitude if post.site.latitude is not None else place.latitude
        stands = (
            shape is not None
            and x is not None
            and y is not None
            and post.place_id.startswith(within)
            and shape.intersects(Point(x, y))
        )
        return below or post.place_id in covered or stands

    def _serves(self, post: Post) -> Person | None:
        held = self.held.get(post.pk, {})
        for role, is_away in (("holder", False), ("deputy", False), ("holder", True), ("deputy", True)):
            if role in held and held[role][1] == is_away:
                return held[role][0]
        return None
