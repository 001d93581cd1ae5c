"""The jobs about workbooks: one that breaks is tried again, then given up in words; none is kept that nobody wants."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lastmile.community.people import tasks
from lastmile.community.people.models import Household, Upload
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.sheets.layout import SHEETS
from lastmile.community.people.tests.test_workbook import GOOD, VILLAGE, plain, village
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World.build(people=False)


@pytest.fixture
def upload(world: World) -> Upload:
    """A good workbook that waits for its job."""
    made = uploads.receive(village(), "表.xlsx", plain(GOOD), by=world.township)
    Upload.objects.filter(pk=made.pk).update(state=Upload.State.QUEUED)
    return made


def attempt(upload: Upload, before: int) -> None:
    context: Any = SimpleNamespace(job=SimpleNamespace(attempts=before))
    tasks.import_workbook.func(context, upload.pk)


def state(upload: Upload) -> str:
    upload.refresh_from_db()
    return upload.state


def broken(*_values: Any, **_named: Any) -> Any:
    raise ConnectionError("the server went away")


def test_an_error_leaves_the_workbook_waiting_for_the_next_try(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "finish", broken)
        with pytest.raises(ConnectionError):
            attempt(upload, 0)
    assert state(upload) == Upload.State.QUEUED
    assert not Household.objects.filter(village=VILLAGE).exists()
    attempt(upload, 1)
    assert state(upload) == Upload.State.DONE
    assert Household.objects.filter(village=VILLAGE).count() == 2


def test_the_last_error_is_said_and_the_workbook_destroyed(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "import_sheets", broken)
    monkeypatch.setattr(uploads, "flow", lambda kind: uploads.Flow(SHEETS, broken, broken, broken))
    with pytest.raises(ConnectionError):
        attempt(upload, tasks.TRIES - 1)
    assert state(upload) == Upload.State.FAILED
    assert "导入多次中断" in upload.outcome["says"]
    assert upload.content is None
    attempt(upload, tasks.TRIES)  # a job that comes again finds nothing to do
    assert state(upload) == Upload.State.FAILED


def test_a_workbook_that_nobody_imports_is_destroyed_and_one_that_waits_is_not(upload: Upload, world: World) -> None:
    unwanted = uploads.receive(village(), "表.xlsx", plain(GOOD), by=world.township)
    clock.forward(hours=49)
    tasks.forget_workbooks.func(0)
    assert (state(unwanted), unwanted.content) == (Upload.State.DROPPED, None)
    assert state(upload) == Upload.State.QUEUED
    clock.forward(hours=24)
    tasks.forget_workbooks.func(0)  # its job is gone: it held open personal data for three days
    assert (state(upload), upload.content) == (Upload.State.DROPPED, None)
