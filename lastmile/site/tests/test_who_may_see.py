"""From the page of any object one tap leads to who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from lastmile.alerting.tests.conftest import Desk
from tests.browser import samples_places, samples_plan_areas, samples_shelters, samples_sources, samples_terminals
from tests.world import World

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/access/(\d+)/\?perm=[a-z_:]+)"')
Address = Callable[[World], str]
OBJECTS: dict[str, tuple[str, Address]] = {
    "warning": ("officer", lambda world: reverse("alerting:alert", args=[Desk(world).issued().alert.code])),
    "household": ("village", lambda world: reverse("household", args=[world.households[0].pk])),
    "site": ("officer", lambda world: reverse("site", args=[samples_places.site(world)["pk"]])),
    "terminal": ("officer", lambda _world: reverse("terminal", args=[samples_terminals.loudspeaker().pk])),
    "plan area": ("village", lambda world: reverse("plan_areas:page", args=[samples_plan_areas.plan_area(world).pk])),
    "shelter": ("village", lambda world: reverse("shelter", args=[samples_shelters.shelter(world).pk])),
    "source": ("officer", lambda world: reverse("sources:source", args=[samples_sources.source(world).pk])),
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_the_page_of_an_object_leads_to_who_may_see_it(client: Client, kind: str) -> None:
    world, (name, address) = World.build(), OBJECTS[kind]
    user = world.login(client, name)
    found = LINK.search(client.get(address(world)).content.decode())
    assert found, kind
    page = client.get(found[1])
    assert page.status_code == 200
    assert user.display_name in page.content.decode()


def test_whoever_does_not_see_its_place_is_led_nowhere(client: Client) -> None:
    world = World.build()
    alert = Desk(world).issued().alert
    world.login(client, "township")
    page = client.get(reverse("alerting:alert", args=[alert.code]))
    assert page.status_code == 200
    assert not LINK.search(page.content.decode())
