"""Who may move a warning where: four eyes, county and above, the urgent path, nothing edited after issue."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from lastmile.alerting import drafting, lifecycle
from lastmile.alerting.issue import issue
from lastmile.alerting.lifecycle import TABLE
from lastmile.alerting.models import Alert, ApprovalRule, Review, State
from lastmile.alerting.tests.conftest import CONTENT, Desk
from lastmile.community.accounts.actions import create_user, grant
from lastmile.community.accounts.roles import Role
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry


def test_every_end_is_an_end() -> None:
    ends = {State.UPDATED, State.LIFTED, State.CANCELLED, State.EXPIRED, State.DISCARDED}
    assert set(TABLE.final()) == ends


def test_a_warning_goes_from_draft_through_review_to_issue(desk: Desk) -> None:
    event = desk.issued()
    alert = event.alert
    assert (alert.state, alert.issued_by, alert.urgent) == (State.ISSUED, desk.world.officer, False)
    acts = AuditEntry.objects.filter(object_type="alerting.alert").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["alerting.draft", "alerting.submit", "alerting.approved", "alerting.issue"]


def test_it_refuses_own_approval(desk: Desk) -> None:
    grant(desk.world.officer, Role.APPROVER, desk.world.places["410182"], by=None)
    alert = desk.in_review()
    with pytest.raises(NotAllowed):
        drafting.approve(desk.world.officer, alert)
    alert.refresh_from_db()
    assert alert.state == State.REVIEW


def test_whoever_wrote_in_it_does_not_approve_it(desk: Desk) -> None:
    second = create_user("both", "correct horse 48", name="b", role=Role.APPROVER, place=desk.world.places["410182"])
    grant(second, Role.DUTY_OFFICER, desk.world.places["410182"], by=None)
    alert = drafting.submit(desk.world.officer, drafting.save(second, desk.draft(), shelter="小学"))
    with pytest.raises(NotAllowed):
        drafting.approve(second, alert)


@pytest.mark.parametrize("name", ["township", "village", "grid", "auditor", "system", "neighbour"])
def test_below_the_county_and_next_door_nobody_drafts_approves_or_issues(desk: Desk, name: str) -> None:
    person = desk.world.users[name]
    waiting, ready = desk.in_review(), desk.approved()
    with pytest.raises(NotAllowed):
        drafting.create_draft(person, desk.world.places["410182"], hazard="flood", colour=1)
    with pytest.raises(NotAllowed):
        drafting.approve(person, waiting)
    with pytest.raises(NotAllowed):
        issue(person, ready)
    with pytest.raises(NotAllowed):
        issue(person, desk.draft(), urgent=True)


@pytest.mark.parametrize("code", ["410182109", "410182109211", "410182109211001"])
def test_no_permission_lets_a_township_or_village_issue(desk: Desk, code: str) -> None:
    """Not even for the county's own officer, not even when the row was written past the form."""
    place = desk.world.places[code]
    with pytest.raises(NotAllowed):
        drafting.create_draft(desk.world.officer, place, hazard="flood", colour=1, **CONTENT)
    alert = desk.approved()
    forged = Alert.objects.create(
        code="forged",
        place=place,
        state=State.APPROVED,
        hazard="flood",
        colour=1,
        author=desk.world.officer,
        created_at=clock.now(),
        changed_at=clock.now(),
        ends_at=alert.ends_at,
        starts_at=alert.starts_at,
        **CONTENT,
    )
    for urgent in (False, True):
        with pytest.raises(NotAllowed):
            issue(desk.world.officer, forged, urgent=urgent)


def test_a_returned_warning_comes_back_with_its_reason_and_is_submitted_again(desk: Desk) -> None:
    alert = desk.in_review()
    with pytest.raises(Refusal):
        drafting.return_(desk.world.approver, alert, reason=" ")
    drafting.return_(desk.world.approver, alert, reason="没写去哪里")
    alert = drafting.save(desk.world.officer, alert, shelter="小学二楼")
    assert drafting.submit(desk.world.officer, alert).state == State.REVIEW
    assert alert.reviews.get().reason == "没写去哪里"


def test_the_approver_approves_only_the_version_that_was_read(desk: Desk) -> None:
    alert = desk.in_review()
    drafting.withdraw(desk.world.officer, alert)
    drafting.submit(desk.world.officer, drafting.save(desk.world.officer, alert, shelter="别处"))
    with pytest.raises(Conflict):
        drafting.approve(desk.world.approver, alert, version=1)


def test_two_people_saving_do_not_overwrite_each_other(desk: Desk) -> None:
    alert = desk.draft()
    drafting.save(desk.world.officer, alert, version=1, shelter="一")
    with pytest.raises(Conflict):
        drafting.save(desk.world.city, alert, version=1, shelter="二")
    alert.refresh_from_db()
    assert alert.shelter == "一"


