"""Joint work, disputes, superiors, handovers and checklists for programs: the whole way, and who is turned away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.community.org.models import Level, Post
from lastmile.community.people.actions import appoint
from lastmile.duties.actions.checklists import save_checklist, tick
from lastmile.duties.models import Checklist, Dispute, Handover, Mark, Obligation, Sheet
from lastmile.duties.tests.conftest import GRID, TOWNSHIP, VILLAGE, Office
from lastmile.kernel import clock

pytestmark = pytest.mark.django_db
COUNTY = "410182"


class Caller:
    """A program with somebody's session; answers are the JSON."""

    def __init__(self, client: Client, office: Office) -> None:
        self.client, self.office = client, office

    def ask(self, login: str, method: str, address: str, status: int = 200, body: Any = None) -> Any:
        self.office.world.login(self.client, login)
        call = getattr(self.client, method)
        answer = call(f"/api/v1{address}", body, content_type="application/json") if body is not None else call(
            f"/api/v1{address}"
        )  # fmt: skip
        assert answer.status_code == status, answer.content.decode()
        found = answer.json()
        assert status < 400 or (found["title"] and found["status"] == status)
        return found


@pytest.fixture
def caller(client: Client, office: Office) -> Caller:
    return Caller(client, office)


def soon() -> str:
    return (clock.now() + timedelta(days=3)).isoformat()


def tunnel(caller: Caller, **more: Any) -> dict[str, Any]:
    parts = [{"post": caller.office.post(TOWNSHIP).pk, "what": "清理河道"}]
    body = {"place": COUNTY, "title": "隧道积水整治", "due_at": soon(), "lead": caller.office.post(COUNTY).pk}
    return body | {"parts": parts, "danger": 3} | more


def test_joint_work_gives_each_department_its_part(caller: Caller) -> None:
    made = caller.ask("officer", "post", "/duties/joint", body=tunnel(caller))
    assert (made["title"], made["mine"], made["state"]) == ("隧道积水整治", True, "open")
    (part,) = made["parts"]
    assert (part["title"], part["post"]["place_name"], part["mine"]) == ("清理河道", "崔庙镇", False)
    seen = caller.ask("township", "get", f"/duties/joint/{made['id']}")
    assert [one["mine"] for one in seen["parts"]] == [True]
    for stranger in ("neighbour", "village", "auditor"):
        caller.ask(stranger, "get", f"/duties/joint/{made['id']}", 404)


def test_joint_work_that_can_not_be_is_a_sentence_and_nothing_is_written(caller: Caller) -> None:
    lead, grid = caller.office.post(COUNTY).pk, caller.office.post(GRID).pk
    twice = [{"post": lead}, {"post": lead}]
    caller.ask("officer", "post", "/duties/joint", 400, tunnel(caller, due_at="2020-01-01T08:00:00+08:00"))
    caller.ask("officer", "post", "/duties/joint", 400, tunnel(caller, parts=twice))
    caller.ask("officer", "post", "/duties/joint", 404, tunnel(caller, parts=[{"post": grid}]))  # two levels down
    caller.ask("officer", "post", "/duties/joint", 422, tunnel(caller, parts=[]))
    caller.ask("officer", "post", "/duties/joint", 404, tunnel(caller, place="410181"))
    caller.ask("grid", "post", "/duties/joint", 404, tunnel(caller))
    assert not Obligation.objects.exists()


def disputed(caller: Caller) -> dict[str, Any]:
    caller.ask("officer", "post", "/duties/joint", body=tunnel(caller))
    part = Obligation.objects.get(title="清理河道")
    body = {"words": "归县里", "other": caller.office.post(COUNTY).pk}
    caller.ask("township", "post", f"/todo/{part.pk}/dispute", 400, {"words": " "})
    made: dict[str, Any] = caller.ask("township", "post", f"/todo/{part.pk}/dispute", body=body)
    caller.ask("township", "post", f"/todo/{part.pk}/dispute", 409, body)
    return made


