"""A care home answers as one, with a head count: by link, SMS or through staff; a silent one stands on top."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
from django.test import Client
from openpyxl import load_workbook

from lastmile.alerting import links, site_answers
from lastmile.alerting.door.visits import Visit, serve
from lastmile.alerting.models import AlertEvent, Kind, SiteAnswer
from lastmile.alerting.site_answers import Said
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Person
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, NotFound, Refusal
from tests.world import phone

GRID = VILLAGE + "001"


@pytest.fixture
def home(desk: Desk) -> SpecialSite:
    return SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.CARE_HOME, name="敬老院", capacity=80)


@pytest.fixture
def keeper(desk: Desk, home: SpecialSite) -> Person:
    post = Post.objects.create(place_id=GRID, site=home, kind=Post.Kind.SITE, title="负责人")
    person = add_person(name="赵院长", place=desk.world.places[GRID], phone=phone())
    Appointment.objects.create(post=post, person=person, role=Appointment.Role.HOLDER, since=clock.today())
    return person


@pytest.fixture
def event(desk: Desk, keeper: Person) -> AlertEvent:
    return desk.issued()


def said(key: str = "k", state: str = "safe", people: int = 35, *, at: datetime | None = None) -> Said:
    return Said(key, state, people, SiteAnswer.Via.STAFF, at)


def test_a_silent_site_comes_first_then_one_that_needs_help(event: AlertEvent, desk: Desk, home: SpecialSite) -> None:
    school = SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.SCHOOL, name="A 小学")
    inn = SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.OTHER, name="B 民宿")
    elsewhere = SpecialSite.objects.create(place_id="410182108", kind=SpecialSite.Kind.SCHOOL, name="邻镇小学")
    site_answers.enter(desk.world.village, event, school.pk, said("a", "moved", 120))
    site_answers.enter(desk.world.village, event, inn.pk, said("b", "help", 9))
    assert [row.site.pk for row in site_answers.rows(event, "410182")] == [home.pk, inn.pk, school.pk]
    totals = site_answers.totals(event, VILLAGE)
    assert (totals.sites, totals.silent, [one.site_id for one in totals.helpless]) == (3, 1, [inn.pk])
    with pytest.raises(NotFound):
        site_answers.enter(desk.world.officer, event, elsewhere.pk, said())


def test_the_latest_answer_by_its_own_time_stands_and_the_same_key_is_one(
    event: AlertEvent, desk: Desk, home: SpecialSite
) -> None:
    clock.forward(minutes=30)
    early = clock.now() - timedelta(minutes=20)
    for _again in range(2):
        site_answers.enter(desk.world.village, event, home.pk, said("now", "moved", 35))
    site_answers.enter(desk.world.village, event, home.pk, said("late entry", "help", 40, at=early))
    (row,) = site_answers.rows(event, VILLAGE)
    assert row.answer is not None
    assert (row.answer.state, row.answer.people) == ("moved", 35)
    assert SiteAnswer.objects.count() == 2


def test_it_is_refused_without_a_number_and_outside_the_area(event: AlertEvent, desk: Desk, home: SpecialSite) -> None:
    with pytest.raises(Refusal):
        site_answers.enter(desk.world.village, event, home.pk, said(people=-1))
    with pytest.raises(Refusal):
        site_answers.enter(desk.world.village, event, home.pk, said(state="fine"))
    with pytest.raises(NotAllowed):
        site_answers.enter(desk.world.approver, event, home.pk, said())
    assert not SiteAnswer.objects.exists()


def test_an_answer_holds_through_an_update_and_nobody_is_counted_at_the_end(
    event: AlertEvent, desk: Desk, home: SpecialSite
) -> None:
    site_answers.enter(desk.world.village, event, home.pk, said(state="moved"))
    update = desk.follow(event, Kind.UPDATE)
    assert site_answers.totals(update, VILLAGE).silent == 0
    lift = desk.follow(update, Kind.LIFT)
    assert site_answers.rows(lift, VILLAGE) == []


def test_the_keeper_answers_by_link(event: AlertEvent, desk: Desk, keeper: Person, client: Client) -> None:
    token = links.token(event.pk, keeper.pk)
    (page,) = serve([Visit(token, event.pk, keeper.pk)])
    assert f"/s/{token}/".encode() in page.body
    resident = desk.world.residents[0].pk
    (other,) = serve([Visit("x", event.pk, resident)])
    assert b"/s/" not in other.body, "nobody else is asked"
    body = client.get(f"/s/{token}/").content.decode()
    assert "敬老院" in body
    site = SpecialSite.objects.get().pk
    sent = client.post(f"/s/{token}/", {"site": site, "people": "35", "state": "moved", "nonce": "n"})
    assert sent.status_code == 302
    assert "35" in client.get(f"/s/{token}/").content.decode()
    row = SiteAnswer.objects.get()
    assert (row.people, row.via, row.person) == (35, "link", keeper.pk)
    assert client.post(f"/s/{token}/", {"site": site, "people": "", "state": "safe", "nonce": "m"}).status_code == 400
    assert client.get(f"/s/{links.token(event.pk, resident)}/").status_code == 404
    assert client.get("/s/nonsense/").status_code == 404


def test_the_keeper_answers_by_sms(event: AlertEvent, keeper: Person) -> None:
    at = clock.now()
    assert site_answers.by_sms(event.pk, keeper.pk, "２ ３５人", at, "s1")
    assert not site_answers.by_sms(event.pk, keeper.pk, "2", at, "s2")
    assert not site_answers.by_sms(event.pk, keeper.pk, "13楼进水了", at, "s3")
    row = SiteAnswer.objects.get()
    assert (row.state, row.people, row.via) == ("moved", 35, "sms")


def test_a_number_that_cannot_be_is_no_answer_of_a_site_and_stops_nobody_else(
    event: AlertEvent, keeper: Person
) -> None:
    assert not site_answers.by_sms(event.pk, keeper.pk, "2 999999", clock.now(), "s1")
    assert not SiteAnswer.objects.exists()


def test_nobody_but_a_keeper_answers_for_a_site_by_sms(event: AlertEvent, desk: Desk) -> None:
    assert not site_answers.by_sms(event.pk, desk.world.residents[0].pk, "2 35", clock.now(), "s1")
    assert not SiteAnswer.objects.exists()


def test_staff_see_it_on_top_and_enter_it_on_its_page(event: AlertEvent, desk: Desk, client: Client) -> None:
    code, site = event.alert.code, SpecialSite.objects.get().pk
    desk.world.login(client, "township")
    assert "1 处重点场所" in client.get(f"/alerts/{code}/coverage/").content.decode()
    page = client.get(f"/alerts/{code}/sites/410182109/").content.decode()
    assert "敬老院" in page
    address = f"/alerts/{code}/sites/410182109/{site}/"
    assert client.post(address, {"people": "35", "state": "safe", "nonce": "n"}).status_code == 302
    assert "35" in client.get(f"/alerts/{code}/sites/410182109/").content.decode()
    assert client.post(address, {"people": "many", "state": "safe", "nonce": "o"}).status_code == 400
    assert client.post(address, {"people": "1", "state": "safe", "nonce": "a\0b"}).status_code == 400
    desk.world.login(client, "neighbour")
    assert client.get(f"/alerts/{code}/sites/410182109/").status_code == 404


def test_many_sites_are_paged_searched_narrowed_and_exported(event: AlertEvent, desk: Desk, client: Client) -> None:
    for number in range(31):
        SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.SCHOOL, name=f"第{number}小学")
    site_answers.answer(event, SpecialSite.objects.get(name="第7小学"), said())
    desk.world.login(client, "township")
    address = f"/alerts/{event.alert.code}/sites/410182109/"

    def shown(query: str = "") -> str:
        return client.get(address + query).content.decode()

    assert "31 处重点场所未回复" in shown()
    assert "第7小学" not in shown(), "what has answered comes last"
    assert "第7小学" in shown("?page=2")
    assert "王宗店村委会 第1网格" in shown(), "a grid alone says nothing at a county"
    assert "第3小学" in shown("?q=第3小")
    assert "第4小学" not in shown("?q=第3小")
    assert "没有符合条件的记录" in shown("?state=help")
    assert "第7小学" in shown("?state=safe")
    book = load_workbook(io.BytesIO(client.get(address + "?export=xlsx").content)).active
    assert book is not None
    assert book.max_row == 1 + 32
    where = f"{address}{SpecialSite.objects.get(name='第30小学').pk}/"
    there = f"http://testserver{address}?page=2"
    answer = client.post(where, {"people": "3", "state": "safe", "nonce": "n"}, headers={"referer": there})
    assert answer.headers["Location"] == there


def test_programs_read_and_enter_answers(event: AlertEvent, desk: Desk, client: Client, home: SpecialSite) -> None:
    url = f"/api/v1/alerts/{event.alert.code}/sites"
    desk.world.login(client, "village")
    assert [(one["name"], one["state"]) for one in client.get(url).json()] == [("敬老院", None)]
    body = {"key": "a", "state": "help", "people": 35, "note": "电梯停了"}
    assert client.post(f"{url}/{home.pk}", body, content_type="application/json").status_code == 204
    assert client.get(url).json()[0]["people"] == 35
    assert client.post(f"{url}/{home.pk}", body | {"people": -1}, content_type="application/json").status_code == 422
