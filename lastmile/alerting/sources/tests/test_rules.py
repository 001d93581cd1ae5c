"""Issuing by itself takes two people beforehand, a trusted signature, and their roles at the time."""

from __future__ import annotations

import pytest

from lastmile.alerting.models import Alert, AlertEvent, Proposal, Source, SourceRule, State
from lastmile.alerting.sources import actions, rules
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.tests.conftest import Bring
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World


@pytest.fixture
def rule(world: World, source: Source) -> SourceRule:
    made = rules.propose(world.officer, source, colour=1, hazard="", action="issue")
    return rules.confirm(world.approver, made)


def test_a_trusted_red_message_goes_out_by_the_rule(world: World, bring: Bring, rule: SourceRule) -> None:
    bring(samples.alert(1))
    assert rules.run() == 1
    event = AlertEvent.objects.get()
    alert = event.alert
    assert (alert.state, alert.author, alert.issued_by) == (State.ISSUED, world.officer, world.approver)
    assert alert.reviews.get().actor == world.approver
    entry = AuditEntry.objects.get(action="alerting.source_rule_applied")
    assert (entry.object_id, entry.detail["code"]) == (str(rule.pk), alert.code)
    assert Proposal.objects.get().rule == rule


def test_it_goes_out_once(world: World, bring: Bring, rule: SourceRule) -> None:
    bring(samples.alert(1), samples.alert(1))
    assert [rules.run(), rules.run()] == [1, 0]
    bring(samples.alert(1))
    assert (rules.run(), AlertEvent.objects.count()) == (0, 1)


def test_updates_and_the_cancellation_follow_by_themselves(world: World, bring: Bring, rule: SourceRule) -> None:
    first = samples.alert(1)
    second = samples.alert(2, "Update", first, minutes=5)
    for one in (first, second, samples.alert(3, "Cancel", first, second, minutes=9)):
        bring(one)
        assert rules.run() == 1
    assert list(Alert.objects.order_by("pk").values_list("kind", "state")) == [
        ("alert", "updated"),
        ("update", "cancelled"),
        ("cancel", "issued"),
    ]


def test_without_confirmation_nothing_goes_out(world: World, bring: Bring, source: Source) -> None:
    rules.propose(world.officer, source, colour=1, hazard="", action="issue")
    bring(samples.alert(1))
    assert (rules.run(), Alert.objects.count()) == (0, 0)


def test_nobody_confirms_their_own_rule(world: World, source: Source) -> None:
    made = rules.propose(world.officer, source, colour=1, hazard="", action="issue")
    with pytest.raises(NotAllowed):
        rules.confirm(world.officer, made)


@pytest.mark.usefixtures("rule")
def test_an_unsigned_message_is_only_proposed(world: World, bring: Bring, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(unsigned=True)
    source.refresh_from_db()
    bring(samples.alert(1), signed=False)
    assert (rules.run(), Alert.objects.count(), Proposal.objects.get().state) == (0, 0, "open")


@pytest.mark.usefixtures("rule")
def test_another_colour_and_an_exercise_are_only_proposed(world: World, bring: Bring) -> None:
    bring(samples.alert(1, headline="郑州市气象台发布暴雨橙色预警信号"))
    bring(samples.alert(2, status="Exercise"))
    assert (rules.run(), Alert.objects.count(), Proposal.objects.filter(state="open").count()) == (0, 0, 2)


@pytest.mark.usefixtures("rule")
def test_the_rule_of_a_hazard_goes_before_that_of_all(world: World, bring: Bring, source: Source) -> None:
    rules.propose(world.officer, source, colour=1, hazard="rainstorm", action="propose")
    bring(samples.alert(1))
    assert (rules.run(), Alert.objects.count()) == (0, 0)


@pytest.mark.usefixtures("rule")
def test_an_approver_who_lost_the_role_approves_nothing_and_the_page_says_so(world: World, bring: Bring) -> None:
    world.approver.grants.update(ended_at="2026-01-01T00:00:00Z")
    bring(samples.alert(1))
    assert (rules.run(), Alert.objects.count()) == (0, 0)
    proposal = Proposal.objects.get()
    assert proposal.state == "open"
    assert proposal.reason


def test_without_certificates_there_is_nothing_to_trust(world: World, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(anchors="")
    source.refresh_from_db()
    with pytest.raises(Refusal):
        rules.propose(world.officer, source, colour=1, hazard="", action="issue")


def test_other_certificates_end_the_rule(world: World, bring: Bring, source: Source, rule: SourceRule) -> None:
    actions.change(world.system, source, anchors="")
    rule.refresh_from_db()
    assert rule.ended_by == world.system
    bring(samples.alert(1))
    assert rules.run() == 0


def test_a_new_rule_takes_the_place_of_the_old_and_both_stay_readable(
    world: World, source: Source, rule: SourceRule
) -> None:
    rules.propose(world.officer, source, colour=1, hazard="", action="propose")
    assert list(source.rules.order_by("pk").values_list("action", "ended_by")) == [
        ("issue", world.officer.pk),
        ("propose", None),
    ]
