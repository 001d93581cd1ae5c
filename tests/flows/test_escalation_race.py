"""Two workers ask at the same moment: each obligation climbs once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from lastmile.duties import escalation
from lastmile.duties.models import Event
from lastmile.duties.tests.conftest import GRID, Office
from lastmile.kernel import clock
from tests.world import World


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_escalate_once() -> None:
    office = Office(World.build())
    for number in range(40):
        office.task(f"第{number}件", GRID, due_at=clock.now() + timedelta(days=2))
    clock.forward(days=1, seconds=1)
    start, moved = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        moved.append(escalation.tick())
        connection.close()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(moved) == 40
    assert Event.objects.filter(what="reminded").count() == 40
