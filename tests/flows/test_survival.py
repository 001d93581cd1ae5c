"""Kill it while it sends: real workers, a gateway over HTTP, a real database. Nobody is lost, nobody told twice."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django.fixtures import Settings

from lastmile.alerting import manifest
from lastmile.alerting.audience import Audience
from lastmile.alerting.dispatch.store import database
from lastmile.alerting.models import AlertEvent, Manifest, Sent
from lastmile.alerting.tests.events import issued
from lastmile.community.org.models import Place
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Household
from lastmile.kernel import clock, embedded
from tests.flows.gateway import Gateway
from tests.flows.workers import Make, kill, url, wait
from tests.world import TREE, add_place, phone

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 240
GRIDS = ("410182109211001", "410182109211002")


@pytest.fixture
def event(sms_only: None) -> AlertEvent:
    """A warning to 240 people of two grids, nothing sent yet."""
    for code, name in TREE.items():
        add_place(code, name)
    places = [Place.objects.get(code=code) for code in GRIDS]
    for number in range(PEOPLE // 4):
        home = Household.objects.create(
            place=places[number % 2],
            village=GRIDS[0][:12],
            number=str(number),
            address="第1户",
            updated_at=clock.now(),
        )
        for _member in range(4):
            add_person(name="李村民", place=home.place, household=home, phone=phone())
    event = issued(Audience(places=("410182109211",)), place="410182")
    assert manifest.write(event) == PEOPLE
    return event


@pytest.fixture
def sms_only(settings: Settings) -> None:
    settings.CHANNELS = ["sms"]


def settled() -> bool:
    return not Manifest.objects.exclude(due_at=None).exists()


def states() -> Counter[Sent]:
    return Counter(Sent(state) for row in Manifest.objects.all() for state in row.states)


def test_a_worker_killed_twice_in_the_middle_loses_nobody(event: AlertEvent, workers_of: Make, tmp_path: Path) -> None:
    with Gateway(latency=0.3) as gateway:
        workers = workers_of(gateway.environment(tmp_path))
        for round_ in (1, 2):
            process = workers.start()
            before = gateway.posts
            wait(lambda before=before: gateway.posts > before + 1)  # type: ignore[misc]  # bound in the loop on purpose
            kill(process)
            assert not settled(), f"it was over before kill {round_}"
        workers.start()
        wait(settled)
    assert states() == {Sent.ACCEPTED: PEOPLE}
    assert len(gateway.people) == PEOPLE
    assert gateway.doubles == 0


def test_a_gateway_without_keys_leaves_doubt_and_no_doubles(
    event: AlertEvent, workers_of: Make, tmp_path: Path
) -> None:
    with Gateway(honours_keys=False, latency=0.3) as gateway:
        workers = workers_of(gateway.environment(tmp_path))
        process = workers.start()
        wait(lambda: gateway.posts > 2)
        kill(process)
        workers.start()
        wait(settled)
    found = states()
    assert found[Sent.ACCEPTED] + found[Sent.UNKNOWN] == PEOPLE
    assert 0 < found[Sent.UNKNOWN] <= 4 * 10 * 2  # at most what was in flight at the kill
    assert gateway.doubles == 0


def test_doubles_are_counted_where_a_gateway_forgets_keys_it_promised_to_honour(
    event: AlertEvent, workers_of: Make, tmp_path: Path
) -> None:
    with Gateway(latency=0.05) as gateway:
        environment = gateway.environment(tmp_path)
        gateway.honours_keys = False  # the vendor file still says it does
        gateway.fail(["error after", "timeout"])
        workers_of(environment).start()
        wait(settled)
    assert states() == {Sent.ACCEPTED: PEOPLE}
    assert gateway.doubles == 20  # the two batches whose outcome was unknown, and nobody else


def test_every_fault_of_a_gateway_with_two_workers_at_once(event: AlertEvent, workers_of: Make, tmp_path: Path) -> None:
    with Gateway(latency=0.05) as gateway:
        workers = workers_of(gateway.environment(tmp_path))
        gateway.fail(["timeout", "error before", "half", "error after", "", "half", "timeout", "error before"])
        workers.start()
        workers.start()
        wait(settled)
    assert states() == {Sent.ACCEPTED: PEOPLE}
    assert len(gateway.people) == PEOPLE
    assert gateway.doubles == 0


def test_a_worker_told_to_stop_settles_what_is_under_way(event: AlertEvent, workers_of: Make, tmp_path: Path) -> None:
    with Gateway(latency=0.3) as gateway:
        process = workers_of(gateway.environment(tmp_path)).start()
        wait(lambda: gateway.posts > 2)
        process.terminate()
        assert process.wait(10) == 0
        found = states()
    assert found[Sent.SENDING] == 0
    assert found[Sent.ACCEPTED] == len(gateway.people) < PEOPLE
    assert found[Sent.WAITING] == PEOPLE - found[Sent.ACCEPTED]


@pytest.fixture
def own_server(event: AlertEvent, tmp_path: Path) -> Iterator[Path]:
    """A copy of the test's database on a server of its own, which may be killed."""
    data = tmp_path / "pg"
    embedded.ensure(data)
    programs = Path(embedded._wheel().PostgresServer(data, cleanup_mode=None).bin_path)
    source, target = url(database()), url({"user": "postgres", "dbname": "lastmile", "host": embedded.socket_dir(data)})
    dump = subprocess.run([programs / "pg_dump", source], capture_output=True, check=True)
    subprocess.run([programs / "psql", "-q", target], input=dump.stdout, capture_output=True, check=True)
    yield data
    embedded.stop(data)


def test_the_database_killed_in_the_middle_loses_nobody(own_server: Path, workers_of: Make, tmp_path: Path) -> None:
    place = url({"user": "postgres", "dbname": "lastmile", "host": embedded.socket_dir(own_server)})
    with Gateway(latency=0.2) as gateway:
        workers_of(gateway.environment(tmp_path) | {"DATABASE_URL": place}).start()
        wait(lambda: gateway.posts > 3)
        postmaster = embedded.running(own_server)
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        start_again(own_server)

        def open_batches() -> int:
            with psycopg.connect(place) as server:
                row = server.execute("SELECT count(*) FROM alerting_manifest WHERE due_at IS NOT NULL").fetchone()
            return int(row[0]) if row else 0

        assert open_batches() > 0
        wait(lambda: open_batches() == 0)
        with psycopg.connect(place) as server:
            rows = server.execute("SELECT states FROM alerting_manifest").fetchall()
    assert Counter(state for (row,) in rows for state in bytes(row)) == {Sent.ACCEPTED: PEOPLE}
    assert len(gateway.people) == PEOPLE
    assert gateway.doubles == 0


def start_again(data: Path) -> None:
    """Orphaned backends need a moment to leave before the server can start."""
    until = time.monotonic() + 15
    while True:
        try:
            return embedded.ensure(data)
        except (RuntimeError, psycopg.OperationalError):
            assert time.monotonic() < until
            time.sleep(0.3)