def test_a_dispute_goes_to_the_level_above_which_settles_it(caller: Caller) -> None:
    made, office = disputed(caller), caller.office
    assert made["judge"]["place"] == "4101"  # the county is a side of it
    address, decided = f"/duties/disputes/{made['id']}", {"decided": office.post(COUNTY).pk, "words": "按清单归县"}
    office.world.city.person = office.world.staff["4101"]
    office.world.city.save()
    caller.ask("township", "post", f"{address}/settle", 403, decided)
    caller.ask("neighbour", "get", address, 404)
    caller.ask("neighbour", "post", f"{address}/settle", 404, decided)
    caller.ask("city", "post", f"{address}/settle", 404, decided | {"decided": 99999})
    assert [row["id"] for row in caller.ask("officer", "get", "/duties/disputes?open=true")] == [made["id"]]
    settled = caller.ask("city", "post", f"{address}/settle", body=decided)
    assert (settled["decided"]["place"], settled["decision"]) == (COUNTY, "按清单归县")
    assert Obligation.objects.get(title="清理河道").post == office.post(COUNTY)
    caller.ask("city", "post", f"{address}/settle", 409, decided)
    assert caller.ask("officer", "get", "/duties/disputes?open=true") == []
    assert caller.ask("neighbour", "get", "/duties/disputes") == []


def test_a_grids_dispute_can_be_settled_on_a_post_of_the_village(caller: Caller) -> None:
    office = caller.office
    owed = office.task("检查水尺", GRID)
    made = caller.ask("grid", "post", f"/todo/{owed.pk}/dispute", body={"words": "归村里"})
    clerk = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="水利员")
    appoint(clerk, office.world.residents[0], "holder", by=office.world.township)
    body = {"decided": clerk.pk, "words": "归水利员"}
    caller.ask("village", "post", f"/duties/disputes/{made['id']}/settle", body=body)
    owed.refresh_from_db()
    assert owed.post == clerk
    assert Dispute.objects.get().settled_at is not None


def test_superiors_are_read_and_named(caller: Caller) -> None:
    office = caller.office
    village, county = office.post(VILLAGE), office.post(COUNTY)
    address = f"/posts/{village.pk}/superior"
    assert [one["post"]["place"] for one in caller.ask("village", "get", address)["ladder"]] == [
        TOWNSHIP,
        COUNTY,
        "4101",
    ]
    caller.ask("approver", "put", address, 403, {"superior": county.pk})
    caller.ask("neighbour", "put", address, 404, {"superior": county.pk})
    caller.ask("township", "put", address, 400, {"superior": office.post(GRID).pk})  # below
    found = caller.ask("township", "put", address, body={"superior": county.pk})
    assert (found["named"]["id"], found["ladder"][0]["post"]["id"]) == (county.pk, county.pk)
    assert caller.ask("township", "put", address, body={"superior": None})["named"] is None


def test_a_handover_is_written_by_its_sides_and_confirmed_by_the_new_one(caller: Caller) -> None:
    office = caller.office
    post = office.post(VILLAGE)
    office.task("巡查", VILLAGE)
    appoint(post, office.world.residents[0], "holder", by=office.world.township)
    office.world.grid.person = office.world.residents[0]
    office.world.grid.save()
    row = Handover.objects.get()
    address, keys = f"/duties/handovers/{row.pk}", {"things": [{"what": "广播室钥匙"}], "note": "开关在东墙"}
    assert caller.ask("village", "put", f"{address}/things", body=keys)["things"][0]["what"] == "广播室钥匙"
    caller.ask("village", "post", f"{address}/confirm", 409)
    caller.ask("approver", "put", f"{address}/things", 403, keys)
    caller.ask("neighbour", "get", address, 404)
    found = caller.ask("grid", "post", f"{address}/confirm")
    assert found["confirmed_at"] is not None
    assert "巡查" in [one["title"] for one in found["work"]]
    caller.ask("grid", "put", f"{address}/things", 409, keys)
    assert [one["id"] for one in caller.ask("township", "get", f"/posts/{post.pk}/handovers")] == [row.pk]
    many = {"things": [{"what": str(n)} for n in range(31)]}
    caller.ask("village", "put", f"{address}/things", 422, many)


