"""What was reached below is known above: exactly, once, in whatever order and however often it comes."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from lastmile.alerting import reported
from lastmile.alerting.cap import keys as cap_keys
from lastmile.alerting.cap.compose import compose
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.signature import State, sign, verify
from lastmile.alerting.coverage import of as coverage_of
from lastmile.alerting.deployments import actions, taking, wire, writing
from lastmile.alerting.deployments.tests.conftest import Line, Pair, rows
from lastmile.alerting.models import (
    Call,
    CallState,
    Deployment,
    DeploymentReceipt,
    Fact,
    ReportedCall,
    ReportedTally,
    Tally,
)
from lastmile.alerting.sources.trust import anchors_of
from lastmile.alerting.tests.conftest import COUNTY, VILLAGE, Desk
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World


def said(pair: Pair) -> tuple[list[Any], list[Any]]:
    return rows(pair.above, ReportedTally), rows(pair.above, ReportedCall)


def heard(pair: Pair) -> tuple[list[Any], list[Any]]:
    return rows(pair.below, ReportedTally), rows(pair.below, ReportedCall)


def test_the_sums_of_every_grid_arrive_as_they_are(pair: Pair) -> None:
    pair.answers(0)
    pair.answers(3, Fact.NEEDS_HELP)
    pair.live()
    assert heard(pair) == said(pair)
    own = Tally.objects.filter(event=pair.county.pk, place__startswith=VILLAGE)
    told = ReportedTally.objects.filter(link=pair.below, place__startswith=VILLAGE)
    fields = ("place", "vulnerable", "people", "delivered", "confirmed", "needs_help", "doors", "doors_confirmed")
    assert set(told.values_list(*fields)) == set(own.values_list(*fields))
    assert sum(told.values_list("confirmed", flat=True)) == 2


def test_no_name_and_no_number_of_anybody_goes_up(pair: Pair) -> None:
    pair.answers(0, Fact.NEEDS_HELP)
    pair.live()
    texts = "".join(DeploymentReceipt.objects.values_list("text", flat=True))
    assert "王宗店村委会" in texts
    for word in ("李村民", "王负责", "100000", "第1户"):
        assert word not in texts


def test_confirmations_of_responsible_posts_arrive(pair: Pair) -> None:
    Call.objects.filter(event=pair.county).update(state=CallState.WAITING)
    one = Call.objects.filter(event=pair.county, place=VILLAGE).get()
    now = clock.now()
    Call.objects.filter(pk=one.pk).update(state=CallState.CONFIRMED, confirmed_at=now)
    pair.live()
    found = ReportedCall.objects.get(link=pair.below, place=VILLAGE)
    assert (found.state, found.confirmed_at, found.relayed_at) == ("confirmed", now, None)
    Call.objects.filter(pk=one.pk).update(state=CallState.DONE, relayed_at=clock.now())
    pair.live()
    found.refresh_from_db()
    assert (found.state, found.relayed_at is not None) == ("done", True)


def test_where_nothing_moved_nothing_is_said(pair: Pair) -> None:
    pair.live()
    first = DeploymentReceipt.objects.filter(link=pair.above).count()
    assert first == 1
    for _again in range(3):
        pair.live()
    assert DeploymentReceipt.objects.filter(link=pair.above).count() == first
    pair.answers(1)
    pair.live()
    text = DeploymentReceipt.objects.filter(link=pair.above).latest("number").text
    assert VILLAGE + "001" in text
    assert VILLAGE + "002" not in text


def test_a_warning_that_is_not_passed_on_is_not_reported(pair: Pair) -> None:
    pair.live()
    before = DeploymentReceipt.objects.count()
    Desk(pair.world).issued(channels=["sms"])
    pair.live()
    assert DeploymentReceipt.objects.count() == before


def test_an_update_of_our_own_is_reported_under_the_message_it_came_from(pair: Pair) -> None:
    pair.live()
    later = Desk(pair.world).follow(pair.county, "update", instruction="立即到小学二楼。\n不要回家。")
    pair.county = later
    pair.answers(0)
    pair.live()
    assert set(ReportedTally.objects.values_list("message", flat=True)) == {pair.city.identifier}
    assert sum(ReportedTally.objects.filter(link=pair.below).values_list("confirmed", flat=True)) == 1
    assert heard(pair) == said(pair)


def test_six_hours_without_a_line_lose_nothing(pair: Pair, line: Line) -> None:
    pair.live()
    line.up = False
    for number in range(6):
        pair.answers(number)
        pair.live(hours=1)
    above = pair.above
    assert above.failures >= 6
    assert 0 < above.number - above.have <= 7
    assert heard(pair) != said(pair)
    line.up = True
    pair.live(minutes=2.5)
    pair.live()
    assert heard(pair) == said(pair)
    above = pair.above
    assert (above.failures, above.error, above.number) == (0, "", above.have)
    assert DeploymentReceipt.objects.filter(link=above, acked_at=None).count() == 0
    assert DeploymentReceipt.objects.filter(link=pair.below).count() == above.number


def test_while_the_line_is_cut_what_waits_stays_small(pair: Pair, line: Line) -> None:
    pair.live()
    line.up = False
    pair.live()
    before = pair.above.number
    for step in range(30):
        pair.answers(step % 12, Fact(4 + step % 6))
        pair.live(seconds=10)
    assert pair.above.number - before <= 2


def test_answers_that_are_lost_make_nothing_twice(pair: Pair, line: Line) -> None:
    line.answers = False
    for number in range(4):
        pair.answers(number)
        pair.live(minutes=6)
    assert DeploymentReceipt.objects.filter(link=pair.below).count() >= 3
    assert pair.above.have == 0
    line.answers = True
    pair.live(minutes=6)
    pair.live()
    numbers = DeploymentReceipt.objects.filter(link=pair.below).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, pair.above.number + 1))
    assert heard(pair) == said(pair)
    assert sum(ReportedTally.objects.filter(link=pair.below).values_list("confirmed", flat=True)) == 4


def written(pair: Pair, line: Line, count: int) -> list[dict[str, Any]]:
    """So many receipts of the county that nobody has got."""
    line.up = False
    for number in range(count):
        pair.answers(number)
        pair.live(minutes=6)
    kept = DeploymentReceipt.objects.filter(link=pair.above).order_by("number")
    return [{"number": one.number, "text": one.text, "signature": one.signature} for one in kept]


def bring(pair: Pair, receipts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The county's request, signed; what the city answers."""
    about = {"uid": pair.below.uid, "at": clock.now().timestamp(), "first": 1, "last": 99, "receipts": receipts}
    body = wire.plain(about | more)
    answer = taking.take(body, wire.sign(wire.own_key(pair.above), wire.REQUEST, body))
    return wire.parsed(answer.body)


