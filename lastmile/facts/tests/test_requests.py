"""Requests of superiors: what is known is answered, what was asked is refused, only the rest is asked, once."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from lastmile.community.org.models import Post, SpecialSite
from lastmile.duties import actions as duties
from lastmile.duties.models import Obligation
from lastmile.facts import dictionary
from lastmile.facts.actions import answer as answers
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.request import Wish, planned, register, withdraw
from lastmile.facts.models import Ask, Burden, Cell, Entry, Request, Via
from lastmile.facts.queries import burden, scope, table
from lastmile.facts.queries.questions import waiting_asks
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from tests.world import World

pytestmark = pytest.mark.django_db
COUNTY, TOWNSHIP, VILLAGE, OTHER = "410182", "410182109", "410182109211", "410182109205"
PUMPS, BOATS, HOMES = "village.pumps", "village.boats", "people.households"


def wish(world: World, *names: str, under: str | list[str] = VILLAGE, **more: Any) -> Wish:
    given: dict[str, Any] = {
        "place": world.places[COUNTY],
        "title": "防汛物资摸底",
        "basis": "防汛条例第二十条",
        "reason": "汛前检查",
        "fields": dictionary.named(names or (PUMPS, BOATS, HOMES)),
        "under": [under] if isinstance(under, str) else under,
        "subject": "place",
        "level": 5,
        "due_at": clock.now() + timedelta(days=3),
        "department": "应急管理局",
    }
    return Wish(**(given | more))


def tell(world: World, value: str, name: str = PUMPS) -> None:
    enter(world.village, [Said(dictionary.field(name), VILLAGE, None, value)], Via.PAGE)


def states(request: Request) -> dict[str, str]:
    return dict(request.cells.order_by("field").values_list("field", "state"))


def filled(request: Request) -> list[table.Line]:
    shown = table.lines(request)
    table.fill(request, shown)
    return shown


def reply(world: World, ask: Ask, **given: str) -> int:
    names = {cell.field.rpartition(".")[2]: f"c{cell.pk}" for cell in answers.waiting(ask)}
    typed = {}
    for key, value in given.items():
        cannot = key.startswith("cannot_")
        typed[("cannot-" if cannot else "") + names[key.removeprefix("cannot_")]] = value
    return answers.answer(world.village, ask, typed)


def test_only_what_nobody_has_told_is_asked_of_the_right_post() -> None:
    world = World.build()
    right = Post.objects.create(place=world.places[VILLAGE], kind="flood", title="防汛负责人", department="水利局")
    tell(world, "3")
    request = register(world.officer, wish(world))
    assert states(request) == {HOMES: "known", BOATS: "asked", PUMPS: "known"}
    ask = request.asks.get()
    assert ask.post is not None
    assert (ask.post.kind, ask.post.pk != right.pk) == ("leader", True)
    owed = Obligation.objects.get()
    assert (owed.post_id, owed.place_id, owed.due_at, owed.detail) == (
        ask.post_id,
        VILLAGE,
        request.due_at,
        {"ask": ask.pk},
    )
    assert (request.asked, request.known, request.state) == (1, 2, "open")


def test_the_department_that_knows_is_asked() -> None:
    world = World.build()
    water = Post.objects.create(place=world.places[VILLAGE], kind="other", title="水利员", department="水利局")
    given = {"label": "山塘数", "type": "whole", "unit": "座", "choices": [], "subject": "place", "level": 5}
    given |= {"owner": "other", "department": "水利局", "source": "", "validity_days": 90}
    from lastmile.facts.actions.define import define

    made = define(world.officer, world.places[COUNTY], **given)
    request = register(world.officer, wish(world, made.name))
    assert request.asks.get().post == water


def test_without_any_post_whoever_may_enter_facts_there_owes_it() -> None:
    world = World.build(people=False)
    register(world.officer, wish(world, PUMPS))
    owed = Obligation.objects.get()
    assert (owed.post_id, owed.perm) == (None, "facts:fact:enter")


def test_what_is_known_is_refused_with_the_answer() -> None:
    world = World.build()
    tell(world, "3")
    request = register(world.officer, wish(world, PUMPS, HOMES))
    assert request.state == "refused"
    assert not request.asks.exists()
    assert not Obligation.objects.exists()
    line = filled(request)[0]
    assert [cell.value for cell in line.cells if cell] == ["3", "6"]
    assert [cell.days for cell in line.cells if cell] == [0, 0]


def test_an_old_fact_is_asked_again_and_a_fresh_one_is_not() -> None:
    world = World.build()
    tell(world, "3")
    clock.forward(days=179)
    assert planned(world.officer, wish(world, PUMPS)).count("known") == 1
    clock.forward(days=3)
    assert planned(world.officer, wish(world, PUMPS)).count("asked") == 1


def test_what_was_asked_within_90_days_is_refused_and_after_them_is_not() -> None:
    world = World.build()
    first = register(world.officer, wish(world, PUMPS))
    reply(world, first.asks.get(), cannot_pumps="没人清点过")
    clock.forward(days=89)
    again = register(world.officer, wish(world, PUMPS, department="水利局"))
    assert (again.state, states(again)) == ("refused", {PUMPS: "repeated"})
    assert again.cells.get().words == "没人清点过"
    clock.forward(days=2)
    assert register(world.officer, wish(world, PUMPS)).state == "open"


def test_a_second_department_waits_for_the_first_ones_answer() -> None:
    world = World.build()
    first = register(world.officer, wish(world, PUMPS, BOATS))
    second = register(world.city, wish(world, PUMPS, place=world.places["4101"], department="民政局"))
    assert states(second) == {PUMPS: "joined"}
    assert Obligation.objects.count() == 1
    assert reply(world, first.asks.get(), pumps="4") == 1
    second.refresh_from_db()
    assert (second.state, second.cells.get().value) == ("answered", "4")
    first.refresh_from_db()
    assert first.state == "open"


def test_a_fact_entered_anywhere_answers_and_closes_the_to_do() -> None:
    world = World.build()
    request = register(world.officer, wish(world, PUMPS))
    tell(world, "9")
    request.refresh_from_db()
    assert (request.state, request.cells.get().value, request.asks.get().state) == ("answered", "9", "answered")
    assert Obligation.objects.get().state == "done"


def test_answers_come_bit_by_bit_and_drafts_are_kept() -> None:
    world = World.build()
    ask = register(world.officer, wish(world, PUMPS, BOATS)).asks.get()
    pumps, boats = answers.waiting(ask)
    answers.keep_draft(world.village, ask, {f"c{pumps.pk}": "1", f"c{boats.pk}": "zw", "other": "x"})
    ask.refresh_from_db()
    assert ask.draft == {f"c{pumps.pk}": "1", f"c{boats.pk}": "zw"}
    assert answers.answer(world.village, ask, {f"c{pumps.pk}": "1"}) == 1
    ask.refresh_from_db()
    assert ask.draft == {f"c{boats.pk}": "zw"}
    assert answers.answer(world.village, ask, {f"c{boats.pk}": "2"}) == 0
    ask.refresh_from_db()
    assert (ask.state, ask.draft) == ("answered", {})


def test_a_wrong_answer_stores_none_of_them() -> None:
    world = World.build()
    ask = register(world.officer, wish(world, PUMPS, BOATS)).asks.get()
    with pytest.raises(Refusal) as refused:
        reply(world, ask, pumps="3", boats="ein paar")
    assert len(refused.value.fields) == 1
    assert not Entry.objects.exists()
    for nothing in ({}, {"cannot_pumps": "?"}):
        with pytest.raises(Refusal):
            reply(world, ask, **nothing)


def test_an_answered_ask_is_not_answered_twice() -> None:
    world = World.build()
    ask = register(world.officer, wish(world, PUMPS)).asks.get()
    reply(world, ask, pumps="3")
    with pytest.raises(Conflict):
        answers.answer(world.village, ask, {"c1": "4"})
    with pytest.raises(Conflict):
        answers.keep_draft(world.village, ask, {})


def test_the_to_do_can_say_that_it_does_not_apply_but_not_that_it_is_done() -> None:
    world = World.build()
    request = register(world.officer, wish(world, PUMPS, BOATS))
    owed = Obligation.objects.get()
    with pytest.raises(Refusal):
        duties.done(world.village, owed)
    owed.refresh_from_db()
    duties.not_applicable(world.village, owed, words="本村没有河")
    assert set(states(request).values()) == {"unknown"}
    request.refresh_from_db()
    assert request.state == "answered"
    with pytest.raises(Refusal):
        duties.undo(world.village, owed)


def test_a_withdrawn_request_is_taken_off_the_to_do_and_may_be_asked_again() -> None:
    world = World.build()
    request = register(world.officer, wish(world, PUMPS))
    withdraw(world.officer, request)
    assert Obligation.objects.get().state == "withdrawn"
    with pytest.raises(Conflict):
        withdraw(world.officer, request)
    assert register(world.officer, wish(world, PUMPS)).asked == 1


def test_withdrawing_leaves_what_another_waits_for() -> None:
    world = World.build()
    first = register(world.officer, wish(world, PUMPS, BOATS))
    second = register(world.city, wish(world, PUMPS, place=world.places["4101"]))
    withdraw(world.officer, first)
    assert states(first) == {PUMPS: "asked", BOATS: "withdrawn"}
    assert reply(world, first.asks.get(), pumps="2") == 0
    second.refresh_from_db()
    assert second.state == "answered"
    assert Obligation.objects.get().state == "done"


def test_sites_are_rows_too() -> None:
    world = World.build()
    site = SpecialSite.objects.create(place=world.places[VILLAGE], kind="care_home", name="敬老院", capacity=40)
    names = ("org.site_capacity", "site.people_now")
    request = register(world.officer, wish(world, *names, subject="site"))
    assert states(request) == {"org.site_capacity": "known", "site.people_now": "asked"}
    reply(world, request.asks.get(), people_now="36")
    line = filled(request)[0]
    assert (line.name, [cell.value for cell in line.cells if cell]) == ("敬老院", ["40", "36"])
    assert Entry.objects.get().site == site


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"title": ""}, "title"),
        ({"basis": " "}, "basis"),
        ({"reason": "x" * 201}, "reason"),
        ({"due_at": clock.now()}, "due_at"),
        ({"due_at": clock.now() + timedelta(days=4000)}, "due_at"),
        ({"fields": []}, "fields"),
    ],
)
def test_an_incomplete_request_gets_sentences(more: dict[str, Any], named: str) -> None:
    world = World.build()
    with pytest.raises(Refusal) as refused:
        register(world.officer, wish(world, **more))
    assert named in refused.value.fields
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"under": ["410181"]},
        {"under": []},
        {"level": 3},
        {"level": 6},  # pumps are entered at villages
        {"subject": "site"},
        {"under": ["410182108"], "level": 5},  # a township without villages
    ],
)
def test_a_table_that_makes_no_sense_gets_a_sentence(more: dict[str, Any]) -> None:
    world = World.build()
    with pytest.raises(Refusal):
        register(world.officer, wish(world, **more))
    assert not Request.objects.exists()


def test_who_may_ask_and_of_whom() -> None:
    world = World.build()
    register(world.township, wish(world, PUMPS, place=world.places[TOWNSHIP]))
    for name in ("village", "grid", "approver", "auditor", "neighbour"):
        with pytest.raises(NotAllowed):
            planned(world.users[name], wish(world, PUMPS))


def test_a_request_is_seen_by_who_asks_and_who_is_asked() -> None:
    world = World.build()
    request = register(world.officer, wish(world, PUMPS))
    for name in ("officer", "city", "township", "village", "approver"):
        assert scope.request(world.users[name], request.pk) == request
    for name in ("neighbour", "auditor"):
        with pytest.raises(NotFound):
            scope.request(world.users[name], request.pk)
    assert [ask.place for ask in waiting_asks(world.village)] == [VILLAGE]
    assert not waiting_asks(world.officer)


def test_a_community_sees_its_own_rows_only() -> None:
    world = World.build()
    request = register(world.officer, wish(world, PUMPS, under=TOWNSHIP))
    assert {line.place for line in table.lines(request, world.officer)} == {VILLAGE, OTHER}
    assert {line.place for line in table.lines(request, world.village)} == {VILLAGE}


def test_the_ledger_counts_what_was_asked_and_what_was_spared() -> None:
    world = World.build()
    tell(world, "3")
    register(world.officer, wish(world))
    register(world.officer, wish(world, BOATS, department="民政局"))
    (heavy, light) = burden.ledger()
    assert (heavy.by, heavy.fields, heavy.minutes, heavy.requests, heavy.spared) == ("荥阳市 应急管理局", 1, 4.0, 1, 2)
    assert (light.by, light.fields, light.spared) == ("荥阳市 民政局", 0, 1)
    assert heavy.week.weekday() == 0
    clock.forward(days=7)
    register(world.officer, wish(world, "village.fire_stations"))
    assert len({line.week for line in burden.ledger()}) == 2


def test_the_pages_of_a_request(client: Client) -> None:
    world = World.build()
    world.login(client, "officer")
    given = {"title": "=1+1 摸底", "basis": "条例", "reason": "检查", "under": TOWNSHIP, "fields_": [PUMPS, HOMES]}
    given["due_at"] = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    url = "/facts/requests/new/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"look": "1"}).status_code == 400
    looked = client.post(url, given | {"look": "1"}, headers={"HX-Target": "plan", "HX-Request": "true"})
    assert (looked.status_code, Request.objects.count()) == (200, 0)
    assert client.post(url, given | {"register": "1"}).status_code == 302
    made = Request.objects.get()
    page = client.get(f"/facts/requests/{made.pk}/")
    assert page.status_code == 200
    assert client.get(f"/facts/requests/{made.pk}/", headers={"HX-Target": "list"}).status_code == 200
    book = load_workbook(io.BytesIO(client.get(f"/facts/requests/{made.pk}/?export=xlsx").content)).active
    assert book is not None
    assert book.max_row == 3
    world.login(client, "village")
    assert client.post(f"/facts/requests/{made.pk}/withdraw/").status_code == 403
    world.login(client, "officer")
    assert client.post(f"/facts/requests/{made.pk}/withdraw/").status_code == 302


def test_the_page_of_an_answer(client: Client) -> None:
    world = World.build()
    ask = register(world.officer, wish(world, PUMPS, "village.clinic")).asks.get()
    pumps, clinic = answers.waiting(ask)
    url = f"/facts/asks/{ask.pk}/"
    world.login(client, "village")
    assert f'name="c{pumps.pk}"' in client.get(url).content.decode()
    assert client.post(url + "draft/", {f"c{pumps.pk}": "12"}).status_code == 200
    assert 'value="12"' in client.get(url).content.decode()
    wrong = client.post(url, {f"c{pumps.pk}": "abc", f"c{clinic.pk}": "yes"})
    assert wrong.status_code == 400
    assert 'value="abc"' in wrong.content.decode()
    assert client.post(url, {f"c{pumps.pk}": "12", f"c{clinic.pk}": "yes"}).status_code == 302
    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code == 409
    world.login(client, "officer")
    assert client.get(url).status_code == 200
    assert client.post(url, {f"c{pumps.pk}": "1"}).status_code == 403
    world.login(client, "neighbour")
    assert client.get(url).status_code == 404


def test_the_ledger_counts_all_lines_on_every_page_of_them(client: Client) -> None:
    world = World.build()
    request = register(world.officer, wish(world, PUMPS))
    Burden.objects.all().delete()
    places = [f"{TOWNSHIP}{n:03}" for n in range(60)]
    line = {"request": request, "week": burden.monday(), "fields": 1, "minutes": 3, "spared": 0}
    Burden.objects.bulk_create(Burden(place=place, **line) for place in places)
    Burden.objects.create(place=f"{places[0]}001", **line)  # a grid counts with its community, of the same request
    world.login(client, "auditor")
    for number, shown, lines in (("1", 1, 50), ("2", 2, 10), ("9", 2, 10), ("0", 2, 10), ("x", 1, 50), ("", 1, 50)):
        page = client.get("/facts/burden/", {"page": number}).context["page"]
        assert (page.number, len(page.object_list), page.paginator.count) == (shown, lines, 60), number
    first = client.get("/facts/burden/").context["page"].object_list[0]
    assert (first["at"], first["asked"], first["times"]) == (places[0], 2, 1)
    assert client.get("/facts/burden/", {"q": "没有这样的村"}).context["page"].paginator.count == 0


def test_everybody_reads_the_ledger(client: Client) -> None:
    world = World.build()
    register(world.officer, wish(world, PUMPS))
    for name in ("auditor", "system", "grid", "neighbour"):
        world.login(client, name)
        page = client.get("/facts/burden/")
        assert page.status_code == 200
        assert "王宗店村委会" in page.content.decode()
    file = client.get("/facts/burden/", {"export": "xlsx"})
    assert load_workbook(io.BytesIO(file.content)).active.max_row == 2  # type: ignore[union-attr]  # a new file has one


def test_two_requests_in_one_moment_do_not_both_ask() -> None:
    world = World.build()
    register(world.officer, wish(world, PUMPS))
    assert Cell.objects.filter(state="asked").count() == 1
    assert register(world.officer, wish(world, PUMPS)).joined == 1
