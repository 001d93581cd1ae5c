"""A superior asks for what is known; two departments ask the same; a community answers by chat chain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.community.people.models import Person
from lastmile.duties import queries as duties
from lastmile.duties.models import Obligation
from lastmile.facts.models import Ask, Cell, Entry, Request
from lastmile.facts.queries import burden
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
TOWNSHIP, VILLAGE = "410182109", "410182109211"
PUMPS, HOMES, TRANSPORT = "village.pumps", "people.households", "grid.needs_transport"


def ask(world: World, client: Client, login: str, fields: list[str], **more: Any) -> Request:
    """Register a request on its page."""
    world.login(client, login)
    given: dict[str, Any] = {"title": "汛前摸底", "basis": "防汛条例第二十条", "reason": "汛前检查"}
    given |= {"under": [TOWNSHIP], "fields_": fields}
    given["due_at"] = (clock.now() + timedelta(days=3)).astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")
    rows = more.pop("rows", "village")
    answer = client.post(f"/facts/requests/new/?rows={rows}", given | more | {"register": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return Request.objects.latest("id")


def on_the_to_do(person: Person) -> list[str]:
    return [owed.kind for owed in duties.todo(person) if owed.kind == "facts.answer"]


def lines(place: str = VILLAGE) -> dict[str, tuple[int, float, int]]:
    """What the public ledger says of a community: requester → fields, minutes, spared."""
    return {line.by: (line.fields, line.minutes, line.spared) for line in burden.ledger(place)}


def test_a_superior_asks_for_what_is_known(client: Client) -> None:
    """The community enters it once; the county's request is refused with the answer, and costs nobody a minute."""
    world = World.build()
    world.login(client, "village")
    assert client.post(f"/facts/places/{VILLAGE}/{PUMPS}/", {"value": "3", "source": "清点"}).status_code == 302
    clock.forward(days=12)
    request = ask(world, client, "officer", [PUMPS, HOMES], under=[TOWNSHIP], department="应急管理局")
    # the neighbouring village has told nothing: only it is asked, and only for the pumps
    assert list(request.cells.filter(state="asked").values_list("place", "field")) == [("410182109205", PUMPS)]
    assert on_the_to_do(world.staff[VILLAGE]) == []
    assert lines() == {"荥阳市 应急管理局": (0, 0.0, 2)}
    world.login(client, "township")
    client.post(f"/facts/places/410182109205/{PUMPS}/", {"value": "1"})

    again = ask(world, client, "officer", [PUMPS, HOMES], department="水利局")
    assert again.state == "refused"
    page = client.get(f"/facts/requests/{again.pk}/").content.decode()
    assert "已退回，附答复" in page
    assert "3 台" in page
    assert not again.asks.exists()
    assert lines()["荥阳市 水利局"] == (0, 0.0, 2)
    world.login(client, "auditor")  # the ledger is public to every role
    assert "荥阳市 水利局" in client.get("/facts/burden/").content.decode()


def test_two_departments_ask_the_same_within_90_days(client: Client) -> None:
    """The community is asked once; the second department gets the same answer; a third, later, gets it by refusal."""
    world = World.build()
    first = ask(world, client, "officer", [PUMPS], department="应急管理局")
    assert on_the_to_do(world.staff[VILLAGE]) == ["facts.answer"]
    clock.forward(hours=2)
    second = ask(world, client, "city", [PUMPS], under=["410182"], department="水利局")
    assert second.asked == 0
    assert on_the_to_do(world.staff[VILLAGE]) == ["facts.answer"]

    mine = Ask.objects.get(place=VILLAGE)
    world.login(client, "village")
    page = client.get(f"/facts/asks/{mine.pk}/").content.decode()
    assert "郑州市 水利局" in page  # whom the answer serves too
    cell = mine.cells.get(request=first)
    client.post(f"/facts/asks/{mine.pk}/draft/", {f"c{cell.pk}": "4"})
    assert 'value="4"' in client.get(f"/facts/asks/{mine.pk}/").content.decode()
    assert client.post(f"/facts/asks/{mine.pk}/", {f"c{cell.pk}": "4"}).status_code == 302
    assert on_the_to_do(world.staff[VILLAGE]) == []
    values = Cell.objects.filter(place=VILLAGE, field=PUMPS).values_list("request", "state", "value")
    assert set(values) == {(first.pk, "answered", "4"), (second.pk, "answered", "4")}

    clock.forward(days=60)
    third = ask(world, client, "officer", [PUMPS], under=[TOWNSHIP], department="民政局")
    assert third.cells.get(place=VILLAGE).value == "4"
    assert on_the_to_do(world.staff[VILLAGE]) == []
    asked = Cell.objects.filter(place=VILLAGE, field=PUMPS, was_asked=True)
    assert asked.count() == 1, "no field is asked of the same community twice in 90 days"
    assert lines() == {"荥阳市 应急管理局": (1, 4.0, 0), "郑州市 水利局": (0, 0.0, 1), "荥阳市 民政局": (0, 0.0, 1)}


def test_a_community_answers_by_chat_chain(client: Client) -> None:
    """What grid workers wrote in the chat is pasted, looked at, and closes the request; names are not kept."""
    world = World.build()
    request = ask(world, client, "officer", [TRANSPORT], rows="grid", department="应急管理局")
    assert Obligation.objects.filter(kind="facts.answer", closed_at=None).count() == 2
    text = "#接龙\n今晚转移需用车人数\n1. 第1网格 ２人\n2. 001-2 1人👍\n3. 二网格：无\n4. 路人甲 3人\n谢谢"
    world.login(client, "village")
    url = f"/facts/chain/{VILLAGE}/"
    given = {"field": [TRANSPORT], "text": text}
    page = client.post(url, given | {"look": "1"})
    assert page.status_code == 200
    shown = page.content.decode()
    for line in text.splitlines():
        assert line in shown, "no line is dropped in silence"
    proposed = {line["number"]: (line["row"], line["values"][0][2]) for line in page.context["lines"]}
    assert proposed[3] == (VILLAGE + "001", "2")
    assert proposed[5] == (VILLAGE + "002", "0")
    assert proposed[6][0] == ""

    chosen = {f"row-{number}": row for number, (row, _value) in proposed.items()}
    chosen |= {f"value-{number}-0": value for number, (_row, value) in proposed.items()}
    wrong = client.post(url, given | chosen | {"value-3-0": "好多", "store": "1"})
    assert wrong.status_code == 400
    assert "好多" in wrong.content.decode()
    assert not Entry.objects.exists()
    assert client.post(url, given | chosen | {"store": "1"}).status_code == 302
    assert dict(Entry.objects.values_list("place", "value")) == {VILLAGE + "001": "3", VILLAGE + "002": "0"}
    request.refresh_from_db()
    assert request.state == "answered"
    assert not Obligation.objects.filter(kind="facts.answer", closed_at=None).exists()
    kept = str(list(Entry.objects.values())) + str(list(AuditEntry.objects.values("detail")))
    assert "路人甲" not in kept


def test_a_chain_without_text_or_field_gets_a_sentence(client: Client) -> None:
    world = World.build()
    world.login(client, "village")
    for given in ({"field": [TRANSPORT], "text": ""}, {"text": "1. 第1网格 2"}, {"field": ["x"], "text": "1"}):
        answer = client.post(f"/facts/chain/{VILLAGE}/", given | {"look": "1"})
        assert answer.status_code == 400
        assert "data-refused" in answer.content.decode()
    assert client.get(f"/facts/chain/{VILLAGE}/?ask=99999").status_code == 404
