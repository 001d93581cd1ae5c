"""Django's admin site: for system administrators, to look at harmless tables."""

from __future__ import annotations

import pytest
from django.db.models import Field
from django.test import Client

from lastmile.kernel.fields import SealedField
from lastmile.site.admin import site
from tests.world import LOGINS, World

pytestmark = pytest.mark.django_db
PAGES = ["/admin/", "/admin/org/place/", "/admin/org/place/4101/change/", "/admin/procrastinate/procrastinatejob/"]


@pytest.fixture
def world() -> World:
    return World.build(people=False)


@pytest.mark.parametrize("path", PAGES)
def test_only_system_administrators_open_it(client: Client, world: World, path: str) -> None:
    assert client.get(path, follow=True).redirect_chain[-1][0].startswith("/login/?next=/admin/")
    for name in LOGINS:
        world.login(client, name)
        status = client.get(path, follow=True).status_code
        assert status == (200 if name == "system" else 403), name


def test_its_own_login_takes_no_password(client: Client, world: World) -> None:
    answer = client.post("/admin/login/", {"username": "system", "password": "x"})
    assert answer.headers["Location"].startswith("/login/")


def test_it_changes_nothing(client: Client, world: World) -> None:
    world.login(client, "system")
    assert client.get("/admin/org/place/add/").status_code == 403
    assert client.post("/admin/org/place/4101/delete/", {"post": "yes"}).status_code == 403
    assert client.post("/admin/org/place/4101/change/", {"name": "x"}).status_code == 403
    assert client.get("/admin/password_change/").headers["Location"] == "/account/password/"


def test_it_holds_no_personal_table() -> None:
    sealed = [
        model._meta.label
        for model in site._registry
        for field in model._meta.get_fields()
        if isinstance(field, Field) and (isinstance(field, SealedField) or field.name in ("args", "session_data"))
        if field.name in (site._registry[model].fields or [field.name])
    ]
    assert sealed == []