@pytest.mark.parametrize("seed", range(5))
def test_any_order_and_any_number_of_times_gives_the_same(pair: Pair, line: Line, seed: int) -> None:
    receipts = written(pair, line, 6)
    chance = random.Random(seed)
    order = receipts * 2
    chance.shuffle(order)
    while order:
        size = chance.randint(1, 4)
        batch, order = order[:size], order[size:]
        told = bring(pair, batch)
    assert told["have"] == len(receipts) == pair.below.have
    assert heard(pair) == said(pair)
    assert DeploymentReceipt.objects.filter(link=pair.below).exclude(refused="").count() == 0


def test_a_gap_is_noticed_and_asked_for_again(pair: Pair, line: Line) -> None:
    receipts = written(pair, line, 4)
    assert bring(pair, [receipts[0], *receipts[2:]])["have"] == 1
    line.up = True
    clock.forward(minutes=3)
    pair.live()
    assert '"number":2' in line.sent[-1].body.decode().replace("\\", "")
    assert pair.below.have == len(receipts)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"message": "nobody's"}, "message"),
        ({"places": [["410181109211001", False, *[1] * 16]]}, "place"),
        ({"calls": [["1", "4101", "负责人", "done", None, None]]}, "place"),
        ({"places": [[VILLAGE, False, *[-1] * 16]]}, "unreadable"),
        ({"places": [[VILLAGE, False, *[2**40] * 16]]}, "unreadable"),
        ({"places": [[VILLAGE, False, 1]]}, "unreadable"),
        ({"places": [[VILLAGE, 1, *[1] * 16]]}, "unreadable"),
        ({"places": "all of them"}, "unreadable"),
        ({"calls": [["1", VILLAGE, "负责人", "asleep", None, None]]}, "unreadable"),
        ({"calls": [["1", VILLAGE, "负责人", "done", "yesterday", None]]}, "unreadable"),
        # forms that Python reads and the database does not, and a year that the database keeps and Python does not
        ({"calls": [["1", VILLAGE, "负责人", "done", "2026-W01-1T00:00:00+00:00", None]]}, "unreadable"),
        ({"calls": [["1", VILLAGE, "负责人", "done", "2026-01-01x00:00:00+00:00", None]]}, "unreadable"),
        ({"calls": [["1", VILLAGE, "负责人", "done", None, "0001-01-01T00:00:00+14:00"]]}, "unreadable"),
        ({"calls": [["1", VILLAGE, "负\0", "done", None, None]]}, "unreadable"),
        ({"number": 7}, "unreadable"),
        ({"names": []}, "unreadable"),
    ],
)
def test_what_a_receipt_may_not_say_is_kept_and_counts_for_nothing(
    pair: Pair, change: dict[str, Any], why: str
) -> None:
    fit = {"number": 1, "message": pair.city.identifier, "places": [], "calls": [], "names": {}}
    text = wire.plain(fit | change)
    signature = wire.sign(wire.own_key(pair.above), wire.RECEIPT, text)
    told = bring(pair, [{"number": 1, "text": text.decode(), "signature": signature}])
    assert told["have"] == 1  # it stops nothing that comes after it
    assert DeploymentReceipt.objects.get(link=pair.below).refused == why
    assert (ReportedTally.objects.filter(link=pair.below).count(), ReportedCall.objects.count()) == (0, 0)


