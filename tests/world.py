"""A small city for tests: real codes, invented people with numbers nobody can have.

world = World.build()          # city › county › township › village › 2 grids × 3 households × 2 residents
world.officer, world.approver  # log-ins by role; world.login(client, "officer")
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from django.test import Client

from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import LEVEL_OF_LENGTH, Place, Post
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Household, Person, Vulnerability
from lastmile.kernel import clock

PASSWORD = "correct horse 47"

TREE = {
    "41": "河南省",
    "4101": "郑州市",
    "410182": "荥阳市",
    "410181": "巩义市",
    "410182109": "崔庙镇",
    "410182108": "贾峪镇",
    "410182109211": "王宗店村委会",
    "410182109205": "邻村村委会",
    "410182109211001": "第1网格",
    "410182109211002": "第2网格",
}

LOGINS: dict[str, tuple[Role, str]] = {
    "city": (Role.DUTY_OFFICER, "4101"),
    "officer": (Role.DUTY_OFFICER, "410182"),
    "approver": (Role.APPROVER, "410182"),
    "neighbour": (Role.DUTY_OFFICER, "410181"),
    "health": (Role.DEPARTMENT_STAFF, "410182"),
    "township": (Role.TOWNSHIP_STAFF, "410182109"),
    "village": (Role.VILLAGE_STAFF, "410182109211"),
    "keeper": (Role.SHELTER_KEEPER, "410182109211"),
    "grid": (Role.GRID_WORKER, "410182109211001"),
    "system": (Role.SYSTEM_ADMIN, "4101"),
    "security": (Role.SECURITY_ADMIN, "4101"),
    "auditor": (Role.AUDITOR, "4101"),
}

_numbers = itertools.count(1)


def phone() -> str:
    """A number under a prefix that no operator may assign."""
    return f"100{next(_numbers):08d}"


def add_place(code: str, name: str) -> Place:
    above = max((c for c in TREE if code.startswith(c) and c != code), key=len, default=None)
    return Place.objects.create(
        code=code, name=name, national_code=code, parent_id=above, level=LEVEL_OF_LENGTH[len(code)]
    )


@dataclass
class World:
    places: dict[str, Place] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    households: list[Household] = field(default_factory=list)
    residents: list[Person] = field(default_factory=list)
    staff: dict[str, Person] = field(default_factory=dict)  # holders of the "person in charge" posts, by place code

    @classmethod
    def build(cls, *, households: int = 3, people: bool = True) -> World:
        world = cls(places={code: add_place(code, name) for code, name in TREE.items()})
        for name, (role, code) in LOGINS.items():
            place = world.places[code]
            world.users[name] = create_user(name, PASSWORD, name=name, role=role, place=place, temporary=False)
        if people:
            world.settle("410182109211001", households, 34.63, 113.33)
            world.settle("410182109211002", households, 34.64, 113.34)
            for code in ("4101", "410182", "410182109", "410182109211", "410182109211001"):
                world.appoint(code)
        return world

    def settle(self, grid: str, count: int, latitude: float, longitude: float) -> None:
        """Households of two in a row to the east; the second member of each is vulnerable."""
        for index in range(count):
            home = Household.objects.create(
                place=self.places[grid],
                village=grid[:12],
                number=f"{grid[12:]}-{index + 1}",
                address=f"第{index + 1}户",
                latitude=latitude,
                longitude=longitude + index * 0.0005,
                walking_order=index + 1,
                residents=2,
                vulnerable=1,
                updated_at=clock.now(),
            )
            self.households.append(home)
            for care in ((), (Vulnerability.ALONE,)):
                self.residents.append(
                    add_person(name="李村民", place=home.place, household=home, phone=phone(), care=care)
                )

    def appoint(self, code: str) -> Person:
        post = Post.objects.create(place=self.places[code], kind=Post.Kind.LEADER, title="负责人")
        person = add_person(name="王负责", place=self.places[code], phone=phone())
        Appointment.objects.create(post=post, person=person, role=Appointment.Role.HOLDER, since=clock.today())
        self.staff[code] = person
        return person

    def login(self, client: Client, name: str) -> User:
        client.force_login(self.users[name])
        return self.users[name]

    def __getattr__(self, name: str) -> User:
        if name in LOGINS:
            return self.users[name]
        raise AttributeError(name)
