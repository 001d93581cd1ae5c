"""Check-in: families, strangers, late and doubled taps, two keepers, and what the warning's ledger learns of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lastmile.alerting import door_codes
from lastmile.alerting.models import AlertEvent, Fact, Receipt
from lastmile.alerting.receipts import said_by, standing
from lastmile.alerting.tests.answering import make_event
from lastmile.community.org.models import SpecialSite
from lastmile.community.people.models import Look, Person
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from lastmile.modules.shelters import codes, sheet
from lastmile.modules.shelters.actions import moves, orders, room
from lastmile.modules.shelters.actions.checkin import Result, Tap, enter
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Move, Opening, Order, Stay
from lastmile.modules.shelters.queries import desk, roll
from lastmile.modules.shelters.tests.conftest import GRID, GRID2, VILLAGE, code_of, make_shelter
from tests.world import World


@pytest.fixture
def event(world: World) -> AlertEvent:
    clock.forward(hours=-2)
    made = make_event(world)
    clock.forward(hours=2)
    return made


@pytest.fixture
def school(world: World, event: AlertEvent) -> Opening:
    """Open, with the six people of the first grid ordered there an hour ago."""
    clock.forward(hours=-1)
    opening = room.open_shelter(world.officer, event, make_shelter(world, "小学"))
    orders.give(world.village, event, Source(world.places[GRID]), opening)
    clock.forward(hours=1)
    return opening


@pytest.fixture
def hall(world: World, event: AlertEvent) -> Opening:
    return room.open_shelter(world.officer, event, make_shelter(world, "礼堂"))


def family(world: World, number: int = 0) -> tuple[int, ...]:
    rows = Stay.objects.filter(household=world.households[number])
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def tap(world: World, opening: Opening, act: str, *, by: str = "keeper", ago: float = 0, **more: Any) -> Result:
    at = clock.now() - timedelta(minutes=ago)
    return enter(world.users[by], opening, Tap(more.pop("key", uuid4()), act, at=at, **more))


def fact_of(event: AlertEvent, person: Person) -> int | None:
    found = standing(said_by(event.pk, [person.pk])[person.pk])
    return found.fact if found else None


def test_a_whole_family_comes_in_by_one_tap_and_coverage_knows_that_they_moved(
    world: World, event: AlertEvent, school: Opening
) -> None:
    result = tap(world, school, "in", stays=family(world), ago=10)
    assert (result.ok, result.says, len(result.stays)) == (True, "", 2)
    figures = roll.of(event)
    assert (figures.listed, figures.came, figures.missing) == (6, 2, 4)
    assert fact_of(event, world.residents[0]) == Fact.MOVED
    receipt = Receipt.objects.filter(person=world.residents[0].pk).get()
    assert receipt.entered_at - receipt.happened_at > timedelta(minutes=9)
    assert receipt.channel == "shelter"
    assert Opening.objects.get(pk=school.pk).held == 6


def test_the_absent_one_is_unticked_and_missing_again(world: World, event: AlertEvent, school: Opening) -> None:
    tap(world, school, "in", stays=family(world), ago=10)
    tap(world, school, "back", stays=family(world)[1:], ago=5)
    assert roll.of(event).missing == 5
    assert fact_of(event, world.residents[0]) == Fact.MOVED
    assert fact_of(event, world.residents[1]) is None


def test_a_tap_that_comes_twice_is_entered_once(world: World, event: AlertEvent, school: Opening) -> None:
    key = uuid4()
    for _again in range(2):
        assert tap(world, school, "in", key=key, stays=family(world), ago=1).ok
    assert Move.objects.count() == 2
    assert Receipt.objects.count() == 2
    stranger = UUID(int=7)
    for _again in range(2):
        assert tap(world, school, "walk-in", key=stranger, name="过路人", heads=3).ok
    assert roll.of(event).strangers == 3
    assert Opening.objects.get(pk=school.pk).held == 9


def test_two_keepers_who_disagree_are_told_and_the_later_one_stands(
    world: World, event: AlertEvent, school: Opening, hall: Opening
) -> None:
    assert tap(world, hall, "in", by="village", stays=family(world), ago=5).says.count("起算在这里") == 0
    late = tap(world, school, "in", stays=family(world), ago=20)
    assert late.ok
    assert late.says.count("以它为准") == 2
    assert "礼堂" in late.says
    assert "village" in late.says
    assert set(Stay.objects.filter(pk__in=family(world)).values_list("opening", flat=True)) == {hall.pk}
    assert Move.objects.filter(stands=False).count() == 2
    now = tap(world, school, "in", stays=family(world))
    assert "原来算在礼堂" in now.says
    assert [Opening.objects.get(pk=one.pk).held for one in (school, hall)] == [6, 0]


def test_checked_in_twice_at_the_same_shelter_says_so_and_counts_once(world: World, school: Opening) -> None:
    tap(world, school, "in", stays=family(world), ago=9)
    assert "已在这里签到" in tap(world, school, "in", by="village", stays=family(world)).says
    assert Move.objects.count() == 2


def test_who_leaves_for_relatives_is_elsewhere_and_the_place_is_free(
    world: World, event: AlertEvent, school: Opening
) -> None:
    tap(world, school, "in", stays=family(world), ago=9)
    assert tap(world, school, "out", stays=family(world), where="relatives").ok
    figures = roll.of(event)
    assert (figures.came, figures.elsewhere, figures.missing) == (0, 2, 4)
    assert Opening.objects.get(pk=school.pk).held == 4
    assert fact_of(event, world.residents[0]) == Fact.MOVED


def test_who_goes_home_while_the_warning_is_in_force_is_missing_again(
    world: World, event: AlertEvent, school: Opening
) -> None:
    tap(world, school, "in", stays=family(world), ago=9)
    says = tap(world, school, "out", stays=family(world), where="home").says
    assert "重新算作未到" in says
    assert roll.of(event).missing == 6
    assert fact_of(event, world.residents[0]) is None


def test_after_the_all_clear_they_go_home_and_nobody_is_missing(
    world: World, event: AlertEvent, school: Opening
) -> None:
    everybody = tuple(Stay.objects.values_list("pk", flat=True))
    tap(world, school, "in", stays=everybody, ago=9)
    event.alert.__class__.objects.filter(pk=event.alert_id).update(state="lifted")
    assert tap(world, school, "out", stays=everybody, where="home").says == ""
    figures = roll.of(event)
    assert (figures.missing, figures.elsewhere) == (0, 6)


def test_out_needs_to_be_in(world: World, school: Opening) -> None:
    result = tap(world, school, "out", stays=family(world), where="relatives")
    assert not result.ok
    assert "没有在这里签到" in result.says


def test_a_site_comes_in_parts_and_the_rest_is_missing(world: World, event: AlertEvent, school: Opening) -> None:
    home = SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.CARE_HOME, name="敬老院")
    orders.give(world.village, event, Source(world.places[VILLAGE], site=home, heads=20), school)
    stay = Stay.objects.get(site=home)
    tap(world, school, "in", stays=(stay.pk,), heads=15)
    assert roll.of(event).missing == 6 + 5
    tap(world, school, "in", stays=(stay.pk,), heads=22)
    figures = roll.of(event)
    assert (figures.missing, figures.came, figures.listed) == (6, 22, 28)


def test_a_household_that_nobody_ordered_comes_in_by_its_number(
    world: World, event: AlertEvent, school: Opening
) -> None:
    other = world.households[4]
    number = code_of(school, other)
    shown = desk.door(world.users["keeper"], school, number)
    assert [line["name"] for line in shown["people"]] == ["李村民", "李村民"]
    persons = tuple(line["person"] for line in shown["people"])
    assert tap(world, school, "in", persons=persons, code=number).ok
    figures = roll.of(event)
    assert (figures.strangers, figures.listed, figures.missing) == (2, 6, 6)
    refused = tap(world, school, "in", persons=(world.residents[0].pk,), code=number)
    assert not refused.ok


def test_a_number_typed_without_a_network_is_sorted_out_later(world: World, event: AlertEvent, school: Opening) -> None:
    number = code_of(school, world.households[0])
    assert tap(world, school, "walk-in", code=number, heads=3).ok
    figures = roll.of(event)
    assert (figures.came, figures.strangers, figures.missing) == (2, 1, 4)
    part = code_of(school, world.households[1])
    tap(world, school, "walk-in", code=part, heads=1)
    assert roll.of(event).strangers == 2


@pytest.mark.parametrize("text", ["", "12", "abc", "0" * 40, "000 000 000", "1-12-345", "99999-123"])
def test_a_wrong_code_is_refused_in_words(world: World, school: Opening, text: str) -> None:
    with pytest.raises(Refusal, match="没有这个门户编号"):
        codes.find(world.users["keeper"], school, text)


def test_a_code_reads_back_however_it_is_typed(world: World, school: Opening) -> None:
    home = world.households[4]
    whole = code_of(school, home)
    place, number, proof = whole.split("-")
    typed = [whole, f"{number}-{proof}", f"{number} {proof}", f"{number}{proof}", f" {number} － {proof}"]
    assert {codes.find(world.users["keeper"], school, text) for text in typed} == {home.pk}
    assert codes.find(world.users["keeper"], school, f"{number}-{proof}", place) == home.pk
    with pytest.raises(Refusal):
        codes.find(world.users["keeper"], school, f"{number}-{proof}", GRID)


def test_a_code_is_of_one_warning(world: World, school: Opening) -> None:
    other = make_event(world)
    here, there = (door_codes.of(one, world.households)[world.households[0].pk] for one in (school.incident, other))
    assert (here.place, here.number) == (there.place, there.number)
    assert here.proof != there.proof


def test_nobody_walks_through_the_numbers_to_strangers(world: World, school: Opening, client: Client) -> None:
    """Without the three digits a number opens nothing; whoever tries them is noted, and has to wait."""
    home = world.households[4]
    place, number, proof = code_of(school, home).split("-")
    world.login(client, "keeper")
    url = f"/api/v1/shelters/desks/{school.pk}/door"
    tried = [f"{n:03d}" for n in range(1000) if f"{n:03d}" != proof]
    said = [client.get(url, {"code": f"{number}-{digits}", "place": place}).status_code for digits in tried[:22]]
    assert said == [400] * 20 + [429] * 2
    assert AuditEntry.objects.filter(action="shelters.wrong_code").count() == 20
    assert client.get(url, {"code": f"{number}-{proof}", "place": place}).status_code == 429
    assert tap(world, school, "in", stays=family(world)).ok, "who is on the list comes in all the same"
    assert not Look.objects.filter(person=world.residents[8].pk).exists()
    clock.forward(hours=1, seconds=1)
    assert client.get(url, {"code": f"{number}-{proof}", "place": place}).status_code == 200


def test_nobody_walks_through_the_keys_of_another_shelters_list(
    world: World, event: AlertEvent, school: Opening, hall: Opening
) -> None:
    orders.give(world.village, event, Source(world.places[GRID2]), hall)
    strangers = family(world, 4)
    refused = tap(world, school, "in", stays=strangers)
    assert (refused.ok, "按门户编号" in refused.mend) == (False, True)
    assert len(desk.roll(world.users["keeper"], school)["groups"]) == 3
    assert not tap(world, school, "in", stays=strangers, code=code_of(school, world.households[0])).ok
    assert tap(world, school, "in", stays=strangers, code=code_of(school, world.households[4])).ok


def test_a_time_that_can_not_be_is_refused(world: World, school: Opening) -> None:
    early = tap(world, school, "in", stays=family(world), ago=180)
    assert not early.ok
    assert "预警发布之前" in early.says
    assert not tap(world, school, "in", stays=family(world), ago=-30).ok
    assert tap(world, school, "in", stays=family(world), ago=-3).ok


def test_names_are_shown_to_the_keeper_and_every_look_is_noted_once_a_day(world: World, school: Opening) -> None:
    keeper = world.users["keeper"]
    shown = desk.roll(keeper, school)
    assert {line["name"] for group in shown["groups"] for line in group["people"]} == {"李村民"}
    assert len(shown["groups"]) == 3
    desk.roll(keeper, school)
    looks = Look.objects.filter(actor=keeper.pk)
    assert looks.count() == 6
    assert set(looks.values_list("reason", flat=True)) == {"小学签到"}
    clock.forward(hours=25)
    desk.roll(keeper, school)
    assert looks.count() == 12


@pytest.mark.parametrize(
    ("login", "status"), [("keeper", 200), ("village", 200), ("approver", 403), ("neighbour", 404)]
)
def test_only_who_keeps_the_shelter_reads_its_list(
    world: World, school: Opening, client: Client, login: str, status: int
) -> None:
    world.login(client, login)
    assert client.get(f"/api/v1/shelters/desks/{school.pk}").status_code == status
    assert client.get(f"/shelters/desk/{school.pk}/").status_code == status


def test_the_page_of_the_keeper_and_its_shell_hold_no_names(world: World, school: Opening, client: Client) -> None:
    world.login(client, "keeper")
    assert "李村民" not in client.get(f"/shelters/desk/{school.pk}/").content.decode()
    client.logout()
    assert "李" not in client.get("/shelters/desk/offline/").content.decode()


def test_a_scanned_number_leads_to_the_keepers_shelter(world: World, school: Opening, client: Client) -> None:
    world.login(client, "keeper")
    number = code_of(school, world.households[0])
    assert client.get(f"/shelters/desk/c/{number}/")["Location"] == f"/shelters/desk/{school.pk}/?code={number}"
    for odd in ("x", "12-", "123456789"):
        assert client.get(f"/shelters/desk/c/{odd}/").status_code == 400


def test_a_grid_worker_enters_who_is_with_relatives(
    world: World, event: AlertEvent, school: Opening, client: Client
) -> None:
    world.login(client, "grid")
    base = f"/alerts/{event.alert.code}/shelters/{GRID}/"
    body = {"stay": [str(pk) for pk in family(world)], "where": "relatives", "key": str(uuid4())}
    for _again in range(2):
        client.post(base + "elsewhere/", body)
    figures = roll.of(event)
    assert (figures.elsewhere, figures.missing) == (2, 4)
    assert Move.objects.count() == 2
    page = client.get(base + "missing/").content.decode()
    assert "应到 6 − 已签到 0 − 在别处 2 = <strong>未到 4 人</strong>" in page
    assert "李村民" not in page


def test_the_names_of_the_missing_open_for_a_reason_and_are_noted(
    world: World, event: AlertEvent, school: Opening, client: Client
) -> None:
    world.login(client, "village")
    base = f"/alerts/{event.alert.code}/shelters/{VILLAGE}/missing/names/"
    assert client.post(base, {"reason": ""}).status_code == 400
    assert "李村民" in client.post(base, {"reason": "打电话找人"}).content.decode()
    assert Look.objects.filter(reason="打电话找人").count() == 6
    world.login(client, "keeper")
    assert client.post(base, {"reason": "好奇"}).status_code == 403


def test_a_check_in_stands_over_relatives_entered_before(world: World, event: AlertEvent, school: Opening) -> None:
    at = clock.now() - timedelta(minutes=30)
    moves.elsewhere(world.village, event, family(world), where="hotel", key=uuid4(), at=at)
    assert roll.of(event).elsewhere == 2
    assert "住宾馆" in tap(world, school, "in", stays=family(world)).says
    assert roll.of(event).came == 2


def test_programs_check_people_in(world: World, school: Opening, event: AlertEvent, client: Client) -> None:
    world.login(client, "keeper")
    taps = [{"key": str(uuid4()), "act": "in", "stays": list(family(world))}, {"key": str(uuid4()), "act": "in"}]
    answer = client.post(f"/api/v1/shelters/desks/{school.pk}/sync", {"taps": taps}, "application/json")
    assert [one["ok"] for one in answer.json()["results"]] == [True, False]
    assert roll.of(event).came == 2


def test_the_sheet_for_paper_has_every_name_and_is_noted(world: World, school: Opening, client: Client) -> None:
    world.login(client, "keeper")
    answer = client.get(f"/shelters/desk/{school.pk}/sheet.pdf")
    assert answer.content.startswith(b"%PDF")
    assert b"/FontFile" in answer.content  # embedded: any printer has the characters
    shown = sheet.rows(desk.roll(world.users["keeper"], school))
    assert len(shown) == 6
    assert shown[0][:3] == ["第1网格 001-1", code_of(school, world.households[0]).split("-", 1)[1], "李村民"]
    assert shown[1][:2] == ["", ""]
    assert AuditEntry.objects.filter(action="shelters.sheet").count() == 1
    world.login(client, "approver")
    assert client.get(f"/shelters/desk/{school.pk}/sheet.pdf").status_code == 403


def test_the_names_of_strangers_are_read_by_the_keeper_and_noted_once_a_day(world: World, school: Opening) -> None:
    tap(world, school, "walk-in", name="赵过路", phone="13900001234")
    for _again in range(3):
        groups = desk.roll(world.users["keeper"], school)["groups"]
    assert groups[-1]["people"][0]["name"] == "赵过路"
    assert AuditEntry.objects.filter(action="shelters.read_names").count() == 1
    stored = Stay.objects.get(person=None).name
    assert str(stored) == "＊＊"


def test_the_first_who_comes_takes_the_shelter_off_the_to_do(world: World, school: Opening) -> None:
    owed = Obligation.objects.get(kind="shelters.open")
    assert owed.closed_at is None
    tap(world, school, "in", stays=family(world))
    owed.refresh_from_db()
    assert owed.state == "done"


@pytest.mark.parametrize("act", ["elsewhere", "back"])
def test_a_keeper_speaks_for_nobody_of_another_shelter(
    world: World, event: AlertEvent, school: Opening, hall: Opening, act: str
) -> None:
    tap(world, school, "in", stays=family(world), ago=5)
    for stays in (family(world), family(world, 1)):
        refused = tap(world, hall, act, stays=stays, where="relatives")
        assert (refused.ok, "不在本避难场所的名单里" in refused.says) == (False, True)
    assert (roll.of(event).came, roll.of(event).elsewhere) == (2, 0)
    assert Move.objects.count() == 2


def test_a_tap_sent_again_is_entered_once_though_they_have_moved_on(
    world: World, school: Opening, hall: Opening
) -> None:
    key = uuid4()
    for _again in range(2):
        assert tap(world, school, "elsewhere", key=key, stays=family(world), where="hotel", ago=9).ok
        tap(world, hall, "in", stays=family(world), code=code_of(hall, world.households[0]))
    assert set(Stay.objects.filter(pk__in=family(world)).values_list("state", flat=True)) == {"in"}


def test_who_is_unticked_under_a_withdrawn_order_need_not_go(world: World, event: AlertEvent, school: Opening) -> None:
    tap(world, school, "in", stays=family(world), ago=9)
    orders.withdraw(world.village, Order.objects.get(), reason="水退了")
    assert roll.of(event).listed == 2
    tap(world, school, "back", stays=family(world))
    assert (roll.of(event).listed, roll.of(event).missing) == (0, 0)
    assert Opening.objects.get(pk=school.pk).held == 0
