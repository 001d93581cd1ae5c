"""A resident sees, corrects, deletes and takes away what is held about them; and nothing about anybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting import desk
from lastmile.alerting.channels.contract import ACCEPTED, Outcome
from lastmile.community.cells import actions as cells
from lastmile.community.cells.models import Helper
from lastmile.community.people import queries as people
from lastmile.community.people.actions import add_contact, edit_person
from lastmile.community.people.models import Contact, Person
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from lastmile.modules.mydata.models import Proposal, Session
from lastmile.modules.mydata.tests.conftest import code_in, deliver, number
from tests.world import World, phone

Prove = Callable[[Client, str], None]


@pytest.fixture
def person(world: World, client: Client, prove: Prove) -> Person:
    one = world.residents[1]
    edit_person(one, by=world.officer, name="欧阳小春", born=1950, care=["alone"], note="三楼左手")
    prove(client, number(one))
    one.refresh_from_db()
    return one


def page(client: Client) -> str:
    answer = client.get("/me/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert len(answer.content) < 50_000
    assert b"<script" not in answer.content
    return str(answer.content.decode())


def test_it_shows_each_class_in_plain_words_and_who_looked(person: Person, world: World, client: Client) -> None:
    people.look(world.users["village"], person, "核实汛期联系方式")
    shown = page(client)
    for what in ("欧阳小春", "1950", number(person), "独居", "三楼左手", "第1户", "第1网格"):
        assert what in shown, what
    assert "王宗店村委会 · " in shown  # a unit and a role
    assert "核实汛期联系方式" in shown
    assert "village" not in shown  # not who it was
    assert number(world.residents[0]) not in shown  # nobody else of the household
    assert AuditEntry.objects.filter(action="mydata.opened").count() == 1


def test_a_correction_goes_to_the_village_and_the_answer_comes_back(
    person: Person, world: World, client: Client
) -> None:
    assert client.post("/me/wishes/", {"what": "name", "wish": "欧阳晓春"}).status_code == 302
    one = Proposal.objects.get()
    owed = Obligation.objects.get(kind="mydata.proposal")
    assert owed.closed_at is None
    assert "欧阳" not in owed.title  # a to-do holds no personal data
    staff = Client()
    world.login(staff, "village")
    assert "姓名不对" in staff.get("/corrections/").content.decode()
    assert "欧阳晓春" not in staff.get(f"/corrections/{one.pk}/").content.decode()
    assert "欧阳晓春" in staff.post(f"/corrections/{one.pk}/").content.decode()
    assert staff.post(f"/corrections/{one.pk}/settle/", {"done": "no"}).status_code == 400  # says no, and not why
    assert staff.post(f"/corrections/{one.pk}/settle/", {"done": "yes", "answer": "已改"}).status_code == 302
    assert staff.post(f"/corrections/{one.pk}/settle/", {"done": "yes"}).status_code == 409
    assert Obligation.objects.exclude(closed_at=None).get() == owed
    shown = page(client)
    assert "欧阳晓春" in shown
    assert "已改" in shown
    assert "处理您申请的更正" in shown  # that they looked


def test_who_serves_another_village_reads_and_settles_nothing(person: Person, world: World, client: Client) -> None:
    client.post("/me/wishes/", {"what": "other", "wish": "电话打不通"})
    one = Proposal.objects.get()
    for login in ("neighbour", "auditor", "security", "keeper"):
        staff = Client()
        world.login(staff, login)
        assert staff.post(f"/corrections/{one.pk}/").status_code in (403, 404), login
        assert staff.post(f"/corrections/{one.pk}/settle/", {"done": "yes"}).status_code in (403, 404), login
    assert Proposal.objects.get().state == "open"


def test_programs_of_the_community_settle_too(person: Person, world: World, client: Client) -> None:
    client.post("/me/wishes/", {"what": "gone", "wish": "已搬到市里"})
    staff = Client()
    world.login(staff, "village")
    [one] = staff.get("/api/v1/corrections").json()
    assert "wish" not in one
    assert staff.post(f"/api/v1/corrections/{one['id']}/look").json() == {"wish": "已搬到市里"}
    body = {"done": True, "answer": ""}
    done = staff.post(f"/api/v1/corrections/{one['id']}/settle", body, "application/json")
    assert done.json()["state"] == "done"
    person.refresh_from_db()
    assert person.left_on is not None
    assert (
        "验证码" in client.get("/me/").content.decode()
    )  # whoever has left is not shown any more: back at the beginning


def test_language_and_contacts_change_at_once_but_one_way_to_warn_stays(person: Person, client: Client) -> None:
    client.post("/me/language/", {"language": "en"})
    person.refresh_from_db()
    assert person.language == "en"
    assert client.post("/me/language/", {"language": "xx"}).status_code == 400
    only = Contact.objects.get(person=person)
    for verb in ("stop", "delete"):
        assert client.post(f"/me/contacts/{only.pk}/{verb}/").status_code == 400
    mail = add_contact(person, "email", "chun@example.cn", 1)
    assert client.post(f"/me/contacts/{mail.pk}/first/").status_code == 302
    assert client.post(f"/me/contacts/{only.pk}/delete/").status_code == 302
    assert [one.pk for one in Contact.objects.filter(person=person)] == [mail.pk]
    assert AuditEntry.objects.filter(action="people.delete_contact", actor_name="居民本人").count() == 1


def test_a_new_number_is_taken_only_after_its_code_came_back(
    person: Person, client: Client, phones: list[tuple[str, str]]
) -> None:
    new = "+86" + phone()
    assert client.post("/me/number/", {"phone": new}).status_code == 302
    deliver()
    assert phones[-1][0] == new
    assert Contact.objects.filter(person=person).count() == 1
    wrong = "000000" if code_in(phones[-1][1]) != "000000" else "111111"
    assert client.post("/me/enter/", {"adds": "1", "code": wrong}).status_code == 400
    assert client.post("/me/enter/", {"code": code_in(phones[-1][1])}).status_code == 400  # it opens no session
    client.post("/me/number/", {"phone": new})
    deliver()
    assert client.post("/me/enter/", {"adds": "1", "code": code_in(phones[-1][1])}).status_code == 302
    assert new in page(client)


def test_health_is_deleted_at_once(person: Person, client: Client) -> None:
    assert client.post("/me/health/").status_code == 302
    person.refresh_from_db()
    assert person.care is None
    assert not person.vulnerable
    assert "独居" not in page(client)
    assert AuditEntry.objects.filter(action="mydata.health_deleted").count() == 1


def test_a_consent_is_taken_back_and_another_persons_is_not(person: Person, world: World, client: Client) -> None:
    village = world.places["410182109211"]
    mine = cells.volunteer(village, person, how="talk", on=None, by=world.officer)
    other = cells.volunteer(village, world.residents[0], how="talk", on=None, by=world.officer)
    assert client.post(f"/me/consents/helper/{other.pk}/").status_code == 404
    assert client.post(f"/me/consents/helper/{mine.pk}/").status_code == 302
    assert client.post(f"/me/consents/helper/{mine.pk}/").status_code == 404
    assert list(Helper.objects.filter(until=None)) == [other]
    assert Helper.objects.get(pk=mine.pk).withdrawn_how == "page"


def test_nobody_elses_contact_can_be_touched(person: Person, world: World, client: Client) -> None:
    other = Contact.objects.filter(person=world.residents[0]).get()
    for verb in ("first", "stop", "use", "delete", "x"):
        assert client.post(f"/me/contacts/{other.pk}/{verb}/").status_code == 404
    assert Contact.objects.filter(pk=other.pk, usable=True).exists()


def test_it_is_taken_away_as_json_and_pdf(person: Person, world: World, client: Client) -> None:
    people.look(world.users["village"], person, "核实")
    found: dict[str, Any] = client.post("/me/export/json/").json()
    assert found["basic"]["name"] == "欧阳小春"
    assert found["health"]["note"] == "三楼左手"
    assert found["looks"][0]["why"] == "核实"
    answer = client.post("/me/export/pdf/")
    assert answer.content.startswith(b"%PDF")
    assert answer["Cache-Control"] == "no-store"
    assert client.get("/me/export/json/").status_code == 405
    assert AuditEntry.objects.filter(action="mydata.exported").count() == 2


def test_several_on_one_number_choose_by_a_mask(world: World, client: Client, prove: Prove) -> None:
    """And a guardian opens the page of a minor, who may have no phone; a grown ward stays their own."""
    first, second, child, grown = world.residents[0], world.residents[2], world.residents[3], world.residents[4]
    add_contact(second, "phone", number(first), 1)
    edit_person(first, by=world.officer, name="赵一", born=1970)
    edit_person(second, by=world.officer, name="钱二", born=1971)
    edit_person(child, by=world.officer, name="孙三", born=clock.today().year - 9, guardian=first)
    edit_person(grown, by=world.officer, name="周四", born=1940, guardian=first)
    prove(client, number(first))
    shown = page(client)
    for mask, name in (("赵＊＊", "赵一"), ("钱＊＊", "钱二"), ("孙＊＊", "孙三")):
        assert mask in shown
        assert name not in shown
    assert "周" not in shown
    assert client.post("/me/choose/", {"person": grown.pk}).status_code == 400
    assert client.post("/me/export/json/").status_code == 403  # nobody is chosen yet
    assert client.post("/me/choose/", {"person": child.pk}).status_code == 302
    assert "孙三" in page(client)


def test_the_page_closes_by_itself_and_by_leaving(person: Person, client: Client) -> None:
    clock.forward(minutes=14)
    assert "欧阳小春" in page(client)
    clock.forward(minutes=2)
    assert "欧阳小春" not in page(client)
    assert client.post("/me/health/").status_code == 403
    person.refresh_from_db()
    assert person.care is not None


def test_leaving_ends_it_on_the_server(person: Person, client: Client) -> None:
    kept = client.cookies["me"].value
    assert client.post("/me/leave/").status_code == 302
    assert not Session.objects.exists()
    client.cookies["me"] = kept
    assert "欧阳小春" not in page(client)


def test_a_get_writes_nothing_and_staff_sessions_open_nothing(world: World, client: Client) -> None:
    world.login(client, "officer")
    assert "李村民" not in page(client)
    assert client.post("/me/export/json/").status_code == 403


def test_the_code_leaves_by_the_account_of_where_the_resident_lives(
    world: World, client: Client, phones: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[str] = []

    def write(name: str, address: str, text: str, subject: str = "", *, place: str = "") -> Outcome:
        places.append(place)
        return ACCEPTED

    monkeypatch.setattr(desk, "write", write)
    for one in (world.residents[0], world.residents[-1]):
        client.post("/me/ask/", {"phone": number(one)})
        deliver()
    assert places == [world.residents[0].place_id, world.residents[-1].place_id]
    assert len(set(places)) == 2