def test_a_receipt_that_somebody_else_has_signed_counts_for_nothing(pair: Pair) -> None:
    text = wire.plain({"number": 1, "message": pair.city.identifier, "places": [], "calls": [], "names": {}})
    signature = wire.sign(wire.new_key(), wire.RECEIPT, text)
    bring(pair, [{"number": 1, "text": text.decode(), "signature": signature}])
    assert DeploymentReceipt.objects.get(link=pair.below).refused == "signature"


@pytest.mark.parametrize(
    "receipts",
    [
        None,
        7,
        [7],
        [{}],
        [{"number": 0, "text": "x"}],
        [{"number": True, "text": "x"}],
        [{"number": 2**63, "text": "x"}],
    ],
)
def test_odd_bodies_are_answered_and_leave_nothing(pair: Pair, receipts: Any) -> None:
    assert bring(pair, receipts, first="x", last=None, at="soon", next=5, knows=[])["have"] == 0
    assert DeploymentReceipt.objects.count() == 0


def test_a_request_without_the_right_key_is_turned_away(pair: Pair) -> None:
    body = wire.plain({"uid": pair.below.uid, "receipts": []})
    for key in (wire.new_key(), wire.own_key(pair.below)):
        with pytest.raises(Refusal) as refused:
            taking.take(body, wire.sign(key, wire.REQUEST, body))
        assert refused.value.status == 403
    for odd in (b"", b"[]", b"\xff", b'{"uid": "\\u0000"}', b'{"uid": 5}'):
        with pytest.raises(Refusal):
            taking.take(odd, "00")


