"""Somebody wants a resident's data without their phone: by guessing, by asking who is on file, by a cookie."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lastmile.community.people.models import Contact
from lastmile.kernel import clock
from lastmile.modules.mydata.models import Challenge, Session
from lastmile.modules.mydata.tests.conftest import code_in, deliver, number, phones, prove, world
from tests.world import World, phone

__all__ = ["phones", "prove", "world"]  # fixtures
Sent = list[tuple[str, str]]


def asked(client: Client, to: str) -> None:
    assert client.post("/me/ask/", {"phone": to}).status_code == 302


def other_than(code: str) -> list[str]:
    return [f"{(int(code) + step) % 1_000_000:06d}" for step in range(1, 12)]


def test_five_wrong_codes_end_it_even_for_the_right_one(world: World, client: Client, phones: Sent) -> None:
    asked(client, number(world.residents[0]))
    deliver()
    right = code_in(phones[-1][1])
    for wrong in other_than(right)[:5]:
        assert client.post("/me/enter/", {"code": wrong}).status_code == 400
    assert client.post("/me/enter/", {"code": right}).status_code == 400
    assert not Session.objects.exists()


def test_codes_are_guessed_ten_times_a_minute_from_one_address_and_no_more(world: World, client: Client) -> None:
    statuses = []
    for _challenge in range(3):
        asked(client, number(world.residents[0]))
        statuses += [client.post("/me/enter/", {"code": f"{guess:06d}"}).status_code for guess in range(6)]
    assert statuses.count(429) == 18 - 10


def test_three_codes_an_hour_go_to_one_number_whoever_asks(world: World, phones: Sent) -> None:
    to = number(world.residents[0])
    for minute in range(6):
        answer = Client(REMOTE_ADDR=f"10.0.0.{minute}").post("/me/ask/", {"phone": to})
        assert answer.status_code == (302 if minute < 3 else 429)
        clock.forward(minutes=2)
    deliver()
    assert len(phones) <= 3
    clock.forward(hours=1)
    assert Client().post("/me/ask/", {"phone": to}).status_code == 302


def test_one_address_asks_five_times_a_minute(world: World, client: Client) -> None:
    statuses = [client.post("/me/ask/", {"phone": phone()}).status_code for _number in range(7)]
    assert statuses == [302] * 5 + [429] * 2


def test_known_and_unknown_numbers_get_the_same_answer_and_cost_the_same(world: World, phones: Sent) -> None:
    """The same bytes, and the same statements of the database: there is nothing a clock could tell apart."""
    seen = []
    for to in (number(world.residents[0]), phone()):
        client = Client()
        client.get("/me/")
        with CaptureQueriesContext(
            connection,
        ) as asking:
            answer = client.post("/me/ask/", {"phone": to})
        code = client.get("/me/code/").content
        with CaptureQueriesContext(connection) as guessing:
            wrong = client.post("/me/enter/", {"code": "000001"})
        shape = [
            query["sql"].split("WHERE")[0][:40]
            for query in [*asking, *guessing]
            if "kernel_ratelimit WHERE" not in query["sql"]
        ]
        seen.append(
            (answer.status_code, answer["Location"], cleaned(code), wrong.status_code, cleaned(wrong.content), shape)
        )
    assert seen[0] == seen[1]
    deliver()
    assert len(phones) == 1  # only whoever is on file is written to


def cleaned(page: bytes) -> bytes:
    """Without the token against forged forms, which differs each time."""
    import re

    return re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", page)


def test_a_guess_of_an_unknown_numbers_code_opens_nothing(world: World, client: Client, phones: Sent) -> None:
    """Nobody got it; whoever is told it by the database still proves nobody."""
    asked(client, phone())
    code = Challenge.objects.get().code
    assert code is not None
    assert client.post("/me/enter/", {"code": code.reveal()}).status_code == 400
    assert not Session.objects.exists()


def test_a_code_is_good_once_for_ten_minutes_and_for_the_browser_that_asked(
    world: World, client: Client, phones: Sent
) -> None:
    asked(client, number(world.residents[0]))
    deliver()
    code, cookie = code_in(phones[-1][1]), client.cookies["me_code"].value
    assert Client().post("/me/enter/", {"code": code}).status_code == 400  # read over somebody's shoulder
    assert client.post("/me/enter/", {"code": code}).status_code == 302
    again = Client()
    again.cookies["me_code"] = cookie
    assert again.post("/me/enter/", {"code": code}).status_code == 400
    late = Client()
    asked(late, number(world.residents[1]))
    deliver()
    clock.forward(minutes=11)
    assert late.post("/me/enter/", {"code": code_in(phones[-1][1])}).status_code == 400
    assert Session.objects.count() == 1


def test_a_cookie_planted_before_is_not_taken_over(
    world: World, client: Client, prove: Callable[[Client, str], None]
) -> None:
    client.cookies["me"] = "planted-by-somebody"
    prove(client, number(world.residents[0]))
    fresh = client.cookies["me"]
    assert fresh.value != "planted-by-somebody"
    assert (fresh["httponly"], fresh["samesite"], fresh["path"]) == (True, "Strict", "/me/")
    thief = Client()
    thief.cookies["me"] = "planted-by-somebody"
    assert "李村民" not in thief.get("/me/").content.decode()
    assert "李村民" in client.get("/me/").content.decode()


def test_neither_code_nor_number_nor_cookie_lies_readable_in_the_database(
    world: World, client: Client, phones: Sent
) -> None:
    to = number(world.residents[0])
    asked(client, to)
    deliver()
    code = code_in(phones[-1][1])
    one = Challenge.objects.get()
    assert (one.phone, one.code, one.number) == (None, None, None)
    with connection.cursor() as cursor:
        for table in ("mydata_challenge", "procrastinate_jobs"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows = " ".join(text for (text,) in cursor.fetchall())
            assert code not in rows
            assert to not in rows
            assert client.cookies["me_code"].value not in rows


def test_a_number_out_of_use_proves_nothing_any_more(world: World, client: Client, phones: Sent) -> None:
    """It may be somebody else's by now."""
    to = number(world.residents[0])
    Contact.objects.filter(person=world.residents[0]).update(usable=False)
    asked(client, to)
    deliver()
    assert phones == []


@pytest.mark.parametrize("typed", ["", "x", "12345", "1234567", "１２３４５６", "\x00", "'; --", "9" * 500])
def test_what_is_no_code_is_a_sentence(world: World, client: Client, typed: str) -> None:
    asked(client, number(world.residents[0]))
    answer = client.post("/me/enter/", {"code": typed})
    assert answer.status_code == 400
    assert "六位数字" in answer.content.decode()


def test_without_the_token_of_our_form_nothing_is_sent(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/me/ask/", {"phone": number(world.residents[0])}).status_code == 403
    assert not Challenge.objects.exists()
