"""The small parts of the floor: permissions, doors, refusals, clock, environment."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place
from lastmile.kernel import clock, doors, env
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from lastmile.kernel.permissions import Perm, may, obtain, require, within
from lastmile.kernel.refusals import RefusalMiddleware
from tests.world import TREE, add_place

CODE = st.from_regex(r"[0-9]{2,15}", fullmatch=True)


class Somebody:
    """An actor with the same scopes for every permission."""

    pk = 1
    is_authenticated = True

    def __init__(self, *scopes: str) -> None:
        self.held = scopes

    def scopes(self, _perm: Perm) -> tuple[str, ...]:
        return self.held


@given(st.lists(CODE, max_size=4), CODE)
def test_a_scope_is_a_prefix(scopes: list[str], place: str) -> None:
    allowed = may(Somebody(*scopes), Perm.PLACE_READ, place)
    assert allowed == any(place.startswith(scope) for scope in scopes)
    if not allowed:
        with pytest.raises(NotAllowed):
            require(Somebody(*scopes), Perm.PLACE_READ, place)


@pytest.mark.django_db
def test_within_agrees_with_may_for_every_place() -> None:
    for code, name in TREE.items():
        add_place(code, name)
    for scopes in ((), ("4101",), ("410182109", "410181"), ("41018",), ("",)):
        found = set(Place.objects.filter(within(scopes, "code")).values_list("code", flat=True))
        assert found == {code for code in TREE if may(Somebody(*scopes), Perm.PLACE_READ, code)}, scopes


@pytest.mark.django_db
def test_what_is_invisible_is_not_found_and_what_is_visible_only_is_not_allowed() -> None:
    for code, name in TREE.items():
        add_place(code, name)

    class Reader(Somebody):
        def scopes(self, perm: Perm) -> tuple[str, ...]:
            return {Perm.PLACE_READ: ("410182",), Perm.PLACE_EDIT: ("410182109",)}.get(perm, ())

    def get(code: str, perm: Perm) -> Place:
        rows = Place.objects.all()
        return obtain(rows, Reader(), perm, see=Perm.PLACE_READ, place_of=lambda place: place.code, code=code)

    assert get("410182109211", Perm.PLACE_EDIT).name
    for code, perm, error in [
        ("410182", Perm.PLACE_EDIT, NotAllowed),
        ("410181", Perm.PLACE_EDIT, NotFound),
        ("999999", Perm.PLACE_EDIT, NotFound),
    ]:
        with pytest.raises(error):
            get(code, perm)


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def ask(guarded: Any, user: Any) -> HttpResponse:
    request = RequestFactory().get("/page/?a=1")
    request.user = user
    answer: HttpResponse = guarded(request)
    return answer


def test_a_door_sends_strangers_to_log_in_and_back() -> None:
    for guarded in (doors.needs(Perm.ALERT_READ)(view), doors.signed_in(view)):
        assert ask(guarded, AnonymousUser()).headers["Location"] == "/login/?next=/page/%3Fa%3D1"


def test_a_door_opens_to_who_holds_one_of_its_permissions_anywhere() -> None:
    guarded = doors.needs(Perm.ALERT_READ, Perm.ALERT_DRAFT)(view)
    assert ask(guarded, Somebody("4101")).status_code == 200
    with pytest.raises(NotAllowed):
        ask(guarded, Somebody())
    assert ask(doors.signed_in(view), Somebody()).status_code == 200
    assert ask(doors.public("a reason")(view), AnonymousUser()).status_code == 200


def test_a_deactivated_login_has_no_scope() -> None:
    user = User(is_active=False)
    user.__dict__["held"] = [("duty_officer", "4101")]
    assert user.scopes(Perm.ALERT_READ) == ()


def answer(refusal: Exception, path: str = "/x", **headers: str) -> HttpResponse | None:
    request = RequestFactory().get(path, headers=headers)
    request.user = AnonymousUser()
    return RefusalMiddleware(view).process_exception(request, refusal)


@pytest.mark.parametrize("error", [Refusal, NotFound, NotAllowed, Conflict])
def test_a_refusal_is_json_for_programs(error: type[Refusal]) -> None:
    made = answer(error("no <b>", "do this", fields={"name": "too long"}), "/api/v1/x")
    assert made is not None
    assert made.status_code == error.status
    assert made["Content-Type"] == "application/problem+json"
    body = json.loads(made.content)
    assert body == {"title": "no <b>", "detail": "do this", "status": error.status, "fields": {"name": "too long"}}


def test_a_refusal_is_a_fragment_for_htmx_and_escapes_what_was_typed() -> None:
    made = answer(Refusal("“<script>” is wrong", "mend"), **{"HX-Request": "true"})
    assert made is not None
    assert b"&lt;script&gt;" in made.content
    assert b"<html" not in made.content


def test_other_errors_are_not_refusals() -> None:
    assert answer(ValueError("inside")) is None


def test_the_clock_is_forwarded_and_frozen() -> None:
    before = clock.now()
    assert clock.forward(minutes=40) - before >= timedelta(minutes=40)
    with clock.frozen(datetime(2021, 7, 20, tzinfo=UTC)):
        assert clock.now() == datetime(2021, 7, 20, tzinfo=UTC)
        clock.forward(hours=1)
        assert clock.now() == datetime(2021, 7, 20, 1, tzinfo=UTC)
    assert clock.now() - before < timedelta(hours=1)
    assert clock.now().tzinfo is UTC


def test_the_environment_is_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"A": "1", "B": "FALSE", "C": "maybe", "N": "12", "BAD": "x", "L": " a, b,,c "}.items():
        monkeypatch.setenv(name, value)
    assert (env.flag("A", False), env.flag("B", True), env.flag("C", True), env.flag("D", True)) == (
        True,
        False,
        True,
        True,
    )
    assert env.number("N", 1) == 12
    assert env.number("NONE", 1) == 1
    with pytest.raises(ImproperlyConfigured, match="BAD"):
        env.number("BAD", 1)
    assert env.names("L") == ["a", "b", "c"]
    (tmp_path / "secret").write_text(" s3 \n")
    monkeypatch.setenv("K_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("K", "other")
    assert env.secret("K") == "s3"
    monkeypatch.setenv("K_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="K_FILE"):
        env.secret("K")
