"""Facts of a whole city: 30 fields of each of 3,306 villages, asked, refused, shown, and filled into a form."""

from __future__ import annotations

import io
import random
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from openpyxl import Workbook

from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Level, Place, Post
from lastmile.facts import dictionary, rules
from lastmile.facts.actions import define, layout
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.request import Wish, planned, register
from lastmile.facts.layouts.fill import fill
from lastmile.facts.models import Ask, Burden, Definition, Entry, Request, Via
from lastmile.facts.queries import burden
from lastmile.kernel import clock
from tools.bench.results import Board, timed
from tools.bench.serving import best, log_in

CITY, FIELDS, KNOWN = "4101", 30, 0.7  # the share of cells that somebody has told before
WEEKS, UNITS = 26, 12  # of the ledger: each unit asks one table of every village a week


def settle() -> None:
    """Posts, fields, facts, and half a year of requests in the ledger; kept for the next run."""
    officer = log_in("bench-facts", None, Role.DUTY_OFFICER, CITY)
    villages = list(Place.objects.current().at(Level.VILLAGE).order_by("code"))
    if not Post.objects.exists():
        Post.objects.bulk_create(
            (Post(place=place, kind=Post.Kind.LEADER, title="负责人") for place in villages), batch_size=5000
        )
    if not Definition.objects.exists():
        for n in range(FIELDS):
            given = {"label": f"汛前项目{n:02}甲", "type": "whole", "unit": "台", "subject": "place", "level": 5}
            given |= {"owner": "leader", "department": "", "source": "", "validity_days": 180, "choices": []}
            define.define(officer, Place.objects.get(code=CITY), **given)
    if not Entry.objects.exists():
        chance = random.Random(7)  # noqa: S311  (which cells are known is no secret)
        said = [
            Said(field, place.code, None, str(chance.randint(0, 50)))
            for place in villages
            for field in _fields()
            if chance.random() < KNOWN
        ]
        enter(Everywhere(), said, Via.API)
    if not Burden.objects.exists():
        _past(villages)
    _analyze()


class Everywhere:
    """Whoever filled the city: holds everything everywhere."""

    pk = None

    def scopes(self, _perm: object) -> tuple[str, ...]:
        return ("",)

    def __str__(self) -> str:
        return "bench"


def _fields() -> list[dictionary.Field]:
    names = Definition.objects.order_by("id").values_list("name", flat=True)[:FIELDS]
    return dictionary.named(names)


def _past(villages: list[Place]) -> None:
    """The ledger of half a year: twelve units, each asking every village once a week."""
    now = clock.now()
    units = list(Place.objects.filter(code__startswith=CITY, level=Level.COUNTY).order_by("code")[:UNITS])
    for back in range(WEEKS):
        for unit in units:
            asked = Request.objects.create(
                title="周报", place=unit, basis="通知", reason="周报", subject="place", level=5, under=[unit.code],
                fields=[], due_at=now, state=Request.State.ANSWERED, created_at=now, created_by_name="bench",
            )  # fmt: skip
            Burden.objects.bulk_create(
                (
                    Burden(request=asked, place=place.code, week=burden.monday(back), fields=3, minutes=8, spared=2)
                    for place in villages
                    if place.code.startswith(unit.code) or back % 4 == 0
                ),
                batch_size=5000,
            )


def _analyze() -> None:
    with connection.cursor() as cursor:
        for table in ("facts_entry", "facts_cell", "facts_ask", "facts_burden", "org_place", "org_post"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def measure(board: Board) -> None:
    """What is registered here is taken back at the end: the city stays as it is."""
    board.add("villages", Place.objects.current().at(Level.VILLAGE).count(), "villages")
    board.add("facts entered", Entry.objects.count(), "facts")
    board.add("lines of the burden ledger", Burden.objects.count(), "lines")
    plain = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with transaction.atomic(), override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=plain):
        _measure(board)
        transaction.set_rollback(True)


def _wish() -> Wish:
    due = clock.now() + timedelta(days=3)
    return Wish(Place.objects.get(code=CITY), "汛前摸底", "条例", "检查", _fields(), [CITY], "place", 5, due)


def _measure(board: Board) -> None:
    officer = log_in("bench-facts", None, Role.DUTY_OFFICER, CITY)
    with timed() as took:
        made = planned(officer, _wish())
    board.add(f"what is known of {len(made.cells):,} cells, before anybody is asked", took.seconds, "s", "<= 5")
    with timed() as took:
        request = register(officer, _wish())
    board.add(
        f"request registered: {request.asked:,} cells asked of {request.asks.count():,} posts",
        took.seconds,
        "s",
        "<= 5",
    )
    with timed() as took:
        again = register(officer, _wish())
    board.add(f"the same again: {again.joined:,} cells asked within 90 days are not asked", took.seconds, "s", "<= 5")
    _pages(board, request, officer)
    _forms(board, request, officer)
    with timed() as took:
        count = rules.stale().count() + rules.unanswerable().count()
    board.add(f"the two kinds of gap counted over the city ({count:,})", took.seconds, "s", "<= 1")


def _pages(board: Board, request: Request, officer: User) -> None:
    client = Client()
    client.force_login(officer)
    village = Place.objects.current().at(Level.VILLAGE).order_by("code")[100]
    clerk = Client()
    clerk.force_login(log_in("bench-clerk", None, Role.VILLAGE_STAFF, village.code))
    mine = Ask.objects.get(request=request, place=village.code)
    for what, who, address in (
        ("desk of a community", clerk, "/facts/"),
        ("desk of the city", client, "/facts/"),
        ("facts of a village", clerk, f"/facts/places/{village.code}/"),
        ("facts of the city", client, f"/facts/places/{CITY}/"),
        ("page of a village's answer", clerk, f"/facts/asks/{mine.pk}/"),
        ("page of the city's request", client, f"/facts/requests/{request.pk}/"),
        ("the same page, seen by a village", clerk, f"/facts/requests/{request.pk}/"),
        ("list of requests", client, "/facts/requests/"),
        ("burden ledger", client, "/facts/burden/"),
        ("dictionary", client, "/facts/dictionary/"),
    ):
        board.add(f"{what}, server time", best(who, address), "ms", "<= 100")


def _forms(board: Board, request: Request, officer: User) -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["序号", "村", *(str(field.label) for field in _fields())])
    book.save(out)
    kept = layout.keep(officer, Place.objects.get(code=CITY), "市表", "市.xlsx", out.getvalue())
    with timed() as took:
        made = fill(request, kept)
    board.add(f"a superior's list filled in: {made.written:,} cells of a whole city", took.seconds, "s", "<= 5")
    client = Client()
    client.force_login(officer)
    with timed() as took:
        client.get(f"/facts/requests/{request.pk}/?export=xlsx")
    board.add("the same as a plain table with day and state of each", took.seconds, "s", "<= 10")
