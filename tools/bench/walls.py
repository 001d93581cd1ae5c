"""What row-level security costs: the same pages of the same people with the second wall and without."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings

from lastmile.community.accounts.roles import Role
from lastmile.community.people import contact_sheets
from lastmile.community.people.models import Household, Person
from tools.bench import city
from tools.bench.desk import Desk, everybody
from tools.bench.results import Board
from tools.bench.serving import log_in
from tools.bench.visit import PLAIN

RESIDENTS, COUNTY, MOST = 50_000, "410182", "<= 15"
ROUNDS = 40


def settle() -> None:
    """All of them in one county: what its officer sees is what a policy has to look through."""
    if Person.objects.count() < RESIDENTS:
        call_command("people", "generate", "--place", COUNTY, "--residents", str(RESIDENTS), "--replace")
    contact_sheets.renew_all()
    city.empty()


def measure(board: Board) -> None:
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["testserver"]):
        _measure(board)


def _measure(board: Board) -> None:
    desk = Desk()
    event = desk.issue(desk.approved(2, everybody(COUNTY)))
    home = Household.objects.filter(place__code__startswith=COUNTY).order_by("pk")[0]
    village = home.place_id[:12]
    pages = {
        "to-do": "/todo/",
        "coverage": f"/alerts/{event.alert.code}/coverage/{COUNTY}/",
        "households of a county": f"/households/in/{COUNTY}/",
        "households of a village": f"/households/in/{village}/",
        "one household": f"/households/{home.pk}/",
    }
    for who, role, place in (
        ("county officer", Role.DUTY_OFFICER, COUNTY),
        ("village staff", Role.VILLAGE_STAFF, village),
    ):
        client = Client()
        client.force_login(log_in(f"walled-{role}", None, role, place))
        for name, address in pages.items():
            if client.get(address).status_code == 200:
                off, on = _both(client, address)
                board.add(f"{name}, {who}: without the wall", off, "ms")
                board.add(f"{name}, {who}: what the wall adds", 100 * (on / off - 1), "%", MOST)


def _both(client: Client, address: str) -> tuple[float, float]:
    """The middle of each, asked by turns, so that both meet the same machine."""
    spent: dict[bool, list[float]] = {False: [], True: []}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    for _round in range(ROUNDS):
        for walled, taken in spent.items():
            with override_settings(ROW_SECURITY=walled):
                begun = _processor(server)
                client.get(address)
                taken.append(_processor(server) - begun)
    return median(spent[False]), median(spent[True])


def _processor(server: int) -> float:
    """Milliseconds on the processor: ours, and of the database's process that serves us; no waiting for others."""
    on_it = int(Path(f"/proc/{server}/schedstat").read_text().split()[0])
    return 1_000 * time.process_time() + on_it / 1_000_000
