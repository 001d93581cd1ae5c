"""One click prints: who may, what is noted, what stands on it, and that it is destroyed."""

from __future__ import annotations

import io
import re
import zlib

import pytest
from django.test import Client

from lastmile.alerting import on_duty
from lastmile.alerting.models import AlertEvent, PaperPrint
from lastmile.alerting.paper import printing, sheets
from lastmile.alerting.paper.drawing import Drawing, Head
from lastmile.alerting.paper.sheets import Kind
from lastmile.alerting.paper.tests.conftest import GRID, OTHER, TOWNSHIP, VILLAGE
from lastmile.alerting.tests.answering import TEXT, listed, make_event
from lastmile.community.people.models import Look
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

ALL = [kind.value for kind in Kind]


def printed(world: World, event: AlertEvent, place: str = GRID, reason: str = "", **wish: bool) -> PaperPrint:
    made = printing.ask(world.village, event, place, ALL, reason=reason, **wish)
    printing.run(made.pk)
    made.refresh_from_db()
    return made


def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every string that is put on a page from now on."""
    said: list[str] = []
    put = Drawing._put

    def noted(self: Drawing, x: float, y: float, text: str, *rest: int) -> None:
        said.append(text)
        put(self, x, y, text, *rest)

    monkeypatch.setattr(Drawing, "_put", noted)
    return said


def test_all_three_sheets_of_a_grid_with_names_and_numbers(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = texts(monkeypatch)
    made = printed(world, event)
    assert (made.state, made.pages) == (PaperPrint.State.READY, 3)
    whole = "\n".join(said)
    assert "李村民、李村民" in whole
    assert re.search(r"^100\d{8}$", whole, re.MULTILINE)
    assert TEXT["headline"] in whole
    assert TEXT["shelter"] in whole
    assert whole.count("□李村民") == 6


def test_it_is_a_pdf_with_the_chinese_font_in_it(world: World, event: AlertEvent) -> None:
    content = printing.pdf(world.village, printed(world, event))
    assert content.startswith(b"%PDF")
    assert b"NotoSansSC" in content or any(b"NotoSansSC" in part for part in _streams(content))
    assert b"/FontFile2" in content or b"/FontFile3" in content


def _streams(content: bytes) -> list[bytes]:
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            found.append(part)
    return found


def test_every_page_says_who_printed_it_and_when(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = texts(monkeypatch)
    made = printed(world, event)
    stamp = made.at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M")
    marks = [text for text in said if stamp in text and str(world.village) in text]
    assert len(marks) == 2 * made.pages  # across the page, and at its foot
    assert not [text for text in said if "EXERCISE" in text]


def test_an_exercise_is_marked_on_every_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event(world, exercise=True)
    listed(event, world.residents)
    said = texts(monkeypatch)
    made = printed(world, event, reason="exercise")
    assert said.count("EXERCISE") == made.pages
    assert len([text for text in said if text.startswith("【EXERCISE】")]) == made.pages


def test_every_resident_can_see_who_printed_them(world: World, event: AlertEvent) -> None:
    printed(world, event)
    looks = Look.objects.filter(person__in=[person.pk for person in world.residents[:6]])
    assert {(look.actor, look.person_id) for look in looks} == {
        (world.village.pk, person.pk) for person in world.residents[:6]
    }
    assert TEXT["headline"] in looks[0].reason
    assert AuditEntry.objects.filter(action="alerting.paper", actor=world.village.pk, place=GRID).exists()


def test_a_village_prints_each_of_its_grids_and_its_own_people_in_charge(world: World, event: AlertEvent) -> None:
    assert sheets.places_of(event, VILLAGE) == [VILLAGE, GRID, OTHER]
    assert printed(world, event, VILLAGE).pages == 9


def test_only_doors_without_an_answer_when_asked_for(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lastmile.alerting import coverage
    from lastmile.alerting.paper.entering import Typed, enter

    enter(world.grid, event, Typed(GRID, "1-1 2-1", "n"))
    coverage.fold()
    found = sheets.of(world.village, event, world.places[GRID], left_only=True)
    assert [line.number for line in found.lines] == [3, 4]  # the numbers stay as they were
    whole = sheets.of(world.village, event, world.places[GRID], left_only=False)
    assert "confirmed" in whole.lines[0].now


@pytest.mark.parametrize("login", ["approver", "neighbour", "auditor"])
def test_who_may_not_open_names_prints_nothing(client: Client, world: World, event: AlertEvent, login: str) -> None:
    world.login(client, login)
    answer = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/", {"kind": ALL})
    assert answer.status_code in {403, 404}
    assert not PaperPrint.objects.exists()


def test_whoever_is_not_on_duty_types_a_reason_that_each_resident_can_read(
    client: Client, world: World, event: AlertEvent
) -> None:
    """The county's desk may open names, but goes to no door: without a reason nothing is printed or noted."""
    world.login(client, "officer")
    address = f"/alerts/{event.alert.code}/paper/{GRID}/"
    assert 'name="reason"' in client.get(address).content.decode()
    answer = client.post(address, {"kind": ALL, "reason": " "})
    assert answer.status_code == 400
    assert not PaperPrint.objects.exists()
    assert not Look.objects.exists()
    typed = "市指挥部要核对转移名单"
    assert client.post(address, {"kind": ALL, "reason": typed}).status_code == 302
    assert {typed in look.reason for look in Look.objects.all()} == {True}
    assert {look.actor for look in Look.objects.all()} == {world.officer.pk}


