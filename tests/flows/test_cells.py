"""Stories of neighbours in a warning: the head answers, is silent, takes it back; the update and the all-clear come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lastmile.alerting import cell_texts, coverage, door_codes, fold, links, receipts
from lastmile.alerting.cascade import calling, lanes
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.fake.transport import FakeChannel
from lastmile.alerting.models import (
    AlertEvent,
    AttemptState,
    CallAttempt,
    CellAsk,
    CellDoor,
    CellRound,
    Fact,
    Receipt,
    Standing,
    Visit,
)
from lastmile.alerting.neighbours import listing, rounds, rules, sms
from lastmile.alerting.tests.conftest import Desk
from lastmile.alerting.visits import rounds as visits
from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import Cell, Helper
from lastmile.community.people.models import Household, Person
from lastmile.kernel import clock
from tests.world import World

GRID = "410182109211001"


class Night:
    """A grid of three cells of six doors; the phones reached nobody. Heads live behind the first door of each."""

    def __init__(self) -> None:
        self.world = World.build(households=18)
        self.desk = Desk(self.world)
        self.homes = [home for home in self.world.households if home.place_id == GRID]
        wanted = {home.pk: 1 + at // 6 for at, home in enumerate(self.homes)}
        actions.arrange(self.world.places[GRID], wanted, by=self.world.village)
        self.cells = list(Cell.objects.filter(place=GRID).order_by("number"))
        self.heads = [self.lives(6 * at) for at in range(3)]
        self.deputies = [self.lives(6 * at + 1) for at in range(3)]
        for cell, head, deputy in zip(self.cells, self.heads, self.deputies, strict=True):
            actions.agree(cell, "head", head, how="talk", by=self.world.village)
            actions.agree(cell, "deputy", deputy, how="talk", by=self.world.village)

    def lives(self, at: int) -> Person:
        return Person.objects.filter(household=self.homes[at]).earliest("pk")

    def issue(self, **changes: Any) -> AlertEvent:
        self.event = self.desk.issued(**changes)
        return self.event

    def minutes(self, count: int) -> None:
        clock.forward(minutes=count)
        fold.fold()
        rounds.tick()
        visits.tick()

    def confirms(self, *homes: Household) -> None:
        rows = [(home, person) for home in homes for person in Person.objects.filter(household=home)]
        receipts.append(
            [
                receipts.NewReceipt(f"t:{one.pk}", self.event.pk, one.pk, Fact.CONFIRMED, "link", clock.now())
                for _home, one in rows
            ]
        )
        fold.fold()

    def asked(self, role: str) -> list[tuple[int, int | None]]:
        """(person, number of the cell) of those who were asked as this."""
        numbers = {cell.pk: cell.number for cell in self.cells}
        rows = CellAsk.objects.filter(event=self.event.pk, role=role, closed_at=None).order_by("pk")
        return [(row.person, numbers.get(row.cell or 0)) for row in rows]

    def code(self, at: int) -> int:
        return {door.household: door.code for head in self.heads for door in cell_texts.doors(self.event, head.pk)}[
            self.homes[at].pk
        ]

    def texts(self, person: Person, text: str) -> bool:
        key = f"k{clock.now().timestamp()}"
        taken = sms.replied(event=self.event.pk, person=person.pk, text=text, at=clock.now(), key=key)
        fold.fold()
        return taken

    def left(self, number: int) -> int:
        cell = self.cells[number - 1].pk
        return CellDoor.objects.filter(event=self.event.pk, cell=cell, closed_at=None).count()


@pytest.fixture
def night(db: None) -> Night:
    return Night()


def written(person: Person) -> list[str]:
    """What was to be sent to a neighbour, questions and thanks in clear."""
    rows = CallAttempt.objects.filter(person=person.pk, role="cell").order_by("pk")
    return [row.text.reveal() if row.text else "" for row in rows]


def test_the_head_answers_by_digits_before_anybody_knocks(night: Night) -> None:
    event = night.issue()
    night.confirms(*night.homes[2:6])
    assert not CellAsk.objects.exists()
    night.minutes(3)
    assert night.asked("head") == [(head.pk, number) for number, head in enumerate(night.heads, 1)]
    assert night.left(1) == 2  # four had answered by themselves
    text = cell_texts.text(event, night.heads[0].pk, "zh")
    assert night.homes[1].number in text
    assert night.homes[2].number not in text
    assert "李" not in text  # a door and its code, nobody's name
    assert night.texts(night.heads[0], f"{night.code(0)}-1 {night.code(1)}-2")
    assert night.left(1) == 0
    facts = set(Standing.objects.filter(event=event.pk, household=night.homes[1].pk).values_list("fact", flat=True))
    assert facts == {Fact.MOVED}
    assert {row.by for row in Receipt.objects.filter(event=event, channel="door")} == {-night.heads[0].pk}
    night.minutes(7)
    assert not Visit.objects.filter(event=event.pk, household__in=[home.pk for home in night.homes[:6]]).exists()
    assert Visit.objects.filter(event=event.pk, household=night.homes[7].pk, closed_at=None).exists()
    assert Helper.objects.filter(until=None).count() == 6


def test_the_head_answers_on_the_page_with_one_tap_a_door_and_takes_one_back(night: Night, client: Client) -> None:
    event = night.issue()
    night.minutes(3)
    head, door = night.heads[0], night.homes[3]
    url = f"/n/{links.token(event.pk, head.pk)}/"
    page = client.get(url).content.decode()
    assert page.count('name="door"') == 6
    assert "李" not in page
    tap = {"door": door.pk, "fact": int(Fact.CONFIRMED), "nonce": "a"}
    assert client.post(url, tap).status_code == 302
    client.post(url, tap)  # sent twice, it is one answer
    assert night.left(1) == 5
    assert Receipt.objects.filter(event=event, channel="door").count() == 2
    client.post(url, {"door": door.pk, "fact": int(Fact.UNDONE), "nonce": "b"})
    assert night.left(1) == 6
    other = {"door": night.homes[8].pk, "fact": int(Fact.CONFIRMED), "nonce": "c"}
    assert client.post(url, other).status_code == 404  # a door of another cell
    stranger = f"/n/{links.token(event.pk, night.lives(4).pk)}/"
    assert 'name="door"' not in client.get(stranger).content.decode()
    assert client.get("/n/" + "A" * 19 + "/").status_code == 404


def test_what_staff_found_stands_again_when_a_neighbour_takes_theirs_back(night: Night) -> None:
    event = night.issue()
    night.minutes(3)
    people = list(Person.objects.filter(household=night.homes[3]).values_list("pk", flat=True))
    receipts.enter(night.world.officer, event, receipts.Entry(GRID, people, Fact.ABSENT, "n1"))
    clock.forward(seconds=5)
    night.texts(night.heads[0], f"{night.code(3)}-1")
    from lastmile.alerting.neighbours import entering

    clock.forward(seconds=5)
    entering.say(event, night.heads[0].pk, night.homes[3].pk, Fact.UNDONE, key="x")
    fold.fold()
    assert set(Standing.objects.filter(event=event.pk, person__in=people).values_list("fact", flat=True)) == {
        Fact.ABSENT
    }


def test_what_is_not_clear_is_asked_again_and_never_dropped(night: Night) -> None:
    night.issue()
    night.minutes(3)
    head = night.heads[0]
    assert night.texts(head, f"{night.code(0)}-1 99-1 {night.code(1)}-8 {night.code(2)}-1 {night.code(2)}-2")
    assert night.left(1) == 5  # what was clear is entered
    question = written(head)[-1]
    for token in ("99-1", f"{night.code(1)}-8", f"{night.code(2)}-1", f"{night.code(2)}-2"):
        assert token in question
    assert night.homes[1].number in question
    assert not night.texts(head, "1")  # their own answer, as everybody's
    assert "您本人" in written(head)[-1]
    assert night.texts(head, "12 13")  # numbers without digits
    assert not night.texts(head, "路上树倒了")  # words are kept as a note, as everybody's
    assert len(written(head)) == 4


def test_silence_goes_to_the_deputy_and_then_to_the_cells_beside(night: Night) -> None:
    event = night.issue()
    night.minutes(3)
    night.texts(night.heads[0], f"{night.code(0)}-1")
    night.texts(night.heads[2], f"{night.code(12)}-1")
    night.minutes(3)
    assert night.asked("deputy") == [(night.deputies[1].pk, 2)]
    night.minutes(3)
    near = CellAsk.objects.filter(event=event.pk, role="near")
    assert {row.person for row in near} == {night.heads[0].pk, night.heads[2].pk}
    assert sorted(home for row in near for home in row.households) == sorted(home.pk for home in night.homes[6:12])
    assert {len(row.households) for row in near} == {3}
    first = next(row for row in near if row.person == night.heads[0].pk)
    assert set(first.households) == {home.pk for home in night.homes[6:9]}  # the stretch on their side of the walk
    for person in night.heads + night.deputies:  # one message a person and step
        assert CallAttempt.objects.filter(person=person.pk, role="cell").count() <= 2
    night.minutes(1)
    assert Visit.objects.filter(event=event.pk, household=night.homes[7].pk, closed_at=None).exists()
    rows = listing.cells(event, GRID)
    assert rows[0].cell == night.cells[1]
    assert rows[0].silent
    assert [one.ask.role for one in rows[0].asked] == ["head", "deputy", "near", "near"]


def test_a_head_who_cannot_be_called_is_passed_over_at_once(night: Night) -> None:
    night.heads[0].contacts.update(usable=False)
    night.issue()
    night.minutes(3)
    assert (night.deputies[0].pk, 1) in night.asked("deputy")
    assert len(night.asked("head")) == 2


def test_both_neighbours_of_a_pair_are_asked_about_that_one_door(night: Night) -> None:
    resident = Person.objects.filter(household=night.homes[4]).latest("pk")
    near = [night.lives(3), night.lives(5)]
    actions.pair_with(resident, near, how="talk", by=night.world.village)
    event = night.issue()
    night.minutes(3)
    assert {person for person, _cell in night.asked("pair")} == {person.pk for person in near}
    assert [door.household for door in cell_texts.doors(event, near[0].pk)] == [night.homes[4].pk]
    assert night.texts(near[0], f"{night.code(4)}-3")
    assert Standing.objects.filter(event=event.pk, person=resident.pk, fact=Fact.NEEDS_HELP).exists()
    assert night.left(1) == 5


def test_who_takes_it_back_in_the_middle_is_asked_no_more_and_the_deputy_is(night: Night, client: Client) -> None:
    event = night.issue()
    night.minutes(3)
    head = night.heads[0]
    client.post(f"/n/{links.token(event.pk, head.pk)}/", {"withdraw": "1"})
    assert queries.of_cell(night.cells[0]).head is None
    rounds.tick()
    assert cell_texts.doors(event, head.pk) == []
    assert night.asked("deputy") == [(night.deputies[0].pk, 1)]
    assert not night.texts(head, "1-1")
    waiting = CallAttempt.objects.get(person=head.pk, role="cell")
    assert waiting.state == AttemptState.WAITING


def test_an_update_goes_on_and_the_all_clear_thanks_those_who_were_asked(night: Night, settings: Any) -> None:
    first = night.issue()
    night.minutes(3)
    CallAttempt.objects.filter(role="cell").update(state=AttemptState.ACCEPTED, due_at=None)
    night.texts(night.heads[0], f"{night.code(0)}-2")
    code = night.code(1)
    night.event = night.desk.follow(first, "update", description="雨势更大，马上离开。")
    rounds.tick()
    assert CellRound.objects.get(event=first).closed_at is not None
    assert not CellAsk.objects.filter(event=first.pk, closed_at=None).exists()
    assert night.left(1) == 5  # who has moved is not asked about again
    assert night.code(1) == code  # paper, pages and SMS mean the same door
    assert night.texts(night.heads[0], f"{code}-1")
    assert night.left(1) == 4
    over = night.desk.follow(night.event, "cancel")
    rounds.tick()
    assert not CellAsk.objects.filter(closed_at=None).exists()
    assert not CellDoor.objects.filter(closed_at=None).exists()
    thanked = CallAttempt.objects.filter(event=over, role="cell")
    assert {row.person for row in thanked} == {head.pk for head in night.heads}
    assert not night.texts(night.heads[0], f"{code}-1")
    night.minutes(30)
    assert not CallAttempt.objects.filter(event=over, role="cell").exclude(pk__in=thanked).exists()


def test_the_rule_of_a_place_holds_from_the_next_warning_and_blue_asks_nobody(night: Night) -> None:
    rules.set_rule(night.world.approver, night.world.places["410182"], 1, minutes=6, step=2)
    event = night.issue()
    rules.set_rule(night.world.approver, night.world.places["410182"], 1, minutes=0, step=2)
    night.minutes(3)
    assert not CellAsk.objects.exists()
    night.minutes(3)
    assert CellAsk.objects.filter(event=event.pk).count() == 3
    other = night.desk.issued(colour=4)
    assert not CellRound.objects.filter(event=other).exists()
    assert not CellRound.objects.filter(event=night.desk.issued()).exists()


def test_a_page_shows_silent_cells_on_top_and_programs_read_them(night: Night, client: Client) -> None:
    event = night.issue()
    night.minutes(3)
    night.texts(night.heads[0], f"{night.code(0)}-1")
    night.world.login(client, "village")
    page = client.get(f"/alerts/{event.alert.code}/cells/{GRID}/").content.decode()
    assert page.index("互助单元 2") < page.index("互助单元 1")
    found = client.get(f"/api/v1/alerts/{event.alert.code}/cells", {"place": GRID}).json()
    assert [row["silent"] for row in found["cells"]] == [True, True, False]
    above = client.get(f"/api/v1/alerts/{event.alert.code}/cells", {"place": GRID[:12]}).json()
    assert [(row["code"], row["silent"]) for row in above["places"]] == [(GRID, 2)]


# --- workers


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, settings: Any) -> FakeChannel:
    made = FakeChannel()
    settings.CHANNELS = ["web", "fake"]
    monkeypatch.setitem(registry.MAKERS, "fake", lambda: made)
    return made


def together(do: Callable[[], Any]) -> None:
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        do()
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_nobody_twice_and_a_dead_one_loses_and_doubles_nothing(fake: FakeChannel) -> None:
    night = Night()
    event = night.issue(channels=["web", "fake"], exercise=True)
    clock.forward(minutes=3)
    together(rounds.tick)
    assert CellAsk.objects.filter(event=event.pk).count() == 3
    CallAttempt.objects.exclude(role="cell").delete()
    taken = calling.claim(
        lanes.own("fake"), "dead"
    )  # this worker dies after the gateway has it, before it writes that down
    assert len(taken) == 3
    assert calling.once("other") == 0
    clock.forward(seconds=40)
    together(lambda: calling.once(f"w{threading.get_ident()}"))
    assert fake.network.counts["accepted"] == 3
    assert set(CallAttempt.objects.filter(role="cell").values_list("state", flat=True)) == {"accepted"}
    coverage.fold()


def agreed(night: Night, at: int, place: str = GRID) -> Person:
    person = night.lives(at)
    actions.volunteer(night.world.places[place], person, how="talk", by=night.world.village)
    return person


def test_what_the_grid_worker_leaves_goes_to_volunteers_each_a_stretch_of_the_walk(night: Night) -> None:
    first, second = agreed(night, 4), agreed(night, 11, VILLAGE_OF_GRID)
    third = agreed(night, 15)
    event = night.issue()
    night.minutes(11)
    assert night.asked("volunteer") == []  # the grid worker is on the way
    for at in range(6):
        night.texts(night.heads[0], f"{night.code(at)}-1")
    night.minutes(14)
    assert night.asked("volunteer") == []
    night.minutes(1)
    rows = CellAsk.objects.filter(event=event.pk, role="volunteer")
    asks = {ask.person: ask.households for ask in rows.filter(place=GRID)}
    assert set(asks) == {first.pk, third.pk}  # the grid has volunteers of its own: the village's stay at home
    assert sorted(home for homes in asks.values() for home in homes) == [home.pk for home in night.homes[6:]]
    assert max(asks[min(asks)]) < min(asks[max(asks)])  # one has the near end of the walk, the other the far one
    text = cell_texts.text(event, third.pk, "zh")
    assert f"还有{len(asks[third.pk])}户没有回音" in text
    night.minutes(5)
    assert len(written(first)) == 1  # once
    assert {ask.person for ask in rows.exclude(place=GRID)} == {second.pk}  # the grid beside has none of its own


VILLAGE_OF_GRID = GRID[:12]


def test_a_volunteer_answers_as_neighbours_do_and_takes_their_consent_back_in_the_middle(night: Night) -> None:
    person = agreed(night, 9, VILLAGE_OF_GRID)
    event = night.issue()
    night.minutes(11)
    night.minutes(16)
    door = cell_texts.doors(event, person.pk)[3]
    code = door_codes.code(event.warning, door.place, door.code)
    assert str(code) in cell_texts.text(event, person.pk, "zh")  # doors of two grids: the whole code is said
    assert night.texts(person, f"{code}-2")
    assert Visit.objects.get(event=event.pk, household=door.household).closed_at is not None
    assert Receipt.objects.filter(event=event, by=-person.pk).exists()
    helper = Helper.objects.get(person=person, role="volunteer")
    actions.withdraw(helper, how="phone", by=night.world.village, place=GRID)
    night.minutes(1)
    assert cell_texts.doors(event, person.pk) == []


def test_nobody_volunteers_for_more_doors_than_a_message_holds(night: Night) -> None:
    person = agreed(night, 3)
    event = night.issue()
    night.minutes(11)
    night.minutes(16)
    (ask,) = CellAsk.objects.filter(event=event.pk, person=person.pk, role="volunteer")
    assert ask.households == [home.pk for home in night.homes[:12]]  # the first twelve of eighteen along the walk


def test_a_place_that_wants_no_volunteers_asks_none(night: Night) -> None:
    from lastmile.alerting.visits import rules as visit_rules

    agreed(night, 3)
    place = night.world.places["410182"]
    visit_rules.set_rule(night.world.approver, place, 1, minutes=10, whom="silent", volunteers=0)
    event = night.issue()
    night.minutes(11)
    night.minutes(60)
    assert not CellAsk.objects.filter(event=event.pk, role="volunteer").exists()
