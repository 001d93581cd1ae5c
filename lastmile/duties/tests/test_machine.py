"""Whatever people tap in whatever order, an obligation is open or closed, never both, and its history says how."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lastmile.duties import actions, escalation
from lastmile.duties.models import Obligation, Reached
from lastmile.duties.tests.conftest import GRID, VILLAGE, Office
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from tests.world import World

VERBS = ["done", "not_applicable", "problem", "undo", "accept", "snooze", "delegate", "hand_over", "withdraw", "tick"]
CLOSED = {"done", "not_applicable", "problem", "withdrawn"}


class Machine(TestCase):
    office: Office

    @classmethod
    def setUpTestData(cls) -> None:
        cls.office = Office(World.build())

    def do(self, verb: str, owed: Obligation) -> None:
        user, office = self.office.world.village, self.office
        steps: dict[str, Any] = {
            "done": lambda: actions.done(user, owed),
            "not_applicable": lambda: actions.not_applicable(user, owed, words="空房"),
            "problem": lambda: actions.problem(user, owed, "堵了"),
            "undo": lambda: actions.undo(user, owed),
            "accept": lambda: actions.accept(user, owed),
            "snooze": lambda: actions.snooze(user, owed, until=clock.now() + timedelta(hours=1), reason="等材料"),
            "delegate": lambda: actions.delegate(
                user, owed, office.world.staff[GRID], until=clock.now() + timedelta(days=1)
            ),
            "hand_over": lambda: actions.hand_over(user, owed, post=office.post(GRID)),
            "withdraw": lambda: actions.withdraw(owed.kind, owed.key, actor=user),
            "tick": escalation.tick,
        }
        with suppress(Refusal), transaction.atomic():  # a refused tap changes nothing
            steps[verb]()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 2000)), max_size=8))
    def test_it_holds_together(self, steps: list[tuple[str, int]]) -> None:
        offset = clock._offset
        try:
            owed = self.office.task("核对名单", VILLAGE, key=str(uuid4()))
            for verb, minutes in steps:
                clock.forward(minutes=minutes)
                self.do(verb, owed)
                owed.refresh_from_db()
                self.check(owed)
        finally:
            clock._offset = offset

    def check(self, owed: Obligation) -> None:
        whats = list(owed.events.values_list("what", flat=True))
        moves = [what for what in whats if what in CLOSED | {"undone"}]
        assert whats[0] == "opened"
        assert owed.is_open == (not moves or moves[-1] == "undone")
        assert owed.is_open or owed.next_at is None
        assert all(one != other for one, other in pairwise(moves))
        assert owed.step <= len(owed.policy["steps"])
        assert (owed.superior_id is not None) == (owed.reached == Reached.SUPERIOR)
        assert len(set(owed.climbed)) == len(owed.climbed)
