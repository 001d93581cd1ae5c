"""Choosing a password: rules in words, and no work before it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.community.accounts import passwords
from lastmile.community.accounts.models import User
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db

NEW = "zwei blaue Boote 9"


@pytest.fixture
def world(client: Client) -> World:
    world = World.build(people=False)
    world.login(client, "officer")
    return world


def change(client: Client, new: str = NEW, old: str = PASSWORD, again: str = "") -> Any:
    return client.post("/account/password/", {"old": old, "new": new, "again": again or new})


def test_a_temporary_password_opens_only_the_page_to_change_it(client: Client, world: World) -> None:
    User.objects.filter(username="officer").update(must_change_password=True)
    assert client.get("/").headers["Location"] == "/account/password/"
    assert client.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/account/password/"
    assert client.get("/api/v1/me").status_code == 403
    assert client.get("/account/password/").status_code == 200
    assert change(client).status_code == 302
    assert client.get("/").status_code == 200


def test_changing_ends_other_sessions_and_keeps_this_one(client: Client, world: World) -> None:
    other = Client()
    world.login(other, "officer")
    change(client)
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302


@pytest.mark.parametrize("weak", ["short", "1234567890123", "password123", "aaaaaaaaaaaa", "the officer", PASSWORD])
def test_it_refuses_a_weak_one_in_words(client: Client, world: World, weak: str) -> None:
    answer = change(client, weak)
    assert answer.status_code == 400
    assert answer.context["form"].errors["new"]
    assert User.objects.get(username="officer").check_password(PASSWORD)


def test_it_refuses_a_wrong_old_one_and_two_different_new_ones(client: Client, world: World) -> None:
    assert change(client, old="wrong").context["form"].errors.keys() == {"old"}
    assert change(client, again="other").context["form"].errors.keys() == {"again"}


def test_a_temporary_password_keeps_the_rules_and_never_repeats() -> None:
    made = {passwords.temporary() for _index in range(50)}
    assert len(made) == 50
    assert all(len(text) == 19 for text in made)
