"""An obligation's life: opened for a post, done by whoever holds it, climbing where nobody does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lastmile.community.org.models import Post
from lastmile.community.people.actions import appoint, take_leave
from lastmile.community.people.models import Appointment, Person
from lastmile.duties import actions, escalation, kinds, queries
from lastmile.duties.models import Obligation, State
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict
from tests.world import World

pytestmark = pytest.mark.django_db
GRID, VILLAGE, TOWNSHIP = "410182109211001", "410182109211", "410182109"


@pytest.fixture
def world() -> World:
    world = World.build()
    for name, code in (("grid", GRID), ("village", VILLAGE), ("township", TOWNSHIP), ("officer", "410182")):
        world.users[name].person = world.staff[code]
        world.users[name].save()
    return world


def post_at(code: str) -> Post:
    return Post.objects.get(place=code, kind=Post.Kind.LEADER)


def task(world: World, code: str = GRID, **fields: Any) -> Obligation:
    values: dict[str, Any] = {
        "kind": kinds.TASK.name,
        "key": "1",
        "title": "清理排水沟",
        "place": code,
        "post": post_at(code).pk,
    }
    return actions.create(**(values | {"due_at": clock.now() + timedelta(days=2)} | fields))


def on_list(world: World, name: str) -> list[str]:
    return [row.title for row in queries.todo(world.users[name])]


def events(obligation: Obligation) -> list[str]:
    return list(obligation.events.values_list("what", flat=True))


def test_it_is_opened_once_done_and_taken_back(world: World) -> None:
    first, again = task(world), task(world)
    assert first == again
    assert on_list(world, "grid") == ["清理排水沟"]
    assert on_list(world, "village") == []
    actions.done(world.grid, first)
    assert on_list(world, "grid") == []
    with pytest.raises(Conflict):
        actions.done(world.grid, first)
    actions.undo(world.grid, first)
    assert on_list(world, "grid") == ["清理排水沟"]
    assert events(first) == ["opened", "done", "undone"]


def test_silence_reminds_then_climbs_by_the_tree_and_ends_at_the_top(world: World) -> None:
    owed = task(world)
    assert escalation.tick() == 0
    clock.forward(days=1)
    assert escalation.tick() == 1
    assert escalation.tick() == 0
    clock.forward(days=1, minutes=1)
    escalation.tick()  # no deputy: reminded once more
    assert on_list(world, "village") == []
    clock.forward(days=1)
    escalation.tick()
    assert on_list(world, "village") == ["清理排水沟"]
    owed.refresh_from_db()
    assert owed.cause == "never_accepted"
    clock.forward(days=4)
    escalation.tick()
    assert on_list(world, "township") == ["清理排水沟"]
    clock.forward(days=40)
    assert escalation.tick() == 0
    assert events(owed) == ["opened", "reminded", "reminded", "superior", "superior"]


def test_a_vacant_post_climbs_at_the_first_step(world: World) -> None:
    Appointment.objects.filter(post=post_at(GRID)).update(until=date(2026, 1, 1), since=date(2025, 1, 1))
    owed = task(world)
    clock.forward(days=1)
    escalation.tick()
    owed.refresh_from_db()
    assert (owed.cause, events(owed)) == ("vacant", ["opened", "superior"])
    assert on_list(world, "village") == ["清理排水沟"]
    assert on_list(world, "grid") == []


def test_a_holder_on_leave_is_deputised_and_then_the_superior_hears(world: World) -> None:
    deputy = Person.objects.exclude(pk__in=[p.pk for p in world.staff.values()]).filter(vulnerable=False)[0]
    appoint(post_at(GRID), deputy, "deputy", by=world.officer)
    today = clock.now().astimezone(clock.BEIJING).date()
    take_leave(world.staff[GRID], today, today + timedelta(days=9), by=world.officer)
    owed = task(world)
    assert list(queries.todo(deputy)) == [owed]
    clock.forward(days=1)
    escalation.tick()
    clock.forward(days=2, minutes=1)
    escalation.tick()
    owed.refresh_from_db()
    assert (owed.cause, events(owed)) == ("on_leave", ["opened", "deputy", "superior"])
    assert on_list(world, "village") == ["清理排水沟"]


def test_many_are_created_at_once_and_withdrawn_ones_open_again(world: World) -> None:
    base: dict[str, Any] = {"kind": kinds.TASK.name, "title": "巡查", "place": GRID, "post": post_at(GRID).pk}
    items = [actions.New(key=str(n), due_at=clock.now() + timedelta(days=1), **base) for n in range(7)]
    assert actions.create_many(items) == 7
    assert actions.create_many(items) == 0
    assert actions.withdraw(kinds.TASK.name, "3")
    assert len(on_list(world, "grid")) == 6
    assert actions.create_many(items) == 1
    assert Obligation.objects.filter(state=State.OPEN).count() == 7
