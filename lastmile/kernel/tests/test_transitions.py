"""State moves by one conditional UPDATE: never twice, never along a way the table does not have."""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import Any

import pytest
from django.db import connection, models
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lastmile.kernel.errors import Conflict
from lastmile.kernel.transitions import Transitions


class S(StrEnum):
    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"
    ISSUED = "issued"
    GONE = "gone"


TABLE: Transitions[S] = Transitions(
    {
        S.DRAFT: {S.REVIEW, S.GONE},
        S.REVIEW: {S.DRAFT, S.APPROVED},
        S.APPROVED: {S.ISSUED, S.GONE},
        S.ISSUED: set(),
        S.GONE: set(),
    }
)


class Thing(models.Model):
    """A table of these tests."""

    id = models.AutoField(primary_key=True)
    state = models.CharField(max_length=10, default=S.DRAFT)
    moves = models.IntegerField(default=0)

    class Meta:
        app_label = "kernel_tests"
        managed = False
        db_table = "kernel_thing"


MAKE = "CREATE TABLE IF NOT EXISTS kernel_thing (id serial PRIMARY KEY, state varchar(10), moves int)"


@pytest.fixture
def table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MAKE)


class Moves(RuleBasedStateMachine):
    """Two readers hold the same row; each may try any move at any time, with what it believes the state to be."""

    def __init__(self) -> None:
        super().__init__()
        row = Thing._default_manager.create()
        self.hands = [Thing._default_manager.get(pk=row.pk), Thing._default_manager.get(pk=row.pk)]
        self.model, self.moves = S.DRAFT, 0

    @rule(hand=st.integers(0, 1), to=st.sampled_from(S))
    def advance(self, hand: int, to: S) -> None:
        if TABLE.allows(self.model, to):
            TABLE.advance(self.hands[hand], to, moves=models.F("moves") + 1)
            self.model, self.moves = to, self.moves + 1
        else:
            with pytest.raises(Conflict):
                TABLE.advance(self.hands[hand], to, moves=models.F("moves") + 1)
        assert self.hands[hand].state == self.model

    @invariant()
    def the_row_is_where_the_table_allows(self) -> None:
        row = Thing._default_manager.get(pk=self.hands[0].pk)
        assert (row.state, row.moves) == (self.model, self.moves)


@pytest.mark.django_db
def test_any_sequence_of_moves_by_two_hands_follows_the_table(table: None) -> None:
    calm = settings(max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Moves, settings=calm)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_moves_the_row(table: None) -> None:
    row = Thing._default_manager.create()
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def move() -> None:
        mine = Thing._default_manager.get(pk=row.pk)
        start.wait()
        try:
            TABLE.advance(mine, S.REVIEW, moves=models.F("moves") + 1)
            outcomes.append("moved")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=move) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE kernel_thing")
    assert sorted(outcomes) == ["conflict"] * 5 + ["moved"]
    assert (row.state, row.moves) == (S.REVIEW, 1)


@pytest.mark.django_db
def test_a_refused_move_changes_nothing_and_says_where_it_stands(table: None) -> None:
    row = Thing._default_manager.create(state=S.ISSUED)
    with pytest.raises(Conflict) as caught:
        TABLE.advance(row, S.DRAFT, moves=9)
    assert "issued" in str(caught.value.says)
    assert caught.value.status == 409
    assert row.moves == 0


def test_the_table_answers_questions() -> None:
    assert TABLE.final() == [S.ISSUED, S.GONE]
    assert TABLE.sources(S.GONE) == [S.DRAFT, S.APPROVED]
    assert not TABLE.allows(S.GONE, S.DRAFT)


def test_every_move_is_allowed_from_exactly_its_sources() -> None:
    pairs: list[tuple[Any, Any]] = [(one, other) for one in S for other in S]
    assert all(TABLE.allows(one, other) == (one in TABLE.sources(other)) for one, other in pairs)
