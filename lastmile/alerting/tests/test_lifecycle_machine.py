"""Any order of anybody's clicks: nothing is issued without a second pair of eyes, and nothing leaves its end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from lastmile.alerting import drafting
from lastmile.alerting.issue import issue
from lastmile.alerting.lifecycle import PUBLISHED, TABLE
from lastmile.alerting.models import Alert, AlertEvent, Review, State
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel.errors import Refusal
from tests.world import World

PEOPLE = st.sampled_from(["officer", "city", "approver", "township", "village", "neighbour"])


class Machine(RuleBasedStateMachine):
    """People press every button at every moment; refusals are fine, broken rules are not."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.seen: dict[int, State] = {}
        self.frozen: dict[int, object] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(colour=st.integers(1, 4))
    def begin(self, colour: int) -> None:
        self.world = World.build(households=1)
        Desk(self.world).draft(colour=colour)

    def press(self, verb: str, name: str, **more: object) -> None:
        alert = Alert.objects.order_by("-id").first()
        act: Callable[..., object] = issue if verb == "issue" else getattr(drafting, verb)
        with contextlib.suppress(Refusal):
            act(self.world.users[name], alert, **more)

    @rule(name=PEOPLE, verb=st.sampled_from(["submit", "withdraw", "approve", "discard", "copy"]))
    def move(self, name: str, verb: str) -> None:
        self.press(verb, name)

    @rule(name=PEOPLE)
    def send_back(self, name: str) -> None:
        self.press("return_", name, reason="再看看")

    @rule(name=PEOPLE, urgent=st.booleans())
    def send(self, name: str, urgent: bool) -> None:
        self.press("issue", name, urgent=urgent)

    @rule(name=PEOPLE, agrees=st.booleans())
    def judge(self, name: str, agrees: bool) -> None:
        self.press("judge_after", name, agrees=agrees, reason="看过")

    @rule(name=PEOPLE, kind=st.sampled_from(["update", "lift", "cancel"]))
    def follow(self, name: str, kind: str) -> None:
        self.press("follow_up", name, kind=kind, reason="变化")

    @rule(name=PEOPLE)
    def write(self, name: str) -> None:
        self.press("save", name, shelter="小学")

    @invariant()
    def four_eyes(self) -> None:
        for alert in Alert.objects.filter(issued_at__isnull=False, urgent=False):
            assert alert.reviews.filter(decision=Review.Decision.APPROVED, version=alert.version).exists()
        for review in Review.objects.select_related("alert"):
            assert review.actor_id not in review.alert.written_by

    @invariant()
    def ends_stay_ends(self) -> None:
        for alert in Alert.objects.all():
            if self.seen.get(alert.pk) in TABLE.final():
                assert alert.state == self.seen[alert.pk]
            self.seen[alert.pk] = State(alert.state)

    @invariant()
    def frozen_stays_frozen(self) -> None:
        for event in AlertEvent.objects.select_related("alert"):
            assert self.frozen.setdefault(event.pk, event.frozen) == event.frozen
            assert event.alert.state in PUBLISHED
            assert len(event.place) <= 6


@pytest.mark.django_db
def test_no_order_of_clicks_breaks_the_rules() -> None:
    run_state_machine_as_test(Machine, settings=settings(max_examples=8, stateful_step_count=15, deadline=None))
