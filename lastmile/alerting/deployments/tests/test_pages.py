"""Pages, API and command of the links: what is shown, to whom, and what is said to what can't be done."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from lastmile.alerting import report, report_files, watchdog
from lastmile.alerting.deployments import actions, wire
from lastmile.alerting.deployments.tests.conftest import Line, Pair
from lastmile.alerting.models import Deployment, Fact, Standstill
from lastmile.alerting.tests.conftest import COUNTY, VILLAGE
from lastmile.kernel import clock
from lastmile.site import doctor
from tests.world import World


def test_an_empty_system_stands_alone(world: World, client: Client) -> None:
    world.login(client, "system")
    assert "本系统独立运行" in client.get(reverse("deployments:listing")).content.decode()


def test_a_code_is_made_on_the_page_and_shown_once(world: World, client: Client) -> None:
    world.login(client, "system")
    made = client.post(reverse("deployments:invite"), {"invite-name": "荥阳市", "place": COUNTY})
    link = Deployment.objects.get()
    code = wire.shown(link.uid, wire.code_of(link))
    assert code in made.content.decode()
    again = client.get(reverse("deployments:page", args=[link.pk])).content.decode()
    assert code not in again
    assert link.uid not in again


def test_two_systems_are_paired_by_page(world: World, client: Client, line: Line) -> None:
    from lastmile.alerting.deployments import sending

    world.login(client, "system")
    client.post(reverse("deployments:invite"), {"invite-name": "荥阳市", "place": COUNTY})
    below = Deployment.objects.get()
    typed = {"url": "https://city.example", "code": wire.shown(below.uid, wire.code_of(below)), "name": "郑州市"}
    answer = client.post(reverse("deployments:join"), {**typed, "place": COUNTY}, follow=True)
    assert answer.status_code == 200
    sending.tick()
    page = client.get(reverse("deployments:page", args=[Deployment.objects.get(side="above").pk])).content.decode()
    assert "连接正常" in page
    assert wire.fingerprint(wire.public_of(wire.own_key(below))) in page


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({"url": "https://city.example", "code": "abc", "name": "郑州市"}, 400, "这不是对接码"),
        ({"url": "ftp://city.example", "code": "a" * 32, "name": "郑州市"}, 422, "ftp"),
        ({"url": "http://127.0.0.1:80", "code": "a" * 32, "name": "郑州市"}, 422, "127.0.0.1"),
        ({"url": "", "code": "", "name": ""}, 422, ""),
        ({"url": "x" * 500, "code": "a" * 200, "name": "y" * 200}, 422, ""),
    ],
)
def test_what_is_typed_wrong_stays_and_is_explained(
    world: World, client: Client, given: dict[str, str], status: int, says: str
) -> None:
    world.login(client, "system")
    answer = client.post(reverse("deployments:join"), {**given, "place": COUNTY})
    assert answer.status_code == status
    assert says in answer.content.decode()
    assert given["url"] in answer.content.decode()
    assert Deployment.objects.count() == 0


def test_a_place_elsewhere_and_a_step_that_is_none_are_not_found(world: World, client: Client, pair: Pair) -> None:
    world.login(client, "system")
    for place in ("", "99", "410182109", "4101\0"):
        form = {"invite-name": "某县", "place": place}
        assert client.post(reverse("deployments:invite"), form).status_code == 404
    assert client.post(reverse("deployments:act", args=[pair.below.pk, "dance"])).status_code == 404
    assert client.post(reverse("deployments:act", args=[pair.below.pk, "speak"])).status_code == 409
    assert client.get(reverse("deployments:page", args=[2**40])).status_code == 404


def test_officers_see_links_and_change_none(world: World, client: Client, pair: Pair) -> None:
    world.login(client, "officer")
    page = client.get(reverse("deployments:page", args=[pair.below.pk])).content.decode()
    assert "终止对接" not in page
    for verb in ("end", "key", "speak"):
        assert client.post(reverse("deployments:act", args=[pair.below.pk, verb])).status_code == 403
    world.login(client, "neighbour")
    assert client.get(reverse("deployments:page", args=[pair.below.pk])).status_code == 404
    world.login(client, "village")
    assert client.get(reverse("deployments:listing")).status_code == 403
    assert Deployment.objects.filter(state="active").count() == 2


def test_the_page_ends_a_link(world: World, client: Client, pair: Pair) -> None:
    world.login(client, "system")
    client.post(reverse("deployments:act", args=[pair.below.pk, "key"]))
    assert pair.below.next_key
    client.post(reverse("deployments:act", args=[pair.below.pk, "end"]))
    assert pair.below.state == "ended"
    assert client.post(reverse("deployments:act", args=[pair.below.pk, "end"])).status_code == 409
    assert client.post(reverse("deployments:act", args=[pair.below.pk, "key"])).status_code == 409


def test_the_coverage_page_shows_households_that_are_not_held_here(world: World, client: Client, pair: Pair) -> None:
    world.login(client, "city")
    url = reverse("answers:coverage", args=[pair.city.alert.code])
    assert "对方还没有转发这条预警" in client.get(url).content.decode()
    pair.answers(0)
    pair.answers(4, Fact.NEEDS_HELP)
    pair.live()
    clock.forward(minutes=2)
    page = client.get(url).content.decode()
    assert "下级系统上报" in page
    assert "与本系统合计" in page
    assert "最近回执 2 分钟前" in page.replace("\xa0", " ")
    assert "对方还没有转发" not in page


def test_one_goes_down_to_the_grid_in_what_was_reported(world: World, client: Client, pair: Pair) -> None:
    pair.answers(0)
    pair.live()
    world.login(client, "city")
    url = reverse("deployments:reported", args=[pair.city.alert.code, pair.below.pk])
    for place, below in ((COUNTY, "崔庙镇"), (VILLAGE[:9], "王宗店村委会"), (VILLAGE, "第1网格")):
        page = client.get(url, {"place": place}).content.decode()
        assert below in page
        assert "负责人" in page
    grid = client.get(url, {"place": VILLAGE + "001"}).content.decode()
    assert "3 户" in grid
    for place in ("4101", "410181", "x", "41018\0", "410182109211001999"):
        assert client.get(url, {"place": place}).status_code in (404, 400)
    world.login(client, "village")
    assert client.get(url, {"place": VILLAGE}).status_code == 200
    assert client.get(url, {"place": "410182109205"}).status_code == 404


def test_programs_read_what_was_reported(world: World, client: Client, pair: Pair) -> None:
    pair.answers(0)
    pair.live()
    world.login(client, "city")
    said = client.get(f"/api/v1/alerts/{pair.city.alert.code}/coverage").json()["reported"]
    assert said["links"][0]["households"]["doors"] == 6
    assert said["links"][0]["posts"]["all"] == 4
    assert said["together"]["households"]["confirmed"] == 1


def test_programs_pair_and_end(world: World, client: Client) -> None:
    world.login(client, "system")
    post: dict[str, Any] = {"content_type": "application/json"}
    made = client.post("/api/v1/deployments/invite", {"name": "荥阳市", "place": COUNTY}, **post)
    assert (made.status_code, len(made.json()["code"])) == (201, 39)
    assert client.get("/api/v1/deployments").json()[0]["code"] == ""
    key = made.json()["id"]
    assert client.post(f"/api/v1/deployments/{key}/key", {}, **post).status_code == 409
    assert client.post(f"/api/v1/deployments/{key}/end", {}, **post).json()["state"] == "ended"
    bad = {"place": COUNTY, "url": "https://c.example", "code": "x"}
    assert client.post("/api/v1/deployments/join", bad, **post).status_code == 400
    world.login(client, "officer")
    assert client.post("/api/v1/deployments/invite", {"name": "x", "place": COUNTY}, **post).status_code == 403


def test_the_report_names_what_was_reported(pair: Pair) -> None:
    pair.answers(0)
    pair.live()
    made = report.build(pair.city, COUNTY)
    titles = {title: rows for title, _head, rows in report_files.tables(made)}
    rows = titles["下级系统上报"]
    assert [row[:2] for row in rows] == [["荥阳市", 6], ["与本系统合计", 6]]
    assert report_files.pdf(made).startswith(b"%PDF")


def test_silence_is_a_finding_of_the_watchdog_and_of_the_doctor(pair: Pair, line: Line) -> None:
    pair.live()
    watchdog.look()
    assert not Standstill.objects.filter(kind="deployment").exists()
    line.up = False
    pair.live(minutes=20)
    watchdog.look()
    assert Standstill.objects.filter(kind="deployment", ended_at=None).count() == 2
    found = {one.says: one.ok for one in doctor.deployments()}
    assert found == {"荥阳市: 长时间没有联系": False, "郑州市: 长时间没有联系": False}
    line.up = True
    pair.live(minutes=3)
    watchdog.look()
    assert not Standstill.objects.filter(kind="deployment", ended_at=None).exists()
    assert all(one.ok for one in doctor.deployments())


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("deployments", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_pairs_lists_and_ends(world: World, line: Line) -> None:
    code = command("invite", COUNTY, "荥阳市").splitlines()[0]
    assert "郑州市: 连接正常" in command("join", COUNTY, "https://city.example", code, "--name", "郑州市")
    assert len(command("list").splitlines()) == 2
    below = Deployment.objects.get(side="below")
    assert command("end", str(below.pk)).strip() == "已终止。"
    for wrong in (("invite", "999999", "x"), ("join", COUNTY, "https://c.example", "abc"), ("end", "999")):
        with pytest.raises(CommandError):
            command(*wrong)


def test_strangers_get_a_sentence_at_both_doors(world: World, client: Client) -> None:
    for name in ("deployments:pair", "deployments:receipts"):
        for body in (b"", b"{}", b"[1]", b"\xff\xfe", b'{"uid": "\\u0000"}'):
            answer = client.post(reverse(name), body, content_type="application/json")
            assert answer.status_code in (403, 429)
            assert answer.json()["says"]
        assert client.get(reverse(name)).status_code == 405


def test_pairing_can_not_be_guessed_at_speed(world: World, client: Client) -> None:
    for _try in range(12):
        answer = client.post(reverse("deployments:pair"), b"{}", content_type="application/json")
    assert answer.status_code == 429


def test_ending_is_noted(pair: Pair) -> None:
    from lastmile.kernel.models import AuditEntry

    actions.end(pair.world.system, pair.below)
    entry = AuditEntry.objects.get(action="alerting.deployment_ended")
    assert (entry.place, entry.detail["by"]) == (COUNTY, "us")
