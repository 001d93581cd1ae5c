"""What came in is proposed once, follows its chain, and is issued on the usual way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from lastmile.alerting import drafting
from lastmile.alerting.cap.model import Alert as CapAlert
from lastmile.alerting.cap.model import Area
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Alert, AlertEvent, Proposal, Received, Source, State
from lastmile.alerting.sources import deciding, proposing
from lastmile.alerting.sources.tests import samples
from lastmile.alerting.sources.tests.conftest import Bring
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from tests.world import World


@pytest.fixture
def first(world: World) -> CapAlert:
    return samples.alert(1)


def only() -> Proposal:
    return Proposal.objects.get(into=None)


def taken(world: World, proposal: Proposal) -> Alert:
    assert proposal.head_id is not None
    made = deciding.take(world.officer, proposal, proposal.head_id)
    assert made is not None
    return made


def sent(world: World, draft: Alert) -> AlertEvent:
    assert deciding.hand_in(world.officer, draft) == ""
    draft.refresh_from_db()
    return issue(world.officer, drafting.approve(world.approver, draft))


def owed() -> list[str]:
    return list(Obligation.objects.filter(kind=proposing.KIND.name, closed_at=None).values_list("title", flat=True))


def test_a_message_is_proposed_and_owed_by_the_duty_post(world: World, bring: Bring, first: CapAlert) -> None:
    (one,) = bring(first)
    assert (one.refused, one.signature, one.colour, one.hazard) == ("", "trusted", 1, "rainstorm")
    proposal = only()
    assert (proposal.state, proposal.wanted, proposal.place_id) == ("open", "alert", "410182")
    (title,) = owed()
    assert "暴雨红色预警" in title


def test_the_same_message_comes_in_once(world: World, bring: Bring, first: CapAlert) -> None:
    assert len(bring(first, first)) == 1
    assert Received.objects.count() == Proposal.objects.count() == 1


def test_it_becomes_a_draft_that_an_approver_approves(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    draft = taken(world, only())
    assert draft.headline == "郑州市气象台发布暴雨红色预警信号1"
    assert (draft.colour, draft.issuers, draft.audience["places"]) == (1, ["郑州市气象台"], ["410182109211"])
    assert draft.ends_at is not None
    event = sent(world, draft)
    assert event.frozen["texts"]["zh"]["instruction"].startswith("立即离开河沟")
    assert owed() == []


def test_the_officer_can_not_approve_it(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    draft = taken(world, only())
    deciding.hand_in(world.officer, draft)
    with pytest.raises(NotAllowed):
        drafting.approve(world.officer, draft)


def test_nobody_takes_it_over_twice(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    taken(world, only())
    with pytest.raises(Conflict):
        taken(world, only())
    assert Alert.objects.count() == 1


def test_an_update_is_proposed_as_update_of_what_was_issued(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    event = sent(world, taken(world, only()))
    bring(samples.alert(2, "Update", first, minutes=5))
    proposal = only()
    assert (proposal.state, proposal.wanted) == ("open", "update")
    draft = taken(world, proposal)
    assert draft.replaces == event.alert
    sent(world, draft)
    event.alert.refresh_from_db()
    assert event.alert.state == State.UPDATED


def test_a_cancellation_takes_back_what_was_issued(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    event = sent(world, taken(world, only()))
    bring(samples.alert(3, "Cancel", first, minutes=9, info={}))
    assert only().wanted == "cancel"
    sent(world, taken(world, only()))
    event.alert.refresh_from_db()
    assert event.alert.state == State.CANCELLED


def test_an_all_clear_lifts_it(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    event = sent(world, taken(world, only()))
    bring(samples.alert(3, "Cancel", first, minutes=9, over=True))
    assert only().wanted == "lift"
    sent(world, taken(world, only()))
    event.alert.refresh_from_db()
    assert event.alert.state == State.LIFTED


def test_a_cancellation_of_what_nobody_issued_asks_for_nothing(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first, samples.alert(3, "Cancel", first, minutes=9))
    assert (only().state, owed()) == ("idle", [])


def test_an_update_overtakes_a_draft_that_waits(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    draft = taken(world, only())
    deciding.hand_in(world.officer, draft)
    bring(samples.alert(2, "Update", first, minutes=5))
    newer = taken(world, only())
    draft.refresh_from_db()
    assert (draft.state, newer.state, newer.headline[-1]) == (State.DISCARDED, State.DRAFT, "2")


def test_a_cancellation_puts_a_draft_away(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    draft = taken(world, only())
    bring(samples.alert(3, "Cancel", first, minutes=9))
    proposal = only()
    assert proposal.wanted == "drop"
    assert proposal.head_id is not None
    assert deciding.take(world.officer, proposal, proposal.head_id) is None
    draft.refresh_from_db()
    assert draft.state == State.DISCARDED


def test_an_update_that_comes_first_is_proposed_and_the_warning_does_not_go_back_behind_it(
    world: World, bring: Bring, first: CapAlert
) -> None:
    bring(samples.alert(2, "Update", first, minutes=5))
    assert only().wanted == "alert"
    sent(world, taken(world, only()))
    bring(first)
    assert (only().state, owed(), AlertEvent.objects.count()) == ("taken", [], 1)


def test_two_chains_become_one_when_the_message_between_them_comes(world: World, bring: Bring, first: CapAlert) -> None:
    second = samples.alert(2, "Update", first, minutes=5)
    third = samples.alert(4, "Update", second, minutes=9)
    bring(first, third)
    assert (Proposal.objects.filter(into=None).count(), len(owed())) == (2, 2)
    bring(second)
    proposal = only()
    assert proposal.head is not None
    assert proposal.head.identifier.endswith("_4")
    assert len(owed()) == 1


def test_dismissing_needs_a_reason_and_holds_until_something_newer_comes(
    world: World, bring: Bring, first: CapAlert
) -> None:
    bring(first)
    proposal = only()
    assert proposal.head_id is not None
    with pytest.raises(Refusal):
        deciding.dismiss(world.officer, proposal, proposal.head_id, reason=" ")
    deciding.dismiss(world.officer, proposal, proposal.head_id, reason="县里已经发过")
    bring(first)
    assert (only().state, owed()) == ("dismissed", [])
    bring(samples.alert(2, "Update", first, minutes=5))
    assert only().state == "open"


def test_what_was_read_must_be_what_holds(world: World, bring: Bring, first: CapAlert) -> None:
    (one,) = bring(first)
    bring(samples.alert(2, "Update", first, minutes=5))
    with pytest.raises(Conflict):
        deciding.take(world.officer, only(), one.pk)


def test_who_serves_elsewhere_may_not_decide(world: World, bring: Bring, first: CapAlert) -> None:
    (one,) = bring(first)
    with pytest.raises(NotAllowed):
        deciding.take(world.neighbour, only(), one.pk)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "Test"}, "status"),
        ({"msgType": "Ack"}, "kind"),
        ({"identifier": None}, "nameless"),
        ({"area": (Area(areaDesc="开封市", geocode=(samples.code("410202"),)),)}, "elsewhere"),
        ({"area": ()}, "nowhere"),
    ],
)
def test_what_is_not_for_us_is_kept_and_not_proposed(
    world: World, bring: Bring, changes: dict[str, Any], why: str
) -> None:
    (one,) = bring(samples.alert(1, **changes))
    assert one.refused == why
    assert (Proposal.objects.count(), owed()) == (0, [])


def test_unsigned_is_proposed_only_where_the_source_may(world: World, bring: Bring, first: CapAlert) -> None:
    (one,) = bring(first, signed=False)
    assert (one.refused, Proposal.objects.count()) == ("unsigned", 0)
    (other,) = bring(first, signed=False, by=samples.source(unsigned=True))
    assert (other.refused, other.signature) == ("", "unsigned")


def test_a_message_changed_on_the_way_is_never_proposed(world: World, source: Source, first: CapAlert) -> None:
    from lastmile.alerting.sources import store
    from lastmile.alerting.sources.reading import read_messages
    from lastmile.alerting.sources.trust import anchors_of

    source.unsigned = True
    forged = samples.xml(first).replace("王宗店".encode(), "李宗店".encode())
    (one,) = store.take_in(source, read_messages(forged, anchors_of(source)))
    assert one.refused == "broken"


def test_what_nobody_vouches_for_replaces_nothing_trusted(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    lax = samples.source(unsigned=True)
    bring(samples.alert(9, "Cancel", first, minutes=5), signed=False, by=lax)
    proposal = only()
    assert proposal.head is not None
    assert (proposal.head.kind, proposal.wanted) == ("Alert", "alert")


def test_the_same_message_from_two_sources_is_one_proposal(world: World, bring: Bring, first: CapAlert) -> None:
    bring(first)
    taken(world, only())
    bring(first, by=samples.source())
    assert (Received.objects.count(), Proposal.objects.count(), only().state) == (2, 1, "taken")


def test_what_has_run_out_is_owed_no_more(world: World, bring: Bring) -> None:
    bring(samples.alert(1))
    clock.forward(hours=7)
    assert proposing.refresh() == 1
    assert (only().state, owed()) == ("idle", [])


def test_a_message_stays_as_it_came(world: World, bring: Bring, first: CapAlert) -> None:
    (one,) = bring(first)
    with pytest.raises(DatabaseError, match="stays as it came"), transaction.atomic():
        Received.objects.filter(pk=one.pk).update(headline="x")
    with pytest.raises(DatabaseError, match="stays as it came"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM alerting_received WHERE id = %s", [one.pk])
