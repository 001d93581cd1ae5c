"""The menu marks where a page belongs, and nothing where it belongs nowhere."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from lastmile.site import nav
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World.build()


def marked(world: World, path: str, name: str = "system") -> list[str]:
    request = RequestFactory().get(path)
    request.user = getattr(world, name)
    return [item["url"] for item in nav.context(request)["menu"] if item["active"]]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/", "home"),
        ("/sources/check/", "sources:incoming"),
        ("/deployments/", "sources:incoming"),
        ("/subscribers/1/", "sources:incoming"),
        ("/channels/accounts/new/", "channels"),
        ("/access/410182/", "users"),
        ("/destroyed/", "retention"),
        ("/facts/burden/", "fact_burden"),
    ],
)
def test_a_page_marks_the_entry_under_which_it_is_found(world: World, path: str, url: str) -> None:
    assert marked(world, path) == [url]


def test_a_page_of_ones_own_marks_nothing_least_of_all_the_overview(world: World) -> None:
    assert marked(world, "/account/") == []
    assert marked(world, "/account/tokens/") == []


def test_an_entry_that_may_not_be_seen_is_not_marked_either(world: World) -> None:
    assert marked(world, "/deployments/", "keeper") == []