CHECK = {
    "name": "汛前检查",
    "items": ["排水沟畅通", "喇叭能响"],
    "level": "village",
    "kind": "leader",
    "trigger": "hand",
}


def test_a_checklist_is_written_handed_out_filled_in_and_counted(caller: Caller) -> None:
    made = caller.ask("township", "post", f"/places/{TOWNSHIP}/checklists", body=CHECK)
    address = f"/checklists/{made['id']}"
    assert caller.ask("township", "put", address, body=CHECK | {"name": "检查"})["name"] == "检查"
    caller.ask("township", "post", f"{address}/open")
    tick()
    sheet = f"/checklists/sheets/{Sheet.objects.get().pk}"
    assert [item["state"] for item in caller.ask("village", "get", sheet)["items"]] == [None, None]
    caller.ask("township", "post", f"{sheet}/marks", 403, {"item": 0, "state": "done"})
    caller.ask("neighbour", "get", sheet, 404)
    caller.ask("village", "post", f"{sheet}/marks", 400, {"item": 1, "state": "problem"})
    caller.ask("village", "post", f"{sheet}/marks", 400, {"item": 9, "state": "done"})
    caller.ask("village", "post", f"{sheet}/marks", body={"item": 1, "state": "problem", "note": "喇叭坏了"})
    assert caller.ask("village", "post", f"{sheet}/rest")["closed_at"] is not None
    (counted,) = caller.ask("township", "get", f"{address}/rounds")[0]["by_place"]
    assert (counted["place"], counted["sheets"], counted["finished"], counted["problems"]) == (VILLAGE, 1, 1, 1)
    assert caller.ask("township", "post", f"{address}/close")["closed_on"] == clock.today().isoformat()
    caller.ask("township", "post", f"{address}/open", 409)
    assert Mark.objects.count() == 2


def test_a_checklist_that_can_not_work_is_a_sentence(caller: Caller) -> None:
    address = f"/places/{TOWNSHIP}/checklists"
    bad: list[tuple[int, dict[str, Any]]] = [
        (400, {"trigger": "recurrence", "rule": "FREQ=DAILY"}),  # never ends
        (400, {"trigger": "recurrence", "rule": "FREQ=HOURLY;UNTIL=20261231"}),
        (400, {"trigger": "warning", "hazards": ["godzilla"]}),
        (400, {"level": "county"}),
        (400, {"items": []}),
        (422, {"kind": "king"}),
        (422, {"colour": 7}),
    ]
    for status, facts in bad:
        caller.ask("township", "post", address, status, CHECK | facts)
    caller.ask("grid", "post", address, 404, CHECK)
    caller.ask("neighbour", "post", address, 404, CHECK)
    assert not Checklist.objects.exists()


def test_who_only_looks_or_is_elsewhere_changes_no_checklist(caller: Caller) -> None:
    world = caller.office.world
    facts = {"name": "检查", "items": ["一"], "trigger": Checklist.Trigger.HAND}
    made = Checklist(place=world.places[TOWNSHIP], level=Level.VILLAGE, kind=Post.Kind.LEADER)
    row = save_checklist(made, by=world.township, **facts)
    for verb in ("open", "close"):
        caller.ask("neighbour", "post", f"/checklists/{row.pk}/{verb}", 404)
        caller.ask("approver", "post", f"/checklists/{row.pk}/{verb}", 403)
    assert [one["id"] for one in caller.ask("officer", "get", "/checklists")] == [row.pk]
    assert caller.ask("neighbour", "get", "/checklists") == []
