"""Transfer orders: given to a shelter with room, never twice, changed and withdrawn with a reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.answering import make_event
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import SpecialSite
from lastmile.duties.models import Obligation
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.modules.shelters.actions import orders, room
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Opening, Order, Shelter, Stay
from lastmile.modules.shelters.queries import incident, roll
from lastmile.modules.shelters.queries.room import offers
from lastmile.modules.shelters.tests.conftest import GRID, GRID2, VILLAGE, make_shelter
from tests.world import World


@pytest.fixture
def event(world: World) -> AlertEvent:
    return make_event(world)


def opened(world: World, event: AlertEvent, name: str = "王宗店小学", capacity: int = 100, **facts: object) -> Opening:
    return room.open_shelter(world.officer, event, make_shelter(world, name, capacity=capacity, **facts))


def held_by_stays(opening: Opening) -> int:
    rows = Stay.objects.filter(opening=opening, state__in=Stay.HOLDS)
    return sum(rows.values_list("heads", flat=True))


def test_a_grid_is_ordered_to_a_shelter_and_everybody_is_missing_until_they_come(
    world: World, event: AlertEvent
) -> None:
    opening = opened(world, event)
    order = orders.give(world.village, event, Source(world.places[GRID]), opening, route="走东岭路，不过桥")
    assert (order.people, order.state, order.route) == (6, "live", "走东岭路，不过桥")
    figures = roll.of(event)
    assert (figures.listed, figures.missing, figures.came, figures.weak) == (6, 6, 0, 3)
    opening.refresh_from_db()
    assert (opening.held, opening.free) == (6, 94)
    assert roll.of(event, GRID2).listed == 0


def test_one_door_and_then_its_grid_orders_nobody_twice(world: World, event: AlertEvent) -> None:
    opening = opened(world, event)
    orders.give(world.village, event, Source(world.places[GRID], household=world.households[0]), opening)
    assert orders.give(world.village, event, Source(world.places[GRID]), opening).people == 4
    with pytest.raises(Refusal, match="没有可安排的人"):
        orders.give(world.village, event, Source(world.places[GRID]), opening)
    opening.refresh_from_db()
    assert opening.held == 6 == Stay.objects.count()


def test_a_full_shelter_is_refused_with_the_nearest_that_has_room(world: World, event: AlertEvent) -> None:
    small = opened(world, event, capacity=5)
    opened(world, event, "远处体育馆", longitude=113.6)
    opened(world, event, "近处礼堂", longitude=113.34)
    opened(world, event, "没位置的", capacity=3)
    with pytest.raises(Conflict) as refused:
        orders.give(world.village, event, Source(world.places[GRID], household=None), small)
    assert "还有 5 个位置，需要转移 6 人" in str(refused.value.says)
    said = str(refused.value.mend)
    assert said.index("近处礼堂") < said.index("远处体育馆")
    assert "没位置的" not in said
    assert not Order.objects.exists()
    assert not Stay.objects.exists()


def test_offers_begin_with_those_that_have_room_and_are_near(world: World, event: AlertEvent) -> None:
    opened(world, event, "满了", capacity=1)
    opened(world, event, "远", longitude=113.9)
    opened(world, event, "近", longitude=113.331)
    names = [one.opening.shelter.name for one in offers(world.village, event, (113.33, 34.63), 6)]
    assert names == ["近", "远", "满了"]


def test_a_special_site_goes_as_one_with_a_head_count(world: World, event: AlertEvent) -> None:
    home = SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.CARE_HOME, name="敬老院", capacity=69)
    opening = opened(world, event)
    with pytest.raises(Refusal, match="多少人"):
        orders.give(world.village, event, Source(world.places[VILLAGE], site=home), opening)
    orders.give(world.village, event, Source(world.places[VILLAGE], site=home, heads=69), opening)
    assert roll.of(event).as_dict()["missing"] == 69
    assert Stay.objects.get().vulnerable


def test_a_changed_order_frees_the_old_places_and_keeps_the_new(world: World, event: AlertEvent) -> None:
    first, second = opened(world, event), opened(world, event, "镇中学")
    order = orders.give(world.village, event, Source(world.places[GRID]), first)
    with pytest.raises(Refusal, match="理由"):
        orders.change(world.village, order, second, reason=" ")
    new = orders.change(world.village, order, second, reason="路断了", route="走西沟")
    order.refresh_from_db()
    assert (order.state, order.reason, new.after_id, new.people) == ("changed", "路断了", order.pk, 6)
    assert [Opening.objects.get(pk=one.pk).held for one in (first, second)] == [0, 6]
    with pytest.raises(Conflict, match="已经不再有效"):
        orders.withdraw(world.village, order, reason="重复")


def test_a_withdrawn_order_frees_its_places_and_can_be_given_again(world: World, event: AlertEvent) -> None:
    opening = opened(world, event)
    order = orders.give(world.village, event, Source(world.places[GRID]), opening)
    orders.withdraw(world.village, order, reason="水退了")
    assert roll.of(event).listed == 0
    assert Opening.objects.get().held == 0
    assert orders.give(world.village, event, Source(world.places[GRID]), opening).people == 6
    assert Stay.objects.count() == 6


def test_an_update_goes_on_with_the_same_people_and_the_all_clear_ends_ordering(world: World) -> None:
    desk = Desk(world)
    first = desk.issued()
    opening = opened(world, first)
    update = desk.follow(first, "update", description="雨势加大。")
    assert incident.root(update) == first
    assert incident.in_force(first) == update
    orders.give(world.village, first, Source(world.places[GRID]), opening)
    desk.follow(update, "lift")
    assert incident.in_force(first) is None
    with pytest.raises(Conflict, match="预警已经结束"):
        orders.give(world.village, first, Source(world.places[GRID2]), opening)


def test_who_may_not_order_is_refused(world: World, event: AlertEvent) -> None:
    opening = opened(world, event)
    for login in ("grid", "keeper", "approver", "neighbour"):
        with pytest.raises(NotAllowed):
            orders.give(world.users[login], event, Source(world.places[GRID]), opening)
    assert not Stay.objects.exists()


def test_opening_a_shelter_puts_it_on_the_keepers_list_once(world: World, event: AlertEvent) -> None:
    opening = opened(world, event)
    assert room.open_shelter(world.officer, event, opening.shelter).pk == opening.pk
    owed = Obligation.objects.get(kind="shelters.open")
    assert "王宗店小学" in owed.title
    assert owed.danger == 4


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.integers(1, 14),
    steps=st.lists(st.tuples(st.sampled_from(["give", "change", "withdraw"]), st.integers(0, 11)), max_size=12),
)
def test_whatever_is_ordered_changed_or_withdrawn_no_shelter_holds_more_than_it_has(
    world: World, event: AlertEvent, capacity: int, steps: list[tuple[str, int]]
) -> None:
    Stay.objects.all().delete()
    Order.objects.all().update(after=None)
    Order.objects.all().delete()
    Opening.objects.all().delete()
    Shelter.objects.all().delete()
    rooms = [opened(world, event, f"所{number}", capacity=capacity + number) for number in range(2)]
    for act, number in steps:
        try:
            if act == "give":
                source = Source(world.places[GRID], household=world.households[number % 6])
                orders.give(world.village, event, source, rooms[number % 2])
                continue
            live = list(Order.objects.filter(state="live"))
            order = live[number % len(live)] if live else None
            if order and act == "change":
                orders.change(world.village, order, rooms[1 - rooms.index(order.opening)], reason="路断")
            elif order:
                orders.withdraw(world.village, order, reason="不用了")
        except (Refusal, Conflict):
            continue
        finally:
            for one in Opening.objects.all():
                assert one.held <= one.places
                assert one.held == held_by_stays(one)


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_do_not_give_away_the_same_places() -> None:
    world = World.build()
    event = make_event(world)
    opening = opened(world, event, capacity=9)
    start = Barrier(2)

    def give(grid: str) -> str:
        try:
            start.wait(10)
            orders.give(world.village, event, Source(world.places[grid]), opening)
        except Conflict as refused:
            return str(refused.says)
        finally:
            connection.close()
        return "given"

    with ThreadPoolExecutor(2) as officers:
        said = sorted(officers.map(give, [GRID, GRID2]), key=len)
    assert said[0] == "given"
    assert "还有 3 个位置，需要转移 6 人" in said[1]
    assert Opening.objects.get().held == 6 == Stay.objects.count()