def test_an_acknowledgement_that_the_city_has_not_signed_is_not_believed(
    pair: Pair, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastmile.alerting.deployments.sending import Got

    body = wire.plain({"have": 99, "at": clock.now().timestamp()})
    monkeypatch.setattr(line, "one", lambda asked: Got(200, body, wire.sign(wire.new_key(), wire.ANSWER, body)))
    pair.live()
    assert (pair.above.have, pair.above.failures) == (0, 1)
    assert DeploymentReceipt.objects.filter(acked_at=None).count() == 1


def test_an_old_request_sent_again_is_no_sign_of_life(pair: Pair, line: Line) -> None:
    pair.live()
    old = line.sent[-1]
    seen = pair.below.seen_at
    clock.forward(minutes=20)
    assert line.one(old).status == 200
    assert pair.below.seen_at == seen
    assert reported.health(pair.below).light == "red"


def test_what_was_said_can_not_be_changed(pair: Pair) -> None:
    from django.db import transaction
    from django.db.utils import DatabaseError

    pair.live()
    for link in (pair.above, pair.below):
        with pytest.raises(DatabaseError), transaction.atomic():
            DeploymentReceipt.objects.filter(link=link).update(text="{}")
    with pytest.raises(DatabaseError), transaction.atomic():
        DeploymentReceipt.objects.filter(link=pair.below).delete()
    clock.forward(days=61)
    assert writing.sweep() == DeploymentReceipt.objects.filter(link=pair.below).count()


def test_a_county_restored_from_an_old_copy_says_everything_anew(pair: Pair) -> None:
    for number in range(3):
        pair.answers(number)
        pair.live()
    copy = {"number": 1, "have": 1}
    Deployment.objects.filter(side="above").update(**copy)
    DeploymentReceipt.objects.filter(link=pair.above, number__gt=1).delete()
    ReportedTally.objects.filter(link=pair.above).update(confirmed=0)
    for number in range(3, 5):
        pair.answers(number)
        pair.live()
    pair.live()
    pair.live()
    assert pair.above.have == pair.above.number == 4
    assert heard(pair) == said(pair)
    assert sum(ReportedTally.objects.filter(link=pair.below).values_list("confirmed", flat=True)) == 5


def test_a_city_that_asks_for_what_is_no_longer_there_is_told_everything_anew(pair: Pair) -> None:
    for number in range(3):
        pair.answers(number)
        pair.live()
    clock.forward(days=2)
    DeploymentReceipt.objects.filter(link=pair.above, number__lt=3).delete()
    Deployment.objects.filter(side="below").update(have=0)
    ReportedTally.objects.filter(link=pair.below).delete()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # as a copy that never had them
        cursor.execute("DELETE FROM alerting_deploymentreceipt WHERE link_id = %s", [pair.below.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    Deployment.objects.filter(side="above").update(have=0, due_at=clock.now())
    for _round in range(3):
        pair.live()
    assert pair.below.lost == 2
    assert heard(pair) == said(pair)


def test_keys_change_on_both_sides_while_receipts_flow(pair: Pair, line: Line) -> None:
    before = (wire.own_key(pair.above), wire.own_key(pair.below))
    receipts = written(pair, line, 2)
    actions.rotate(pair.world.system, pair.above)
    actions.rotate(pair.world.system, pair.below)
    line.up = True
    for _round in range(4):
        pair.live(minutes=2)
    after = (wire.own_key(pair.above), wire.own_key(pair.below))
    assert set(before).isdisjoint(after)
    assert pair.below.peer_keys[0] == wire.public_of(after[0])
    assert pair.above.peer_keys[0] == wire.public_of(after[1])
    assert (pair.above.next_key, pair.below.peer_next) == (None, "")
    assert heard(pair) == said(pair)
    assert pair.below.have == len(receipts)
    pair.answers(5)
    pair.live()
    assert heard(pair) == said(pair)
    body = wire.plain({"uid": pair.below.uid})
    with pytest.raises(Refusal):
        taking.take(body, wire.sign(before[0], wire.REQUEST, body))  # the old key opens nothing


def test_a_new_certificate_of_the_city_is_believed_below_beside_the_old_one(pair: Pair, settings: Any) -> None:
    source = pair.above.sources.get()
    before = source.anchors
    pair.live()
    source.refresh_from_db()
    assert source.anchors == before
    settings.CAP_KEY = cap_keys.self_signed("the city, anew")
    for _twice in range(2):
        pair.live(seconds=60)
        source.refresh_from_db()
        assert source.anchors == f"{cap_keys.certificate().strip()}\n{before}"
    signed = read(sign(compose(pair.city.frozen), cap_keys.own())).element
    assert verify(signed, anchors_of(source), clock.now()).state == State.TRUSTED
    assert AuditEntry.objects.filter(action="alerting.deployment_certificate").count() == 1


def test_a_certificate_in_an_answer_that_the_city_has_not_signed_is_not_believed(
    pair: Pair, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pair.above.sources.get().anchors

    def forged(asked: Any) -> Any:
        got = line.post(urlsplit(asked.url).path, asked.body, asked.headers[wire.SIGNATURE])
        told = wire.parsed(got.body) | {"certificate": cap_keys.self_signed("x").partition("KEY-----\n")[2]}
        return replace(got, body=wire.plain(told))

    monkeypatch.setattr(line, "one", forged)
    pair.live(seconds=60)
    assert pair.above.sources.get().anchors == before


def test_the_city_ends_it_and_the_county_stops(pair: Pair) -> None:
    pair.live()
    actions.end(pair.world.system, pair.below)
    pair.answers(1)
    pair.live(minutes=1)
    above = pair.above
    assert (above.state, above.ended_there, above.due_at) == ("ended", True, None)
    assert reported.of(pair.city, COUNTY) == []
    pair.answers(2)
    before = DeploymentReceipt.objects.count()
    pair.live(minutes=1)
    assert DeploymentReceipt.objects.count() == before


def test_the_county_ends_it_and_the_city_learns_of_it(pair: Pair) -> None:
    pair.live()
    actions.end(pair.world.system, pair.above)
    pair.live()
    assert (pair.below.state, pair.below.ended_there) == ("ended", True)
    assert pair.above.due_at is None
    assert pair.above.sources.get().enabled is False


def test_households_count_where_the_city_holds_none_and_nowhere_twice(pair: Pair) -> None:
    pair.answers(0)
    pair.live()
    [found] = reported.of(pair.city, COUNTY)
    assert (found.doors.doors, found.doors.confirmed, found.held.doors) == (6, 1, 0)
    assert {row.code for row in found.rows} >= {VILLAGE[:9]}
    everybody, doors = reported.together(coverage_of(pair.city, COUNTY), [found])
    assert (doors.doors, everybody.confirmed) == (6, 1)
    event, place = pair.city.pk, VILLAGE + "002"
    Tally.objects.create(event=event, place=place, vulnerable=False, people=4, doors=2, doors_delivered=2)
    [found] = reported.of(pair.city, COUNTY)
    assert (found.doors.doors, found.held.doors) == (0, 6)
    _everybody, doors = reported.together(coverage_of(pair.city, COUNTY), [found])
    assert doors.doors == 2


def test_what_was_reported_goes_on_to_the_next_above(pair: Pair, world: World) -> None:
    """A province above the city: the city's own sums and those of the county, as one."""
    pair.answers(0)
    pair.live()
    upper = Deployment.objects.create(
        uid="province", side="above", state="active", name="河南省", place=world.places["4101"],
        url="https://province.example", key=wire.new_key(), created_at=clock.now(),
    )  # fmt: skip
    source = pair.above.sources.get()
    source.pk = None
    source.save()
    upper.sources.add(source)
    from lastmile.alerting.models import Received, Relayed

    received = Received.objects.get()
    received.pk, received.source, received.identifier, received.key = None, source, "M1", "k"
    received.save(force_insert=True)
    Relayed.objects.create(alert=pair.city.alert, received=received)
    Deployment.objects.filter(side="above", name="郑州市").update(state="ended")
    writing.tick()
    said = ReportedTally.objects.filter(link=upper, message="M1")
    assert sum(said.values_list("doors", flat=True)) == 6
    assert ReportedCall.objects.filter(link=upper).count() == ReportedCall.objects.filter(link=pair.below).count() > 0
    assert "王宗店村委会" in DeploymentReceipt.objects.get(link=upper).text


def test_lights_say_how_it_is(pair: Pair, line: Line) -> None:
    pair.live()
    assert (reported.health(pair.above).light, reported.health(pair.below).light) == ("green", "green")
    line.up = False
    pair.live(minutes=5)
    assert (reported.health(pair.above).light, reported.health(pair.below).light) == ("yellow", "yellow")
    pair.live(minutes=15)
    assert (reported.health(pair.above).light, reported.health(pair.below).light) == ("red", "red")
    line.up = True
    pair.live(minutes=3)
    Deployment.objects.update(skew=90)
    assert [reported.health(one).light for one in Deployment.objects.all()] == ["yellow", "yellow"]
