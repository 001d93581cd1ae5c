"""Pages, API, radar and reachability test: the silent one is on top and named, one tap plays again or stops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting.channels.mqtt.protocol import Do, Stage
from lastmile.alerting.models import AlertEvent, Play, PlayKind, PlayState
from lastmile.alerting.readiness import plans, rounds
from lastmile.alerting.terminals import figures, hearing
from lastmile.alerting.terminals.tests.horns import BESIDE, DAY, NIGHT, VILLAGE, beat, horn, played, report, told
from lastmile.alerting.tests.conftest import Desk
from lastmile.duties import gaps
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
COUNTY = "410182"


@pytest.fixture(autouse=True)
def _day(settings: Any) -> Iterator[None]:
    settings.CHANNELS, settings.SPEECH = ["mqtt", "null"], "none"
    with clock.frozen(DAY):
        yield


@pytest.fixture
def event(desk: Desk) -> AlertEvent:
    """Played at the first loudspeaker; the second stays silent and has no contact."""
    first = horn(spot="村委会楼顶")
    horn("WZD-02", VILLAGE + "001", spot="小学门口")
    ends = {"ends_at": clock.now() + timedelta(hours=6), "starts_at": clock.now()}
    made = desk.issued(channels=["mqtt"], **ends)
    played(first, dict(told())["WZD-01"].id, 87.0)
    hearing.take([beat(first)])
    return made


def url(event: AlertEvent, act: str = "", place: str = VILLAGE) -> str:
    return f"/alerts/{event.alert.code}/loudspeakers/{place}/{act}"


def test_the_silent_one_is_on_top_and_named(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "township")
    page = client.get(url(event)).content.decode()
    assert page.index("小学门口") < page.index("村委会楼顶")
    assert "87" in page
    assert [one.terminal.code for one in figures.in_warning(event, COUNTY)] == ["WZD-02", "WZD-01"]
    rows = figures.by_place("410182109", 12, event)
    assert [(row.code, row.told, row.played, row.silent) for row in rows] == [(VILLAGE, 2, 1, 1)]
    assert client.get(f"/alerts/{event.alert.code}/loudspeakers/").status_code == 200
    assert client.get(url(event, "live/")).status_code == 200


def test_a_list_goes_on_on_the_next_page_and_nobody_silent_is_lost(
    client: Client, desk: Desk, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures.here, "__defaults__", (1, 1))
    monkeypatch.setattr(figures.in_warning, "__defaults__", (1, 1))
    desk.world.login(client, "township")
    first, second = (client.get(f"{url(event)}?page={page}").content.decode() for page in (1, 2))
    assert "小学门口" in first
    assert "村委会楼顶" not in first
    assert "page=2" in first
    assert "村委会楼顶" in second
    assert "小学门口" not in second
    assert "page=1" in second
    assert "村委会楼顶" in client.get(f"{url(event, 'live/')}?page=2").content.decode()
    everything = client.get(f"/loudspeakers/?place={VILLAGE}&page=2").content.decode()
    assert f"?place={VILLAGE}&amp;page=1" in everything
    for odd in ("0", "-1", "x", "9" * 30):
        assert client.get(f"/loudspeakers/?page={odd}").status_code == 200


def test_a_program_that_counts_up_comes_to_an_end(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "township")
    for address in (
        f"/api/v1/terminals/states?place={VILLAGE}",
        f"/api/v1/alerts/{event.alert.code}/terminals/{VILLAGE}",
    ):
        joined = "&" if "?" in address else "?"
        assert len(client.get(address).json()) == 2
        assert client.get(f"{address}{joined}page=2").json() == []
        assert client.get(f"{address}{joined}page=0").status_code in (400, 422)


def test_play_again_is_one_tap_for_one_or_for_all(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "township")
    one = Play.objects.get(terminal__code="WZD-01")
    client.post(url(event, "again/"), {"play": one.pk})
    assert [code for code, _command in told()] == ["WZD-01"]
    client.post(url(event, "again/"))
    assert {code for code, _command in told()} == {"WZD-01", "WZD-02"}
    assert AuditEntry.objects.filter(action="alerting.terminals_again").count() == 2


def test_stop_silences_and_repeats_no_more(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "township")
    client.post(url(event, "stop/"))
    assert {command.do for _code, command in told()} == {Do.STOP}
    clock.forward(hours=1)
    assert [command for _code, command in told() if command.do is not Do.STOP] == []
    assert set(Play.objects.exclude(kind=PlayKind.STOP).values_list("state", flat=True)) == {PlayState.STOPPED}


def test_odd_taps_are_no_fault_of_ours(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "township")
    for play in ("x", "-1", "9" * 30, "²", str(Play.objects.latest("pk").pk + 99)):
        assert client.post(url(event, "stop/"), {"play": play}).status_code == 302
    event.closed_at = clock.now()
    event.save()
    assert client.post(url(event, "again/")).status_code == 409
    desk.world.login(client, "village")
    assert client.post(url(event, "stop/")).status_code == 403
    desk.world.login(client, "neighbour")
    assert client.get(url(event)).status_code == 404
    desk.world.login(client, "officer")
    assert client.get("/loudspeakers/?place=nothing").status_code == 404


def test_the_general_page_tells_who_has_contact(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "officer")
    page = client.get("/loudspeakers/").content.decode()
    assert page.index("小学门口") < page.index("村委会楼顶")
    assert [one.online for one in figures.here(VILLAGE)] == [False, True]
    clock.forward(minutes=3)
    assert [one.online for one in figures.here(VILLAGE)] == [False, False]
    assert event


def test_a_test_is_played_by_day_only_and_quietly(client: Client, desk: Desk) -> None:
    terminal = horn(quietest=20)
    desk.world.login(client, "village")
    link = f"/loudspeakers/{terminal.pk}/test/"
    with clock.frozen(NIGHT):
        assert client.post(link).status_code == 400
        assert not Play.objects.exists()
    assert client.post(link).status_code == 302
    ((_code, command),) = told()
    assert (command.test, command.volume, command.repeats) == (True, 20, 1)
    assert "测试" in command.text
    assert client.post(link).status_code == 409
    played(terminal, command.id, 9.0)
    assert client.get(f"/loudspeakers/{terminal.pk}/").status_code == 200
    desk.world.login(client, "grid")
    assert client.post(link).status_code in (403, 404)


def test_programs_see_and_do_the_same(client: Client, desk: Desk, event: AlertEvent) -> None:
    desk.world.login(client, "township")
    api = f"/api/v1/alerts/{event.alert.code}/terminals/{VILLAGE}"
    rows = client.get(api).json()
    assert [(row["code"], row["rounds"], row["seconds"]) for row in rows] == [("WZD-02", 0, 0), ("WZD-01", 1, 87)]
    assert client.get(f"/api/v1/terminals/states?place={VILLAGE}").json()[1]["online"] is True
    assert client.get("/api/v1/terminals/states?place=abc").status_code == 422
    assert client.post(f"{api}/again").json() == {"terminals": 2}
    assert client.post(f"{api}/stop").json() == {"terminals": 2}
    pk = Play.objects.filter(terminal__code="WZD-01").first().terminal_id  # type: ignore[union-attr]  # there
    assert client.post(f"/api/v1/terminals/{pk}/test").json() == {"terminals": 1}


def test_the_radar_knows_the_lost_one_and_the_village_without(desk: Desk, event: AlertEvent) -> None:
    clock.forward(hours=25)
    hearing.take([beat(Play.objects.filter(terminal__code="WZD-01")[0].terminal)])
    assert [one.code for one in gaps.found(gaps.get("terminal_offline"))] == ["WZD-02"]
    without = {place.pk for place in gaps.found(gaps.get("village_without_terminal"))}
    assert BESIDE in without
    assert VILLAGE not in without
    assert not {code for code in without if not code.startswith(COUNTY)}  # elsewhere nobody has any
    assert event
    assert desk


def test_the_weekly_round_plays_a_test_once_by_day_and_its_result_is_shown(client: Client, desk: Desk) -> None:
    first, second = horn(), horn("WZD-02")
    plans.start(desk.world.officer, desk.world.places[COUNTY], whom="all", share=50, from_hour=9, to_hour=17)
    with clock.frozen(NIGHT):
        rounds.tick()
        assert not Play.objects.exists()
    rounds.tick()
    rounds.tick()
    commands = dict(told())
    assert set(commands) == {"WZD-01", "WZD-02"}
    played(first, commands["WZD-01"].id)
    hearing.take([report(second, commands["WZD-02"].id, Stage.FAILED, reason="amplifier")])
    sums = figures.tests(COUNTY, clock.now() - timedelta(days=1))
    assert sums == {"asked": 2, "played": 1, "failed": 1, "silent": 0, "waiting": 0}
    desk.world.login(client, "officer")
    assert "/loudspeakers/?place=410182" in client.get(f"/readiness/{COUNTY}/").content.decode()
    clock.forward(days=1)
    rounds.tick()
    assert Play.objects.count() == 2


def test_no_test_is_played_while_a_warning_is_in_force(desk: Desk, event: AlertEvent) -> None:
    plans.start(desk.world.officer, desk.world.places[COUNTY], whom="all", share=50, from_hour=9, to_hour=17)
    rounds.tick()
    assert not Play.objects.filter(kind=PlayKind.TEST).exists()
    assert event
