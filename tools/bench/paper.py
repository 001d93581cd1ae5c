"""Sheets on paper for 30 grids of 300 households, and a page of outcomes typed back."""

from __future__ import annotations

import time

from django.core.management import call_command
from django.db.models import Count

from lastmile.alerting import door_codes
from lastmile.alerting.models import PaperPrint
from lastmile.alerting.paper import entering, printing, sheets
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Person
from tools.bench.desk import Desk, everybody
from tools.bench.results import Board, timed

GRIDS, PEOPLE = 30, 900  # of one grid: about 300 households
COUNTY = "410182"


def chosen() -> list[str]:
    grids = Place.objects.filter(code__startswith=COUNTY, level=Level.GRID).order_by("code")
    return list(grids.values_list("code", flat=True)[:GRIDS])


def settle() -> None:
    """People in the grids of one county that are printed; kept for the next run."""
    if Person.objects.exclude(household=None).count() < GRIDS * PEOPLE // 2:
        for grid in chosen():
            call_command("people", "generate", "--place", grid, "--residents", str(PEOPLE), "--replace", verbosity=0)


def measure(board: Board) -> None:
    desk, grids = Desk(), chosen()
    event = desk.issue(desk.approved(1, everybody(COUNTY) | {"places": grids}))
    people = Person.objects.filter(place__in=grids).aggregate(homes=Count("household", distinct=True), n=Count("id"))
    board.add("grids printed", len(grids), "grids")
    board.add("  their households", people["homes"], "households")
    board.add("  their people", people["n"], "people")
    wish = PaperPrint.objects.create(
        event=event,
        place=COUNTY,
        kinds=[kind.value for kind in sheets.Kind],
        language="zh-hans",
        total=len(grids),
        by=desk.officer,
        at=event.sent_at,
    )
    busy = time.process_time()
    with timed() as took:
        printing.run(wish.pk)
    wish.refresh_from_db()
    assert wish.state == PaperPrint.State.READY, wish.refusal  # noqa: S101  (a print that was refused is fast)
    board.add("call sheets, transfer lists, sign-in sheets of all, by the clock", took.seconds, "s", "<= 20")
    board.add("  raw: of it on the processor", time.process_time() - busy, "s")
    board.add("  pages", wish.pages, "pages")
    board.add("  size of the file", len(printing.pdf(desk.officer, wish)) / 1e6, "MB")
    _typed(board, desk.officer, event.pk, grids[0])


def _typed(board: Board, officer: User, key: int, grid: str) -> None:
    from lastmile.alerting.models import AlertEvent

    event = AlertEvent.objects.select_related("alert").get(pk=key)
    last = door_codes.codes(event, grid).last
    text = " ".join(f"{number}-{1 + number % 5}" for number in range(1, last + 1))
    with timed() as took:
        entering.enter(officer, event, entering.Typed(grid, text, f"bench{event.pk}"))
    board.add(f"a whole grid typed back, {last} doors at once", took.seconds * 1_000, "ms", "<= 2000")
