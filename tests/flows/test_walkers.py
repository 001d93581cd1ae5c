"""Stories of the one who walks: one message names the doors, digits bring the answers back, nothing is dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lastmile.alerting import cell_texts, door_codes, fold, receipts, returns, walk_texts
from lastmile.alerting.cascade import calling
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.fake.transport import FakeChannel
from lastmile.alerting.models import AlertEvent, AttemptState, CallAttempt, Fact, Receipt, Visit, VisitRound
from lastmile.alerting.neighbours import sms
from lastmile.alerting.tests.conftest import Desk
from lastmile.alerting.visits import rounds as visits
from lastmile.community.cells import actions
from lastmile.community.cells.models import Cell
from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Contact, Leave, Person
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

GRID, BESIDE, VILLAGE = "410182109211001", "410182109211002", "410182109211"


class Round:
    """Eleven minutes after a red warning nobody has answered: the doors are listed."""

    def __init__(self, **changes: Any) -> None:
        self.world = World.build(households=4)
        self.desk = Desk(self.world)
        self.walker = self.world.staff[GRID]
        self.homes = [home for home in self.world.households if home.place_id == GRID]
        self.event = self.desk.issued(**changes)

    def minutes(self, count: int) -> None:
        clock.forward(minutes=count)
        fold.fold()
        visits.tick()

    def number(self, at: int) -> int:
        return door_codes.numbers(self.event, GRID)[self.homes[at].pk]

    def says(self, text: str, key: str = "", person: Person | None = None) -> bool:
        key = key or f"k{clock.now().timestamp()}"
        who = (person or self.walker).pk
        taken = sms.replied(event=self.event.pk, person=who, text=text, at=clock.now(), key=key)
        fold.fold()
        return taken

    def open(self, place: str = GRID) -> int:
        return Visit.objects.filter(event=self.event.pk, place=place, closed_at=None).count()


@pytest.fixture
def night(db: None) -> Round:
    return Round()


def written(person: Person) -> list[str]:
    """Messages about doors to a person, those with words of their own in clear."""
    rows = CallAttempt.objects.filter(person=person.pk, role="walk").order_by("pk")
    return [row.text.reveal() if row.text else "" for row in rows]


@pytest.mark.django_db
def test_when_the_doors_are_listed_whoever_walks_is_told_once_which_they_are(night: Round) -> None:
    assert written(night.walker) == []
    night.minutes(11)
    assert written(night.walker) == [""]
    assert written(night.world.staff[VILLAGE]) == [""]  # the grid beside has no post: its village looks after it
    night.minutes(1)
    assert written(night.walker) == [""]
    text = walk_texts.text(night.event, night.walker.pk, "zh")
    assert "第1网格还有4户没有回音" in text
    for at in range(4):
        assert f"{night.number(at)}（{night.homes[at].number}）" in text
    assert "李" not in text  # doors, nobody's name
    assert "/visits/" not in text  # who has no log-in gets no page that asks for one


@pytest.mark.django_db(transaction=True)
def test_the_message_goes_out_on_the_channel_of_the_warning_with_what_is_left_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night, said = Round(), FakeChannel()
    night.minutes(11)
    night.says(f"{night.number(0)}-1")
    monkeypatch.setitem(registry.MAKERS, "sms", lambda: said)
    registry.forget()
    while calling.once("w"):
        pass
    said.network.step(clock.now().timestamp() + 600)
    number = str(Contact.objects.get(person=night.walker).value.reveal())
    doors = [shown.text for shown in said.network.inbox(number) if shown.text.startswith("【上门】")]
    assert len(doors) == 1
    assert "还有3户没有回音" in doors[0]
    registry.forget()


@pytest.mark.django_db
def test_digits_close_the_doors_and_say_who_found_what(night: Round) -> None:
    night.minutes(11)
    assert night.says(f"{night.number(0)}-1 {night.number(1)}－2、{night.number(2)}-4")
    assert night.open() == 2  # where nobody was in, somebody goes again
    absent = Visit.objects.get(event=night.event.pk, household=night.homes[2].pk)
    assert (absent.fact, absent.knocks) == (Fact.ABSENT, 1)
    found = Receipt.objects.filter(event=night.event, channel=receipts.DOOR)
    assert {row.by for row in found} == {-night.walker.pk}
    assert {Fact(row.fact) for row in found} == {Fact.CONFIRMED, Fact.MOVED, Fact.ABSENT}
    assert AuditEntry.objects.filter(action="alerting.receipt", detail__by_sms=night.walker.pk).count() == 3


@pytest.mark.django_db
def test_the_same_message_twice_is_one_answer(night: Round) -> None:
    night.minutes(11)
    for _twice in range(2):
        night.says(f"{night.number(0)}-4 {night.number(9 % 4)}-1", key="once")
    before = Receipt.objects.count()
    night.says(f"{night.number(0)}-4", key="once")
    assert Receipt.objects.count() == before
    assert Visit.objects.get(event=night.event.pk, household=night.homes[0].pk).knocks == 1


@pytest.mark.django_db
def test_what_is_not_clear_is_asked_back_and_the_rest_is_entered(night: Round) -> None:
    night.minutes(11)
    assert night.says(f"{night.number(0)}-1 99-1 {night.number(1)}-8")
    assert night.open() == 3
    question = written(night.walker)[-1]
    assert "99-1" in question
    assert f"{night.number(1)}-8" in question
    assert night.homes[1].number in question
    assert night.homes[0].number not in question
    assert not night.says("水进院子了")  # words stay what they are for everybody: a note
    assert not night.says("1")  # the answer to the call for their post
    assert len(written(night.walker)) == 2


@pytest.mark.django_db
def test_who_asks_for_the_list_gets_what_is_left(night: Round) -> None:
    assert not night.says("名单")  # nothing is listed yet
    night.minutes(11)
    night.says(f"{night.number(0)}-1")
    assert night.says("名单")
    answer = written(night.walker)[-1]
    assert "还有3户没有回音" in answer
    assert night.homes[0].number not in answer
    for at in range(1, 4):
        night.says(f"{night.number(at)}-1")
    assert night.says("LIST", key="again")
    assert "各户都有了回音" in written(night.walker)[-1]


@pytest.mark.django_db
def test_where_two_grids_have_the_same_numbers_the_whole_code_is_said_and_read(db: None) -> None:
    night = Round()
    Post.objects.filter(place__in=[GRID, BESIDE]).update(closed_on=clock.today())  # the village looks after both
    village = night.world.staff[VILLAGE]
    night.minutes(11)
    text = walk_texts.text(night.event, village.pk, "zh")
    assert "等2处还有8户" in text
    code = door_codes.code(night.event.warning, GRID, night.number(0))
    assert f"{code}（" in text
    assert night.says(f"{night.number(0)}-1", person=village)  # a number that is two doors
    assert str(code) in written(village)[-1]
    assert night.open() == 4
    assert night.says(f"{code}-1", person=village)
    assert night.open() == 3
    assert night.open(BESIDE) == 4


@pytest.mark.django_db
def test_nobody_answers_for_the_doors_of_another_grid(night: Round) -> None:
    night.minutes(11)
    stranger = night.world.residents[2]
    assert not night.says(f"{night.number(0)}-1", person=stranger)
    village = night.world.staff[VILLAGE]  # looks after the grid beside, which has no post
    code = door_codes.code(night.event.warning, GRID, night.number(0))
    assert night.says(f"{code}-1", person=village)
    assert str(code) in written(village)[-1]
    assert night.open() == 4


@pytest.mark.django_db
def test_the_deputy_walks_while_the_holder_is_away_and_a_blocked_log_in_answers_for_nothing(db: None) -> None:
    night = Round()
    post = Post.objects.get(place=GRID, site=None)
    deputy = night.world.residents[0]
    Appointment.objects.create(post=post, person=deputy, role="deputy", since=clock.today())
    Leave.objects.create(person=night.walker, first_day=clock.today(), last_day=clock.today() + timedelta(days=2))
    night.minutes(11)
    assert written(deputy) == [""]
    assert written(night.walker) == []
    assert night.says(f"{night.number(1)}-1", person=deputy)
    assert night.open() == 3
    login = night.world.users["grid"]
    login.person = deputy
    login.save(update_fields=["person"])
    assert f"/visits/{night.event.alert.code}/{GRID}/" in walk_texts.text(night.event, deputy.pk, "zh")
    assert night.says(f"{night.number(2)}-1", person=deputy)
    assert Receipt.objects.latest("pk").by == login.pk
    login.is_active = False
    login.save(update_fields=["is_active"])
    assert not night.says(f"{night.number(3)}-1", person=deputy)
    assert night.open() == 2


@pytest.mark.django_db
def test_a_head_of_a_cell_who_also_walks_answers_for_both_in_one_message(db: None) -> None:
    night = Round()
    cell_homes = night.homes[:2]
    actions.arrange(night.world.places[GRID], {home.pk: 1 for home in cell_homes}, by=night.world.village)
    cell = Cell.objects.get(place=GRID)
    head = Person.objects.filter(household=cell_homes[0]).earliest("pk")
    actions.agree(cell, "head", head, how="talk", by=night.world.village)
    Appointment.objects.filter(post__place=GRID).update(person=head)
    from lastmile.alerting.neighbours import rounds

    clock.forward(minutes=3)
    fold.fold()
    rounds.tick()
    night.minutes(8)
    assert [door.household for door in cell_texts.doors(night.event, head.pk)] == [home.pk for home in cell_homes]
    assert night.says(f"{night.number(0)}-1 {night.number(3)}-2", person=head)
    assert night.open() == 2
    assert not [text for text in written(head) if "没看懂" in text]


@pytest.mark.django_db
def test_a_yellow_warning_at_night_lets_them_sleep_until_seven(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().astimezone(clock.BEIJING)
    midnight = now.replace(hour=23, minute=30, second=0)
    clock.forward(seconds=(midnight - now).total_seconds() % 86_400)
    night = Round(colour=3)
    held = VisitRound.objects.get(event=night.event)
    clock.forward(seconds=(held.due_at - clock.now()).total_seconds() + 1)
    fold.fold()
    visits.tick()
    attempt = CallAttempt.objects.get(person=night.walker.pk, role="walk")
    assert attempt.due_at is not None
    local = attempt.due_at.astimezone(clock.BEIJING)
    quiet = clock.now().astimezone(clock.BEIJING).hour in (22, 23, 0, 1, 2, 3, 4, 5, 6)
    assert (local.hour == 7) if quiet else attempt.due_at <= clock.now()


@pytest.mark.django_db
def test_after_the_all_clear_digits_are_about_doors_no_more(night: Round) -> None:
    night.minutes(11)
    lifted = night.desk.follow(night.event, "lift")
    night.minutes(1)
    assert lifted.alert.code
    assert not night.says(f"{night.number(0)}-1")
    assert CallAttempt.objects.filter(role="walk", state=AttemptState.ACCEPTED).count() == 0


@pytest.mark.django_db
def test_an_answer_comes_in_by_the_gateways_own_door(night: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    from lastmile.alerting.channels.sms import callbacks

    night.minutes(11)
    number = Contact.objects.get(person=night.walker, kind="phone")
    reply = callbacks.Reply("r1", number.value.reveal(), "", f"{night.number(0)}-1", clock.now())
    monkeypatch.setattr(callbacks, "replies", lambda _body, _headers: [reply])
    assert returns.take_replies(b"", {}) > 0
    fold.fold()
    assert night.open() == 3
    assert AlertEvent.objects.count() == 1
