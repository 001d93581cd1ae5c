"""What was written on paper is typed back: read before it is saved, kept where it is nonsense, once, and undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.alerting import coverage
from lastmile.alerting.models import AlertEvent, Fact, PaperEntry, Receipt, Standing
from lastmile.alerting.paper import entering, reading
from lastmile.alerting.paper.entering import Typed, enter, undo
from lastmile.alerting.paper.tests.conftest import GRID, OTHER, VILLAGE
from lastmile.alerting.receipts import Entry
from lastmile.alerting.receipts import enter as enter_receipt
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World


def read(event: AlertEvent, text: str, place: str = GRID) -> list[reading.Reading]:
    return reading.read(reading.sheet(event, place), text)


def facts(event: AlertEvent, *numbers: int) -> list[int | None]:
    """Where the people of doors stand, counted anew."""
    while coverage.fold():
        pass
    sheet = reading.sheet(event, GRID)
    persons = [member.person for number in numbers for member in sheet.doors[number].members]
    found = dict(Standing.objects.filter(event=event.pk, person__in=persons).values_list("person", "fact"))
    return [found.get(person) for person in persons]


@pytest.mark.parametrize(
    "text",
    ["1-1 2-2", "1-1,2-2", "１－１　２－２", "1—1、2–2", "1 - 1\n2- 2", "1-1；2-2。", "1~1 2_2", "1-1 2-2 1-1"],
)
def test_every_way_of_typing_it_is_the_same(event: AlertEvent, text: str) -> None:
    assert [(one.number, one.digit, one.ok) for one in read(event, text)] == [(1, "1", True), (2, "2", True)]


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("99-1", "There is no door 99 on this sheet."),
        ("0-1", "There is no door 0 on this sheet."),
        ("1-9", "9 is none of the digits."),
        ("1-0", "0 is none of the digits."),
        ("12", "The digit after 12 is missing."),
        ("李家", "“李家” can't be read."),
        ("1-1-1", "“1-1-1” can't be read."),
        ("-1", "“-1” can't be read."),
        ("²-1", "“²-1” can't be read."),
        ("999999999999999999999-1", "“999999999999999999999-1” can't be read."),
    ],
)
def test_nonsense_is_refused_in_a_sentence_and_the_rest_is_kept(event: AlertEvent, token: str, sentence: str) -> None:
    bad, good = read(event, f"{token} 2-2") if token != "²-1" else read(event, "x²-1 2-2")
    assert good.ok
    assert not bad.ok
    assert bad.mend
    assert bad.says == sentence or token == "²-1"


def test_a_door_with_two_digits_is_entered_with_neither(world: World, event: AlertEvent) -> None:
    outcome = enter(world.grid, event, Typed(GRID, "1-1 1-2 2-2", "n"))
    assert [one.token for one in outcome.done] == ["2-2"]
    assert outcome.text == "1-1 1-2"
    assert outcome.left[0].says == "Door 1 is here with different digits: 1, 2."


def test_a_reading_shows_masked_names_and_what_stands_there(world: World, event: AlertEvent) -> None:
    enter(world.grid, event, Typed(GRID, "1-2", "n"))
    facts(event, 1)
    (one,) = read(event, "1-1")
    assert one.who == "李＊＊、李＊＊"
    assert one.now == str(Fact.MOVED.label)
    assert one.means


def test_more_than_fit_at_once_stay_in_the_box(event: AlertEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST", 2)
    assert [one.ok for one in read(event, "1-1 2-1 3-1")] == [True, True, False]


def test_event_time_entry_time_and_the_writer_are_kept(world: World, event: AlertEvent) -> None:
    happened = event.sent_at + timedelta(minutes=30)
    enter(world.grid, event, Typed(GRID, "1-2 2-5", "n", happened))
    rows = Receipt.objects.filter(event=event, channel="paper")
    assert {(row.happened_at, row.by) for row in rows} == {(happened, world.grid.pk)}
    assert min(row.entered_at for row in rows) > happened + timedelta(hours=1)
    assert facts(event, 1, 2) == [Fact.MOVED, Fact.MOVED, Fact.REFUSED, Fact.REFUSED]


def test_a_form_sent_twice_is_one_entry(world: World, event: AlertEvent) -> None:
    for _round in range(3):
        enter(world.grid, event, Typed(GRID, "1-1 4-1", "n"))
    assert PaperEntry.objects.count() == 1
    assert Receipt.objects.filter(event=event).count() == 3  # two people behind door 1, and the grid's leader


def test_undo_puts_back_what_stood_before(world: World, event: AlertEvent) -> None:
    at = event.sent_at + timedelta(minutes=10)
    people = [person.pk for person in world.residents[:2]]
    enter_receipt(world.village, event, Entry(GRID, people, Fact.REFUSED, "before", happened_at=at))
    outcome = enter(world.grid, event, Typed(GRID, "1-2 2-2", "n", at + timedelta(minutes=20)))
    assert outcome.entry is not None
    assert facts(event, 1, 2) == [Fact.MOVED] * 4
    before = Receipt.objects.count()
    assert undo(world.village, event, outcome.entry) == 4
    assert facts(event, 1, 2) == [Fact.REFUSED, Fact.REFUSED, None, None]
    assert Receipt.objects.count() > before  # nothing was deleted


def test_an_undone_entry_can_be_typed_again_but_not_undone_twice(world: World, event: AlertEvent) -> None:
    first = enter(world.grid, event, Typed(GRID, "1-1", "a")).entry
    assert first is not None
    undo(world.grid, event, first)
    with pytest.raises(Conflict):
        undo(world.grid, event, first)
    with pytest.raises(Conflict):
        enter(world.grid, event, Typed(GRID, "1-1", "a"))
    enter(world.grid, event, Typed(GRID, "1-1", "b"))
    assert facts(event, 1) == [Fact.CONFIRMED, Fact.CONFIRMED]


def test_undo_leaves_what_the_household_said_itself(world: World, event: AlertEvent) -> None:
    from lastmile.alerting.receipts import NewReceipt, append

    append([NewReceipt("own", event.pk, world.residents[0].pk, Fact.SAFE, "link", event.sent_at)])
    entry = enter(world.grid, event, Typed(GRID, "1-5", "n")).entry
    assert entry is not None
    undo(world.grid, event, entry)
    assert facts(event, 1) == [Fact.SAFE, None]


def test_paper_of_a_replaced_message_counts_for_the_update_too(world: World, event: AlertEvent) -> None:
    update = make_event(world, after=event)
    listed(update, world.residents)
    clock.forward(minutes=5)
    happened = event.sent_at + timedelta(minutes=30)
    entry = enter(world.grid, event, Typed(GRID, "1-2", "n", happened)).entry
    rows = Receipt.objects.filter(person=world.residents[0].pk, channel="paper").order_by("event_id")
    assert [(row.event_id, row.happened_at) for row in rows] == [(event.pk, happened), (update.pk, update.sent_at)]
    assert entry is not None
    undo(world.grid, event, entry)
    assert facts(update, 1) == facts(event, 1) == [None, None]


@pytest.mark.parametrize("minutes", [-1, 60 * 24])
def test_a_time_that_cannot_be_is_refused(world: World, event: AlertEvent, minutes: int) -> None:
    with pytest.raises(Refusal):
        enter(world.grid, event, Typed(GRID, "1-1", "n", event.sent_at + timedelta(minutes=minutes)))
    assert not PaperEntry.objects.exists()


def test_only_whoever_enters_answers_there_may_type(world: World, event: AlertEvent) -> None:
    with pytest.raises(NotAllowed):
        enter(world.grid, event, Typed(OTHER, "1-1", "n"))
    with pytest.raises(NotAllowed):
        enter(world.approver, event, Typed(GRID, "1-1", "n"))


def test_nothing_readable_enters_nothing(world: World, event: AlertEvent) -> None:
    outcome = enter(world.grid, event, Typed(GRID, "收到 99-1", "n"))
    assert outcome.entry is None
    assert outcome.text == "收到 99-1"
    assert not Receipt.objects.filter(event=event).exists()


def page(client: Client, event: AlertEvent, **form: str) -> str:
    answer = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/enter/", {"nonce": "abc", **form})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_keeps_what_it_refuses_and_lists_what_it_took(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "grid")
    shown = page(client, event, text="1-1 77-1 喂")
    assert "77-1 喂</textarea>" in shown
    assert "<strong>1-1</strong>" in shown
    entry = PaperEntry.objects.get()
    answer = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/entries/{entry.pk}/undo/")
    assert answer.status_code == 302
    assert facts(event, 1) == [None, None]


def test_a_refused_time_keeps_everything_typed(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "grid")
    shown = page(client, event, text="1-1 2-2", at="1999-01-01T00:00")
    assert "1-1 2-2</textarea>" in shown
    assert 'value="1999-01-01T00:00"' in shown


def test_the_page_says_what_it_means_while_it_is_typed(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "grid")
    answer = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/read/", {"text": "1-2 9-9"})
    assert "李＊＊" in answer.content.decode()
    assert not PaperEntry.objects.exists()


def test_the_api_reads_enters_and_undoes(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "grid")
    base = f"/api/v1/alerts/{event.alert.code}"
    body = {"place": GRID, "text": "1-1 x"}
    assert [bool(one["says"]) for one in client.post(f"{base}/paper/read", body, "application/json").json()] == [0, 1]
    made = client.post(f"{base}/paper/answers", body | {"key": "k1"}, "application/json").json()
    assert [one["token"] for one in made["done"]] == ["1-1"]
    assert [one["token"] for one in made["left"]] == ["x"]
    undone = client.post(f"{base}/paper/entries/{made['entry']}/undo?place={GRID}").json()
    assert undone == {"people": 2}


def test_every_entry_is_in_the_trail(world: World, event: AlertEvent) -> None:
    entry = enter(world.grid, event, Typed(GRID, "1-1", "n")).entry
    assert entry is not None
    undo(world.grid, event, entry)
    acts = AuditEntry.objects.filter(action__startswith="alerting.paper").values_list("action", "actor")
    assert list(acts) == [("alerting.paper_entry", world.grid.pk), ("alerting.paper_undone", world.grid.pk)]


def test_an_entry_of_another_sheet_is_not_found_here(world: World, event: AlertEvent) -> None:
    entry = enter(world.grid, event, Typed(GRID, "1-1", "n")).entry
    assert entry is not None
    with pytest.raises(Refusal):
        entering.entry_of(event, VILLAGE, entry.pk)


def test_a_form_that_was_tampered_with_is_a_sentence(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    answer = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/enter/", {"text": "1-1", "nonce": "a\0b"})
    assert answer.status_code in {200, 400}
    assert not PaperEntry.objects.exists()
