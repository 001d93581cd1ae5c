"""Two systems are paired by a code that is read out: it opens one link once and never leaves the house."""

from __future__ import annotations

import pytest

from lastmile.alerting.deployments import pairing, sending, wire
from lastmile.alerting.deployments.sending import Got
from lastmile.alerting.deployments.tests.conftest import Line
from lastmile.alerting.models import Deployment, Source
from lastmile.alerting.tests.conftest import COUNTY
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

URL = "https://city.example"


def invited(world: World) -> str:
    return pairing.invite(world.system, world.places[COUNTY], name="荥阳市")[1]


def joined(world: World, code: str) -> Deployment:
    link = pairing.join(world.system, world.places[COUNTY], url=URL, code=code, name="郑州市")
    sending.tick()
    link.refresh_from_db()
    return link


def test_both_know_the_other_afterwards(world: World, line: Line) -> None:
    above = joined(world, invited(world))
    below = Deployment.objects.get(side="below")
    assert (above.state, below.state) == ("active", "active")
    assert above.peer_keys == [wire.public_of(wire.own_key(below))]
    assert below.peer_keys == [wire.public_of(wire.own_key(above))]
    assert wire.own_key(above) != wire.own_key(below)
    assert AuditEntry.objects.filter(action="alerting.deployment_paired").count() == 2


def test_the_warnings_of_the_city_come_in_by_a_source_that_believes_the_city_alone(world: World, line: Line) -> None:
    source = joined(world, invited(world)).sources.get()
    assert (source.kind, source.place_id, source.unsigned) == ("feed", COUNTY, False)
    assert source.url == f"{URL}/w/feed.atom?place={COUNTY}&ended=1"
    assert source.anchors.count("BEGIN CERTIFICATE") == 1


def test_the_code_never_goes_over_the_line(world: World, line: Line) -> None:
    code = invited(world)
    joined(world, code)
    secret = wire.typed(code)[1]
    assert line.sent
    assert all(secret not in str((one.body, one.headers)) for one in line.sent)


def test_the_code_is_gone_as_soon_as_it_has_done_its_work(world: World, line: Line) -> None:
    above = joined(world, invited(world))
    assert above.code is None
    clock.forward(seconds=1)
    sending.tick()
    assert Deployment.objects.get(side="below").code is None


def test_a_lost_answer_is_asked_for_again_and_makes_no_second_link(world: World, line: Line) -> None:
    line.answers = False
    above = joined(world, invited(world))
    assert (above.state, above.failures) == ("joining", 1)
    line.answers = True
    clock.forward(seconds=15)
    sending.tick()
    above.refresh_from_db()
    assert (above.state, Source.objects.count(), Deployment.objects.count()) == ("active", 1, 2)


def test_a_code_that_was_used_opens_nothing_for_another(world: World, line: Line) -> None:
    code = invited(world)
    joined(world, code)
    Deployment.objects.filter(side="above").delete()
    again = joined(world, code)
    assert (again.state, again.sources.count()) == ("ended", 0)
    assert "409" in again.error


@pytest.mark.parametrize("harm", ["mistyped", "too late"])
def test_a_code_that_does_not_hold_ends_the_attempt_in_words(world: World, line: Line, harm: str) -> None:
    code = invited(world)
    if harm == "too late":
        clock.forward(hours=25)
    else:
        last = "b" if code[-1] == "a" else "a"
        code = code[:-1] + last
    link = joined(world, code)
    assert (link.state, link.sources.count()) == ("ended", 0)
    assert "403" in link.error
    assert Deployment.objects.get(side="below").state == "invited"


@pytest.mark.parametrize("code", ["", "abc", "0000-0000-0000-0000-0000-0000-0000-0000", "中" * 32, "a" * 33])
def test_what_is_no_code_is_refused_at_once(world: World, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        pairing.join(world.system, world.places[COUNTY], url=URL, code=code)
    assert "code" in refused.value.fields


def test_a_code_may_be_typed_with_gaps_and_capitals(world: World, line: Line) -> None:
    assert joined(world, invited(world).upper().replace("-", " ")).state == "active"


def test_whoever_answers_without_the_code_is_not_believed(
    world: World, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = wire.plain({"key": wire.public_of(wire.new_key()), "feed": "/evil", "certificate": ""})
    monkeypatch.setattr(line, "one", lambda asked: Got(200, body, wire.prove("guess", wire.PAIRED, body)))
    link = joined(world, invited(world))
    assert (link.state, link.peer_keys, Source.objects.count()) == ("joining", [], 0)
    assert link.error


def test_one_place_is_answered_for_by_one_system(world: World) -> None:
    invited(world)
    for code in (COUNTY, "4101"):
        with pytest.raises(Refusal) as refused:
            pairing.invite(world.system, world.places[code], name="别的系统")
        assert refused.value.status == 409
    pairing.invite(world.system, world.places["410181"], name="巩义市")
    clock.forward(hours=25)
    pairing.invite(world.system, world.places[COUNTY], name="荥阳市")
    assert set(Deployment.objects.exclude(state="ended").values_list("place", flat=True)) == {COUNTY}


def test_only_whoever_runs_the_system_pairs_it(world: World) -> None:
    for name in ("officer", "approver", "village"):
        with pytest.raises(NotAllowed):
            pairing.invite(world.users[name], world.places[COUNTY], name="荥阳市")
    with pytest.raises(Refusal):
        pairing.invite(world.system, world.places["410182109"], name="崔庙镇")


def test_a_pairing_that_nobody_answers_is_given_up_after_a_day(world: World, line: Line) -> None:
    line.up = False
    link = joined(world, invited(world))
    assert link.state == "joining"
    clock.forward(hours=25)
    sending.tick()
    link.refresh_from_db()
    assert (link.state, link.due_at) == ("ended", None)