def test_on_duty_the_warning_is_the_reason(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    address = f"/alerts/{event.alert.code}/paper/{GRID}/"
    assert 'name="reason"' not in client.get(address).content.decode()
    assert client.post(address, {"kind": ALL}).status_code == 302
    headline = event.frozen["texts"]["zh"]["headline"]
    assert {headline in look.reason for look in Look.objects.all()} == {True}


def test_duty_opens_no_exercise_and_nothing_that_has_run_out(world: World, event: AlertEvent) -> None:
    assert on_duty.acts_on(world.village, event, GRID)
    assert not on_duty.acts_on(world.officer, event, GRID)
    event.alert.exercise = True
    assert not on_duty.acts_on(world.village, event, GRID)
    event.alert.exercise = False
    clock.forward(seconds=(event.expires_at - clock.now()).total_seconds() + 1)
    assert not on_duty.acts_on(world.village, event, GRID)
    with pytest.raises(Refusal):
        printing.ask(world.village, event, GRID, ALL)


def test_by_the_api_a_reason_is_asked_as_on_the_page(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "officer")
    address, wish = f"/api/v1/alerts/{event.alert.code}/paper", {"place": GRID}
    assert client.post(address, wish, content_type="application/json").status_code == 400
    wish["reason"] = "核对"
    assert client.post(address, wish, content_type="application/json").json()["state"] == "ready"


def test_a_grid_worker_prints_their_own_grid_only(world: World, event: AlertEvent) -> None:
    assert printing.ask(world.grid, event, GRID, ALL).total == 1
    with pytest.raises(NotAllowed):
        printing.ask(world.grid, event, OTHER, ALL)


def test_nobody_fetches_what_another_printed(world: World, event: AlertEvent) -> None:
    made = printed(world, event)
    with pytest.raises(NotFound):
        printing.print_of(world.township, made.pk)


def test_whoever_has_lost_the_permission_gets_it_no_more(world: World, event: AlertEvent) -> None:
    from django.db import connection

    made = printed(world, event)
    world.village.grants.update(ended_at=clock.now())
    fresh = type(world.village).objects.get(pk=world.village.pk)
    with pytest.raises(NotAllowed):
        printing.pdf(fresh, made)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM alerting_paperprint")
        assert b"PDF" not in bytes(cursor.fetchone()[0])  # sealed at rest


def test_it_is_destroyed_after_a_day(world: World, event: AlertEvent) -> None:
    made = printed(world, event)
    assert printing.forget() == 0
    clock.forward(hours=25)
    assert printing.forget() == 1
    made.refresh_from_db()
    assert (made.state, made.content) == (PaperPrint.State.GONE, None)
    with pytest.raises(Conflict):
        printing.pdf(world.village, made)


def test_it_is_destroyed_when_the_warning_is_over(world: World, event: AlertEvent) -> None:
    printed(world, event)
    event.closed_at = clock.now()
    event.save()
    assert printing.forget() == 1
    with pytest.raises(Refusal, match="over"):
        printing.ask(world.village, event, GRID, ALL)


@pytest.mark.parametrize("kinds", [[], ["nonsense"]])
def test_no_sheet_is_a_sentence(client: Client, world: World, event: AlertEvent, kinds: list[str]) -> None:
    world.login(client, "village")
    answer = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/", {"kind": kinds})
    assert answer.status_code == 400
    assert "没有选择名单" in answer.content.decode()


def test_a_job_done_again_draws_nothing_twice(world: World, event: AlertEvent) -> None:
    made = printed(world, event)
    printing.run(made.pk)
    assert AuditEntry.objects.filter(action="alerting.paper").count() == 1


def test_what_fails_every_time_says_so(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    made = printing.ask(world.village, event, GRID, ALL)
    printing.give_up(made.pk)
    assert "could not be made" in client.get(f"/paper/{made.pk}/", headers={"Accept-Language": "en"}).content.decode()
    printing.run(made.pk)
    assert not AuditEntry.objects.filter(action="alerting.paper").exists()


def test_a_small_print_that_crashes_says_so_and_can_be_tried_again(
    client: Client, world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> bytes:
        raise RuntimeError("no font")

    world.login(client, "village")
    with monkeypatch.context() as patch:
        patch.setattr(Drawing, "bytes", broken)
        body = {"kind": ["calls", "shelter"], "doors": "left"}
        address = client.post(f"/alerts/{event.alert.code}/paper/{GRID}/", body).headers["Location"]
    page = client.get(address).content.decode()
    assert "名单没能做出来" in page
    assert PaperPrint.objects.get().state == "failed"
    fields = dict(re.findall(r'<input type="hidden" name="(kind|doors)" value="(\w+)">', page))
    assert fields == {"kind": "shelter", "doors": "left"}
    client.post(re.findall(r'<form method="post" action="([^"]+/paper/[^"]+)"', page)[0], fields)
    assert sorted(PaperPrint.objects.values_list("state", "left_only")) == [("failed", True), ("ready", True)]


def test_a_small_print_whose_process_was_ended_does_not_wait_for_ever(
    client: Client, world: World, event: AlertEvent
) -> None:
    world.login(client, "village")
    small, large = (printing.ask(world.village, event, place, ALL) for place in (GRID, VILLAGE))
    clock.forward(minutes=1)
    assert printing.lost() == 0
    clock.forward(minutes=2)
    assert "could not be made" in client.get(f"/paper/{small.pk}/", headers={"Accept-Language": "en"}).content.decode()
    large.refresh_from_db()
    assert (large.state, large.total) == ("queued", 3)


def test_many_places_are_a_job_with_progress(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    answer = client.post(f"/alerts/{event.alert.code}/paper/{VILLAGE}/", {"kind": ["calls"]})
    address = answer.headers["Location"]
    assert 'aria-valuenow="0"' in client.get(address).content.decode()
    printing.run(PaperPrint.objects.get().pk)
    assert "3" in client.get(address, headers={"HX-Target": "print"}).content.decode()
    content = client.get(f"{address}pdf/")
    assert content.headers["Content-Type"] == "application/pdf"
    assert AuditEntry.objects.filter(action="alerting.paper_fetched").count() == 1


def test_too_large_an_area_is_a_sentence(world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "MOST", 2)
    with pytest.raises(Refusal, match="3 places"):
        printing.ask(world.township, event, TOWNSHIP, ALL)


def test_long_lists_go_on_over_pages_and_nothing_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        sheets.Line(
            n,
            "123",
            f"{n}号",
            "很长的地址" * 9,
            [f"李{n}", "王二"],
            ["10012345678"] * 4,
            "李一：独居",
            vulnerable=True,
            now="",
        )
        for n in range(1, 120)
    ]
    found = sheets.Sheets(world.places[GRID], "荥阳市", lines, "")
    said = texts(monkeypatch)
    drawing = Drawing(Head("预警", "学校", "村 2026", exercise=False))
    for kind in Kind:
        drawing.add(kind, found, "https://example.org/alerts/T1/paper/410182109211001/enter/")
    assert [text for text in said if text == "119"] == ["119"] * 3
    assert io.BytesIO(drawing.bytes()).getbuffer().nbytes > 10_000


def test_the_api_prints_and_tells_codes(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    base = "/api/v1"
    body = {"place": GRID, "kinds": ["transfer"]}
    made = client.post(f"{base}/alerts/{event.alert.code}/paper", body, "application/json").json()
    assert made["state"] == "ready"
    assert client.get(f"{base}/paper/{made['id']}").json()["pages"] == 1
    assert client.get(f"{base}/paper/{made['id']}/pdf").content.startswith(b"%PDF")
    codes = client.get(f"{base}/alerts/{event.alert.code}/door-codes?place={GRID}").json()
    assert [one["number"] for one in codes] == [1, 2, 3]
