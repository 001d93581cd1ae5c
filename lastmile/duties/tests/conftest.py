"""A small city whose log-ins are the people who hold its posts, and things they owe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lastmile.community.org.models import Post
from lastmile.duties import actions, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.world import World

GRID, VILLAGE, TOWNSHIP = "410182109211001", "410182109211", "410182109"
HATS = {"grid": GRID, "village": VILLAGE, "township": TOWNSHIP, "officer": "410182"}


class Office:
    def __init__(self, world: World) -> None:
        self.world = world
        for name, code in HATS.items():
            user = world.users[name]
            user.person = world.staff[code]
            user.save()

    def post(self, code: str = GRID) -> Post:
        return Post.objects.get(place=code, kind=Post.Kind.LEADER)

    def task(self, title: str = "清理排水沟", code: str = GRID, **fields: Any) -> Obligation:
        values: dict[str, Any] = {"kind": kinds.TASK.name, "key": title, "title": title, "place": code}
        values |= {"post": self.post(code).pk, "due_at": clock.now() + timedelta(days=2)}
        return actions.create(**(values | fields))


@pytest.fixture
def office(db: None) -> Office:
    return Office(World.build())
