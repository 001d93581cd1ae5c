"""The to-do and the escalation of a city: 50,000 people in posts, 2 million obligations, a fifth of them open."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from lastmile.community.accounts.roles import Role
from lastmile.community.people.models import Appointment, Person
from lastmile.duties import actions, escalation, kinds
from lastmile.duties.models import Event, Obligation
from lastmile.duties.queries.area import statistics as area_statistics
from lastmile.kernel import clock
from tools.bench.results import Board, timed
from tools.bench.serving import best, log_in, served

PEOPLE, OBLIGATIONS, BUSY = 50_000, 2_000_000, 300
TICKS = 10  # the best of them counts: the least disturbed by whatever else the machine does
SQL = Path(__file__).with_name("duties.sql")


def settle() -> None:
    """Posts with holders, deputies and leave, and what they owe; kept for the next run."""
    if Obligation.objects.count() < OBLIGATIONS:
        with connection.cursor() as cursor:
            for part in SQL.read_text(encoding="utf-8").split(";\n"):
                if part.strip():
                    cursor.execute(part, {"people": PEOPLE, "obligations": OBLIGATIONS, "now": clock.now()})
    with connection.cursor() as cursor:
        for table in ("duties_obligation", "duties_event", "people_appointment", "org_post", "people_person"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def measure(board: Board) -> None:
    board.add("people, most of them in posts", Person.objects.count(), "people")
    board.add("obligations", Obligation.objects.count(), "obligations")
    board.add("  of them open", Obligation.objects.filter(closed_at=None).count(), "obligations")
    _pages(board)
    _ticks(board)
    _created(board)


def _pages(board: Board) -> None:
    usual, busy = _holder(8), _holder(BUSY)
    city = Client()
    city.force_login(log_in("bench-city", None, Role.APPROVER, "4101"))
    plain = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(
        ALLOWED_HOSTS=["testserver"], STORAGES=plain
    ):  # hashed names of files are no part of the page's time
        for who, client in (("usual person", usual), (f"person who owes {BUSY}", busy), ("city's approver", city)):
            board.add(f"to-do page of a {who}, server time", best(client, "/todo/"), "ms", "<= 50")
        board.add("  raw: the same page with nothing on it", best(usual, "/todo/?q=nothing-is-called-this"), "ms")
        board.add("to-do by the API, for a phone", best(usual, "/api/v1/todo"), "ms", "<= 50")
        board.add("one tap: done", _taps(usual), "ms", "<= 50")
    officer = log_in("bench-officer", None, Role.DUTY_OFFICER, "4101")
    with timed() as took:
        area_statistics(officer, "")
    board.add("numbers of the whole city by place, kind and cause", took.seconds * 1_000, "ms")


def _holder(owes: int) -> Client:
    """The log-in of somebody who holds a post and owes about so much; a post of its own for each number."""
    posts = Obligation.objects.filter(closed_at=None, post__isnull=False, person=None).order_by("post")
    post = posts.values_list("post", flat=True)[OBLIGATIONS // 100 + owes * 100]
    person = Appointment.objects.get(post=post, role="holder", until=None).person
    owed = Obligation.objects.filter(closed_at=None, post=post).count()
    now = clock.now()
    actions.create_many(
        actions.New(
            kind=kinds.TASK.name,
            key=f"busy-{post}-{n}",
            title=f"巡查第{n}处",
            place=person.place_id,
            post=post,
            due_at=now + timedelta(hours=n),
        )
        for n in range(max(0, owes - owed))
    )
    client = Client()
    client.force_login(log_in(f"bench-{post}", person.pk, Role.GRID_WORKER, person.place_id))
    return client


def _taps(client: Client) -> float:
    ids = [item["id"] for item in client.get("/api/v1/todo").json()["items"]][:5]
    taken = []
    for pk in ids * 2:
        taken.append(served(partial(client.post, f"/todo/{pk}/done/", headers={"HX-Request": "true"})))
        client.post(f"/todo/{pk}/undo/")
    return min(taken)


def _ticks(board: Board) -> None:
    """A backlog of full ticks, then one with nothing to do."""
    late = Obligation.objects.filter(next_at__isnull=False).order_by("pk").values("pk")
    chosen = Obligation.objects.filter(pk__in=late[: TICKS * escalation.AT_ONCE])
    chosen.update(next_at=clock.now() - timedelta(minutes=1))
    full = []
    for _round in range(TICKS):
        with timed() as took:
            moved = escalation.tick()
        full.append(took.seconds * 1_000)
        assert moved == escalation.AT_ONCE, moved  # noqa: S101  (a tick of nothing would be fast)
    board.add(
        "  so many a second, in ticks one after the other", escalation.AT_ONCE * 1_000 / min(full), "obligations/s"
    )
    board.add(f"escalation tick of {escalation.AT_ONCE:,} due rows", min(full), "ms", "<= 300")
    while escalation.tick():
        pass
    with timed() as took:
        escalation.tick()
    board.add("escalation tick with nothing due", took.seconds * 1_000, "ms")


def _created(board: Board) -> None:
    posts = list(Appointment.objects.filter(role="holder").values_list("post", "post__place")[:20_000])
    due = clock.now() + timedelta(days=7)
    items = [
        actions.New(kind=kinds.TASK.name, key=f"many-{post}", title="汛前检查", place=place, post=post, due_at=due)
        for post, place in posts
    ]
    with timed() as took:
        made = actions.create_many(items)
    board.add("obligations opened in bulk", made / took.seconds, "obligations/s")
    Event.objects.filter(obligation__key__startswith="many-").delete()
    Obligation.objects.filter(key__startswith="many-").delete()
