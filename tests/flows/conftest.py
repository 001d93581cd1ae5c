"""What several flows need."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.flows.workers import Workers


@pytest.fixture
def workers_of() -> Iterator[Callable[[dict[str, str]], Workers]]:
    made: list[Workers] = []

    def make(environment: dict[str, str]) -> Workers:
        made.append(Workers(environment))
        return made[-1]

    yield make
    for workers in made:
        workers.end()
