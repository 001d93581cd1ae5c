"""What a page costs the server: the work itself, without waiting for a processor that other programs hold."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.test import Client

from lastmile.community.accounts.models import User
from lastmile.community.accounts.roles import Role
from lastmile.community.org.models import Place
from lastmile.kernel import clock
from tools.bench.results import timed

ROUNDS = 25  # the best of them counts: the least disturbed by whatever else the machine does


def log_in(name: str, person: int | None, role: Role, place: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        now = clock.now()
        found = User.objects.create(
            username=name, display_name=name, person_id=person, created_at=now, password_changed_at=now
        )
        found.grants.create(role=role, place=Place.objects.get(pk=place), granted_at=now)
    return found


def best(client: Client, address: str) -> float:
    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content[:300]  # noqa: S101  (a page that fails is fast)

    return times(ask)


def times(do: Callable[[], object]) -> float:
    do()  # templates are read once
    return min(served(do) for _round in range(ROUNDS))


def served(do: Callable[[], object]) -> float:
    """Milliseconds of the server's own work: its time on the processor, and its waiting for the database.

    Waiting for a processor that other programs hold is not counted: it says nothing about the page.
    """
    waited = 0.0

    def wait(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal waited
        with timed() as took:
            answer = execute(*arguments)
        waited += took.seconds
        return answer

    with connection.execute_wrapper(wait):
        begun = time.process_time()
        do()
        return 1_000 * (time.process_time() - begun + waited)
