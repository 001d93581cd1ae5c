"""Channel choice as policy: the nearest rule counts, is frozen at issue, and its cost and time are shown before."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting import drafting, policy, target
from lastmile.alerting.accounts import actions as accounts
from lastmile.alerting.audience import Audience
from lastmile.alerting.channels.contract import Capabilities
from lastmile.alerting.models import ChannelRule, Manifest
from lastmile.alerting.tests.conftest import Desk
from lastmile.alerting.ways import actions, preview
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, NotFound, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

ALL = ["sms", "voice", "email", "web"]
DAY, NIGHT = "day", "night"


@pytest.fixture(autouse=True)
def in_service(settings: Any) -> None:
    settings.CHANNELS = ALL


def rule(world: World, place: str = "410182", **changes: Any) -> ChannelRule:
    facts: dict[str, Any] = {"colour": 1, "hazard": "", "when": "any", "channels": ["voice", "sms"], "frail": ""}
    return actions.set_rule(world.approver, world.places[place], **(facts | changes))


def test_without_a_rule_grave_warnings_ring_at_night_and_ring_the_vulnerable() -> None:
    by_day, at_night = (policy._default(1, when) for when in (DAY, NIGHT))
    assert by_day.channels == ("sms", "voice", "email", "web")
    assert at_night.channels == ("voice", "sms", "email", "web")
    assert by_day.frail == at_night.frail == "voice"
    assert policy._default(3, NIGHT) == (("sms", "voice", "email", "web"), "", None)


def test_night_is_from_ten_to_six_in_beijing() -> None:
    def at(hour: int) -> str:
        return policy.time_of_day(datetime(2026, 7, 20, hour, tzinfo=clock.BEIJING))

    assert [at(hour) for hour in (5, 6, 21, 22, 0)] == [NIGHT, DAY, DAY, NIGHT, NIGHT]


def test_the_nearest_place_counts_then_the_hazard_then_the_time(world: World) -> None:
    ChannelRule.objects.create(
        place=world.places["4101"], **_facts({"channels": ["email"], "hazard": "flood", "when": NIGHT})
    )
    rule(world, channels=["sms"])
    rule(world, channels=["sms", "email"], when=NIGHT)
    rule(world, channels=["voice"], hazard="flood")
    found = {
        (hazard, when): policy.choose("410182", hazard, 1, when).channels
        for hazard in ("flood", "rainstorm")
        for when in (DAY, NIGHT)
    }
    assert found == {
        ("flood", DAY): ("voice",),
        ("flood", NIGHT): ("voice",),
        ("rainstorm", DAY): ("sms",),
        ("rainstorm", NIGHT): ("sms", "email"),
    }
    assert policy.choose("4101", "flood", 1, NIGHT).channels == ("email",)
    assert policy.choose("410181", "rainstorm", 1, DAY).source is None


def _facts(changes: dict[str, Any]) -> dict[str, Any]:
    return {"colour": 1, "hazard": "", "when": "any", "frail": "", **changes}


def test_a_rule_whose_channels_are_gone_stops_no_warning(world: World, settings: Any) -> None:
    rule(world, channels=["voice"], frail="voice")
    settings.CHANNELS = ["sms"]
    assert policy.choose("410182", "flood", 1).channels == ("sms",)
    assert policy.choose("410182", "flood", 1).frail == ""


def test_a_new_draft_begins_with_the_rule_and_a_changed_rule_changes_no_running_warning(
    world: World, desk: Desk
) -> None:
    rule(world, channels=["voice", "sms", "web"], frail="voice")
    draft = desk.draft(channels=["voice", "sms", "web"])
    fresh = drafting.create_draft(world.officer, world.places["410182"], hazard="flood", colour=1)
    assert fresh.channels == ["voice", "sms", "web"]
    assert draft.channels == fresh.channels
    event = desk.issued(channels=["sms", "voice"])
    assert event.frozen["frail"] == "voice"
    actions.set_rule(world.approver, world.places["410182"], **_facts({"channels": ["sms"]}))
    event.refresh_from_db()
    assert event.frozen["frail"] == "voice"


def test_the_vulnerable_are_rung_and_others_get_a_message(world: World, desk: Desk) -> None:
    rule(world, channels=["sms", "voice"], frail="voice")
    event = desk.issued(channels=["sms", "voice"])
    told = {row.channel: set(row.person_ids) for row in Manifest.objects.filter(event=event)}
    frail = {one.pk for one in world.residents if one.vulnerable}
    assert frail
    assert told["voice"]
    assert told["voice"] <= frail
    assert not told["sms"] & frail


def test_a_warning_without_that_channel_tells_the_vulnerable_as_everybody(world: World, desk: Desk) -> None:
    rule(world, channels=["sms", "voice"], frail="voice")
    event = desk.issued(channels=["sms", "email"])
    assert "voice" not in {row.channel for row in Manifest.objects.filter(event=event)}


def test_who_keeps_no_rules_and_what_makes_no_sense_is_refused(world: World) -> None:
    with pytest.raises(NotAllowed):
        actions.set_rule(world.approver, world.places["410181"], **_facts({"channels": ["sms"]}))
    refused: tuple[dict[str, Any], ...] = (
        {"channels": []},
        {"channels": ["pigeon"]},
        {"channels": ["sms"], "frail": "voice"},
        {"channels": ["email"], "frail": "email"},
        {"channels": ["sms"], "when": "noon"},
    )
    for odd in refused:
        with pytest.raises(Refusal):
            actions.set_rule(world.approver, world.places["410182"], **_facts(odd))
    with pytest.raises(NotFound):
        actions.drop_rule(world.approver, world.places["410182"], 4711)
    assert not ChannelRule.objects.exists()


def test_people_cost_and_time_before_it_goes_out(world: World, desk: Desk, settings: Any) -> None:
    settings.PRICES = {"sms": "0.05", "voice": "0.1"}
    alert = desk.in_review(channels=["sms", "voice", "web"])
    estimate = target.estimate(Audience.parse(alert.audience), alert.channels, "410182", "voice")
    plan = preview.plan(alert, estimate)
    ways = {way.channel: way for way in plan.ways}
    assert set(ways) == {"sms", "voice"}
    assert {name: way.people for name, way in ways.items()} == estimate.by_channel
    assert ways["sms"].yuan == Decimal("0.05") * ways["sms"].parts * ways["sms"].people
    assert ways["voice"].yuan == Decimal("0.1") * ways["voice"].people
    assert plan.yuan == ways["sms"].yuan + ways["voice"].yuan
    assert len(plan.everybody) == 1
    raw = {"name": "荥阳移动", "price": "0.2", "per": "message", "url": "https://sms.example.cn/batch", "secret": "s"}
    accounts.add(world.system, world.places["410182"], "sms", "sms", raw)
    by_account = {way.account: way for way in preview.plan(alert, estimate).ways if way.channel == "sms"}
    assert set(by_account) == {"荥阳移动", ""}  # a post of the city above is told by the installation's account
    assert by_account["荥阳移动"].yuan == Decimal("0.2") * by_account["荥阳移动"].people
    assert sum(way.people for way in by_account.values()) == ways["sms"].people


def test_how_long_it_takes_is_the_far_sides_rate_or_unknown() -> None:
    assert preview._seconds(Capabilities("phone", per_second=10), 100, 2, 0, 0) == 20
    assert preview._seconds(Capabilities("phone", lines=5), 50, 1, 0, 0) == 10 * preview.RINGING
    assert preview._seconds(Capabilities("phone"), 50, 1, 0, 25) == 2
    assert preview._seconds(Capabilities("phone"), 50, 1, 0, 0) is None
    assert [preview.lasts(span) for span in (None, 5, 600, 9_000)] == ["不详", "不到一分钟", "约 10 分钟", "约 2 小时"]


def test_the_page_shows_what_holds_writes_a_rule_and_drops_it(client: Client, world: World, desk: Desk) -> None:
    world.login(client, "approver")
    assert "默认" in client.get("/alerts/ways/").content.decode()
    typed = {
        "place": "410182",
        "colour": "1",
        "hazard": "",
        "when": "night",
        "channels": ["voice", "", "sms"],
        "frail": "voice",
    }
    assert client.post("/alerts/ways/", typed).status_code == 302
    only = ChannelRule.objects.get()
    assert (only.channels, only.when, only.frail) == (["voice", "sms"], "night", "voice")
    refused = client.post("/alerts/ways/", {**typed, "channels": [""]})
    assert refused.status_code == 422
    assert "至少选择一个" in refused.content.decode()
    assert client.post("/alerts/ways/", {**typed, "place": "410181"}).status_code == 404
    assert client.post("/alerts/ways/", {"place": "410182", "drop": str(only.pk)}).status_code == 302
    assert client.post("/alerts/ways/", {"place": "410182", "drop": "x"}).status_code == 404
    assert not ChannelRule.objects.exists()
    reach = client.get(f"/alerts/{desk.in_review().code}/reach/").content.decode()
    assert "走哪个渠道" in reach


def test_programs_read_what_holds(client: Client, world: World) -> None:
    rule(world, channels=["voice", "sms"], frail="voice", when=NIGHT)
    world.login(client, "officer")
    rows = client.get("/api/v1/channel-rules?place=410182").json()
    assert len(rows) == 8
    night = next(row for row in rows if (row["colour"], row["when"]) == (1, NIGHT))
    assert night == {"colour": 1, "when": NIGHT, "channels": ["voice", "sms"], "frail": "voice", "source": "410182"}
    assert client.get("/api/v1/channel-rules?place=999").status_code == 404
    assert client.get("/api/v1/channel-rules").status_code == 422
    assert client.get("/api/v1/channel-rules?place=41%00").status_code == 422
    client.logout()
    assert client.get("/api/v1/channel-rules?place=410182").status_code == 401


WISH = {"colour": 1, "hazard": "flood", "when": "night", "channels": ["voice", "sms"], "frail": "voice"}
RULES = "/api/v1/places/410182/channel-rules"


def test_a_program_writes_a_rule_and_drops_it(client: Client, world: World) -> None:
    world.login(client, "approver")
    made = client.put(RULES, WISH, content_type="application/json").json()
    assert client.put(RULES, WISH | {"channels": ["voice"]}, content_type="application/json").json()["id"] == made["id"]
    assert client.get(RULES).json() == [made | {"channels": ["voice"]}]
    assert policy.choose("410182", "flood", 1, NIGHT).channels == ("voice",)
    assert client.delete(f"{RULES}/{made['id']}").status_code == 204
    assert client.get(RULES).json() == []
    assert client.delete(f"{RULES}/{made['id']}").status_code == 404
    acts = AuditEntry.objects.filter(action__startswith="alerting.channel_rule").values_list("action", flat=True)
    assert sorted(acts) == ["alerting.channel_rule"] * 2 + ["alerting.channel_rule_dropped"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"channels": []}, 422),
        ({"channels": ["pigeon"]}, 422),
        ({"channels": ["sms"] * 21}, 422),
        ({"frail": "email"}, 422),
        ({"frail": "\0"}, 400),
        ({"hazard": "\0"}, 400),
        ({"hazard": "dragons"}, 404),
        ({"when": "noon"}, 422),
        ({"colour": 9}, 422),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(
    client: Client, world: World, changes: dict[str, Any], status: int
) -> None:
    world.login(client, "approver")
    answer = client.put(RULES, WISH | changes, content_type="application/json")
    assert answer.status_code == status
    assert answer.json()["title"]
    assert not ChannelRule.objects.exists()


def test_rules_are_written_by_those_who_keep_them_for_cities_and_counties(client: Client, world: World) -> None:
    for login, status in (("officer", 403), ("village", 403)):
        world.login(client, login)
        assert client.put(RULES, WISH, content_type="application/json").status_code == status
        assert client.get(RULES).status_code == status
    world.login(client, "approver")
    for place in ("410181", "4101", "410182109", "99"):
        address = f"/api/v1/places/{place}/channel-rules"
        assert client.put(address, WISH, content_type="application/json").status_code == 404
    assert not ChannelRule.objects.exists()


def test_an_update_by_day_of_a_warning_of_the_night_writes_again_unless_a_person_chose(
    world: World, desk: Desk
) -> None:
    with clock.frozen(datetime(2026, 7, 20, 23, tzinfo=clock.BEIJING)):
        place, officer = world.places["410182"], world.officer
        ruled = drafting.create_draft(officer, place, hazard="rainstorm", colour=1)
        ringing = ["voice", "sms", "email", "web"]
        assert ruled.channels == ringing
        times = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(hours=24)}
        left, chosen = (desk.issued(channels=names, **times) for names in (ringing, ["voice", "web"]))

        clock.forward(hours=9)
        updates = [drafting.follow_up(officer, event.alert, "update", reason="雨在下") for event in (left, chosen)]
        lifted = desk.issued(channels=ringing, **times)
        end = drafting.follow_up(officer, lifted.alert, "lift", reason="雨停了")

    assert [one.channels for one in updates] == [["sms", "voice", "email", "web"], ["voice", "web"]]
    assert end.channels == ringing  # whoever was told by telephone hears the end there
