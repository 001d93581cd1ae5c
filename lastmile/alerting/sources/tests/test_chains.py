"""Any order, any repetition: the same message holds, the same is asked for, and never two warnings come of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from lastmile.alerting.cap.model import Alert as CapAlert
from lastmile.alerting.models import Alert, AlertEvent, Proposal, Source, State
from lastmile.alerting.sources import chains, rules, store
from lastmile.alerting.sources.reading import read_messages
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.trust import anchors_of
from tests.world import World

NOON = datetime(2026, 7, 20, 4, tzinfo=UTC)


def message(number: int, kind: str, *refers: int, minutes: int | None = None) -> CapAlert:
    """The number is its identifier and, in minutes, its time; it refers to messages by number."""
    at = NOON + timedelta(minutes=number if minutes is None else minutes)
    named = [f"{samples.SENDER},{one},{samples.time(at=NOON + timedelta(minutes=one))}" for one in refers]
    return CapAlert(
        identifier=str(number),
        sender=samples.SENDER,
        sent=samples.time(at=at),
        msgType=kind,
        references=" ".join(named) or None,
    )


def link(alert: CapAlert, pk: int = 0, *, trusted: bool = True) -> chains.Link:
    at = datetime.fromisoformat(alert.sent or "")
    names = (chains.own(alert, 1), chains.refers(alert, 1))
    return chains.Link(pk, *names, at, alert.msgType or "", trusted, alert.identifier or "")


@st.composite
def histories(draw: st.DrawFn) -> list[CapAlert]:
    """A warning, and then updates and cancellations, each of which refers to some earlier ones."""
    found = [message(1, "Alert")]
    for number in range(2, draw(st.integers(2, 6)) + 1):
        before = draw(st.lists(st.integers(1, number - 1), min_size=1, max_size=2, unique=True))
        found.append(message(number, draw(st.sampled_from(["Update", "Cancel"])), *before))
    return found


@given(histories(), st.data())
def test_which_message_holds_does_not_depend_on_the_order(history: list[CapAlert], data: st.DataObject) -> None:
    links = [link(one, pk) for pk, one in enumerate(history)]
    held = chains.holds(links)
    again = data.draw(st.permutations([*links, *data.draw(st.lists(st.sampled_from(links), max_size=4))]))
    assert held is not None
    assert chains.holds(again) == held
    assert held.identifier == history[-1].identifier  # the last one always refers to an earlier one


def test_the_last_update_of_an_update_holds() -> None:
    links = [link(one) for one in (message(1, "Alert"), message(2, "Update", 1), message(3, "Update", 2))]
    assert chains.holds(links) == links[2]


def test_an_update_with_an_earlier_clock_still_replaces_what_it_names() -> None:
    first, late = message(5, "Alert"), message(6, "Update", 5, minutes=1)
    assert chains.holds([link(first), link(late)]) == link(late)


def test_a_message_that_names_itself_holds_until_its_identifier_comes_again_later() -> None:
    first = message(7, "Update", 7)
    later = message(7, "Update", 7, minutes=9)
    assert chains.holds([link(later), link(first)]) == link(later)


def test_a_bare_identifier_is_a_name_inside_one_source_only() -> None:
    alert = CapAlert(identifier="1", sender="a", sent=samples.time(at=NOON), references="0")
    assert chains.refers(alert, 1) & chains.refers(alert, 2) == frozenset()
    before = CapAlert(identifier="0", sender="b", sent=samples.time(at=NOON))
    assert chains.refers(alert, 1) & chains.own(before, 1)


def test_one_moment_in_two_spellings_is_one_message() -> None:
    one = CapAlert(identifier="1", sender="a", sent="2026-07-20T12:00:00+08:00")
    other = CapAlert(identifier="1", sender="a", sent="2026-07-20T04:00:00-00:00")
    assert chains.key(one) == chains.key(other)


def test_nobody_unknown_replaces_what_is_trusted() -> None:
    first, forged = link(message(1, "Alert")), link(message(2, "Cancel", 1), trusted=False)
    assert chains.holds([first, forged]) == first
    assert chains.holds([link(message(1, "Alert"), trusted=False), forged]) == forged


@st.composite
def arrivals(draw: st.DrawFn) -> list[int]:
    """Three messages in any order, and some of them again, anywhere."""
    again = draw(st.lists(st.integers(0, 2), max_size=3))
    return draw(st.permutations([0, 1, 2, *again]))


Come = Callable[[int], None]


@pytest.fixture(params=["Update", "Cancel"])
def last(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def come(source: Source, last: str) -> Come:
    """The nth message comes in: a warning, its update, and the last word."""
    first = samples.alert(1)
    second = samples.alert(2, "Update", first, minutes=5)
    whole = [first, second, samples.alert(3, last, first, second, minutes=9)]
    read = [read_messages(samples.xml(one), anchors_of(source)) for one in whole]

    def come(number: int) -> None:
        store.take_in(source, read[number])

    return come


def in_any_order(check: Callable[[list[int]], None]) -> None:
    """Each example starts from the same city."""

    @settings(max_examples=25, deadline=None, database=None)
    @given(arrivals())
    def run(order: list[int]) -> None:
        with transaction.atomic():
            check(order)
            transaction.set_rollback(True)

    run()


@pytest.mark.django_db
def test_the_proposal_is_the_same(come: Come, last: str) -> None:
    def check(order: list[int]) -> None:
        for number in order:
            come(number)
        proposal = Proposal.objects.get(into=None)
        assert proposal.head is not None
        assert proposal.head.identifier.endswith("_3")
        assert (proposal.state, proposal.wanted) == (("open", "alert") if last == "Update" else ("idle", ""))

    in_any_order(check)


@pytest.mark.django_db
def test_what_is_in_force_is_the_same_where_a_rule_issues_in_between(
    world: World, source: Source, come: Come, last: str
) -> None:
    rules.confirm(world.approver, rules.propose(world.officer, source, colour=1, hazard="", action="issue"))

    def check(order: list[int]) -> None:
        for number in order:
            come(number)
            rules.run()
        running = Alert.objects.filter(state=State.ISSUED).exclude(kind="cancel").values_list("headline", flat=True)
        assert [text[-1] for text in running] == ([] if last == "Cancel" else ["3"])
        made = list(AlertEvent.objects.exclude(alert__kind="cancel").values_list("alert__headline", flat=True))
        assert len(made) == len(set(made))  # never two warnings of one message

    in_any_order(check)