def test_a_draft_without_the_required_facts_is_not_submitted(desk: Desk) -> None:
    alert = desk.draft(instruction="", issuers=[])
    with pytest.raises(Refusal) as refused:
        drafting.submit(desk.world.officer, alert)
    assert {"instruction", "issuers"} <= set(refused.value.fields)


def test_without_approval_it_is_not_issued_but_urgently_it_is_and_says_so(desk: Desk) -> None:
    alert = desk.draft()
    with pytest.raises(Refusal):
        issue(desk.world.officer, alert)
    event = issue(desk.world.officer, alert, urgent=True)
    assert event.frozen["urgent"] is True
    assert lifecycle.pending_after(event.alert)
    drafting.judge_after(desk.world.approver, event.alert, agrees=True)
    assert not lifecycle.pending_after(event.alert)
    with pytest.raises(Conflict):
        drafting.judge_after(desk.world.approver, event.alert, agrees=False, reason="晚了")


def test_who_issued_urgently_does_not_approve_it_afterwards(desk: Desk) -> None:
    event = issue(desk.world.approver, desk.draft(), urgent=True)
    with pytest.raises(NotAllowed):
        drafting.judge_after(desk.world.approver, event.alert, agrees=True)


def test_an_objection_after_the_fact_needs_a_reason_and_leaves_the_warning_in_force(desk: Desk) -> None:
    event = issue(desk.world.officer, desk.draft(), urgent=True)
    with pytest.raises(Refusal):
        drafting.judge_after(desk.world.approver, event.alert, agrees=False)
    review = drafting.judge_after(desk.world.approver, event.alert, agrees=False, reason="范围过大")
    event.alert.refresh_from_db()
    assert (review.decision, event.alert.state) == (Review.Decision.OBJECTED_AFTER, State.ISSUED)


def test_yellow_has_no_urgent_path_unless_a_rule_opens_it(desk: Desk) -> None:
    alert = desk.draft(colour=3)
    with pytest.raises(NotAllowed):
        issue(desk.world.officer, alert, urgent=True)
    county = desk.world.places["410182"]
    ApprovalRule.objects.create(place=county, colour=3, approver_place=county, urgent_allowed=True)
    assert issue(desk.world.officer, alert, urgent=True).alert.urgent


def test_a_rule_of_the_city_asks_for_the_citys_approver(desk: Desk) -> None:
    city = desk.world.places["4101"]
    ApprovalRule.objects.create(place=city, colour=1, approver_place=city)
    leader = create_user("leader", "correct horse 48", name="l", role=Role.APPROVER, place=city)
    alert = desk.in_review()
    with pytest.raises(NotAllowed):
        drafting.approve(desk.world.approver, alert)
    assert drafting.approve(leader, alert).state == State.APPROVED


def test_the_nearest_rule_wins(desk: Desk) -> None:
    city, county = desk.world.places["4101"], desk.world.places["410182"]
    ApprovalRule.objects.create(place=city, colour=1, approver_place=city)
    ApprovalRule.objects.create(place=county, colour=1, approver_place=county)
    assert lifecycle.rule_for("410182", 1).place == "410182"
    assert lifecycle.rule_for("410181", 1).place == "4101"


def test_the_database_itself_refuses_to_edit_what_has_been_issued(desk: Desk) -> None:
    event = desk.issued()
    changes: list[dict[str, Any]] = [{"instruction": "别的"}, {"audience": {}}, {"colour": 4}]
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            Alert.objects.filter(pk=event.alert_id).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(event).objects.filter(pk=event.pk).update(frozen={})
    with pytest.raises(Conflict):
        drafting.save(desk.world.officer, event.alert, instruction="别的")


def test_what_is_in_review_can_not_be_edited(desk: Desk) -> None:
    alert = desk.in_review()
    with pytest.raises(Conflict):
        drafting.save(desk.world.officer, alert, shelter="别处")
    assert drafting.withdraw(desk.world.officer, alert).state == State.DRAFT


def test_an_approval_is_void_after_taking_it_back(desk: Desk) -> None:
    alert = drafting.withdraw(desk.world.officer, desk.approved())
    with pytest.raises(Refusal):
        issue(desk.world.officer, alert)


def test_a_discarded_draft_stays_and_moves_no_more(desk: Desk) -> None:
    alert = drafting.discard(desk.world.officer, desk.draft())
    with pytest.raises(Conflict):
        drafting.submit(desk.world.officer, alert)
    assert Alert.objects.filter(pk=alert.pk, state=State.DISCARDED).exists()


def test_a_copy_is_a_new_draft_with_the_same_words_and_a_new_time(desk: Desk) -> None:
    event = desk.issued()
    clock.forward(hours=30)
    copied = drafting.copy(desk.world.officer, event.alert)
    assert (copied.state, copied.instruction) == (State.DRAFT, event.alert.instruction)
    assert copied.ends_at is not None
    assert copied.ends_at > clock.now()
