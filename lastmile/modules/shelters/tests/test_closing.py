"""After the all-clear: shelters close, whoever is still there is asked about, figures stay, strangers' names go."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from lastmile.alerting.models import Alert, AlertEvent
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict
from lastmile.kernel.models import AuditEntry
from lastmile.modules.shelters.actions import closing
from lastmile.modules.shelters.actions.checkin import Tap, enter
from lastmile.modules.shelters.models import Opening, Stay
from lastmile.modules.shelters.queries import roll
from lastmile.modules.shelters.tests.conftest import code_of
from lastmile.modules.shelters.tests.test_checkin import event, family, school, tap
from tests.world import World

__all__ = ["event", "school"]  # fixtures


def all_clear(event: AlertEvent) -> None:
    Alert.objects.filter(pk=event.alert_id).update(state="lifted")


def test_a_shelter_with_people_in_it_is_not_closed(world: World, event: AlertEvent, school: Opening) -> None:
    with pytest.raises(Conflict, match="还有人要到这里来"):
        closing.close(world.users["keeper"], school)
    tap(world, school, "in", stays=family(world))
    with pytest.raises(Conflict, match="还有 2 人在这里"):
        closing.close(world.users["keeper"], school, home=True)
    all_clear(event)
    with pytest.raises(Conflict) as refused:
        closing.close(world.users["keeper"], school)
    assert "全部已回家" in str(refused.value.mend)


def test_one_tap_after_the_all_clear_sends_everybody_home_and_keeps_the_figures(
    world: World, event: AlertEvent, school: Opening, client: Client
) -> None:
    tap(world, school, "in", stays=family(world))
    tap(world, school, "walk-in", name="赵过路", heads=3)
    all_clear(event)
    world.login(client, "keeper")
    assert client.post(f"/shelters/desk/{school.pk}/close/", {"home": "yes"}).status_code == 302
    closed = Opening.objects.get(pk=school.pk)
    assert closed.closed_at is not None
    assert closed.figures == {
        "listed": 6, "came": 0, "strangers": 0, "inside": 0, "elsewhere": 2, "missing": 4, "weak": 2, "ever": 5,
    }  # fmt: skip
    assert not Obligation.objects.filter(kind="shelters.open", closed_at=None).exists()
    refused = enter(world.users["keeper"], closed, Tap(uuid4(), "in", stays=family(world, 1)))
    assert "已关闭" in refused.says


def test_the_workers_close_what_is_empty_and_ask_about_the_rest_once(
    world: World, event: AlertEvent, school: Opening
) -> None:
    assert closing.tidy() == 0
    tap(world, school, "in", stays=family(world))
    all_clear(event)
    assert closing.tidy() == 1
    assert closing.tidy() == 0
    owed = Obligation.objects.get(kind="shelters.close")
    assert "王" not in owed.title
    tap(world, school, "out", stays=family(world), where="home")
    assert closing.tidy() == 1
    owed.refresh_from_db()
    assert owed.closed_at is not None
    assert Opening.objects.get(pk=school.pk).closed_at is not None


def test_names_of_strangers_are_destroyed_a_week_later_with_a_record(
    world: World, event: AlertEvent, school: Opening
) -> None:
    tap(world, school, "walk-in", name="赵过路", phone="13900001234", heads=3)
    all_clear(event)
    closing.close(world.users["keeper"], school, home=True)
    clock.forward(days=6)
    assert closing.forget() == 0
    clock.forward(days=2)
    assert closing.forget() == 1
    stay = Stay.objects.get(person=None)
    assert (stay.name, stay.phone, stay.heads) == (None, None, 3)
    assert AuditEntry.objects.get(action="shelters.forget").detail == {"people": 1}
    assert roll.of(event).listed == 6
    assert closing.forget() == 0


def test_a_closed_shelter_shows_nobodys_name(world: World, event: AlertEvent, school: Opening, client: Client) -> None:
    tap(world, school, "walk-in", name="赵过路", heads=3)
    all_clear(event)
    closing.close(world.users["keeper"], school, home=True)
    world.login(client, "keeper")
    roll_url = f"/api/v1/shelters/desks/{school.pk}"
    shown = client.get(roll_url).json()
    assert (shown["closed"], shown["groups"]) == (True, [])
    assert client.get(f"{roll_url}/door", {"code": code_of(school, world.households[0])}).status_code == 409
    assert client.get(f"/shelters/desk/{school.pk}/sheet.pdf").status_code == 409
    assert not AuditEntry.objects.filter(action__in=("shelters.find_door", "shelters.sheet")).exists()
