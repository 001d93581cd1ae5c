"""A community comes in while its worker is killed: the next worker finishes it, once, and the page shows it."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from openpyxl import Workbook

from lastmile.community.org.models import Place
from lastmile.community.people import tasks
from lastmile.community.people.models import Appointment, Contact, Household, Person, Upload
from lastmile.community.people.sheets import upload as uploads
from lastmile.community.people.sheets.layout import SHEETS
from lastmile.kernel.models import AuditEntry
from tests.flows.workers import Make, kill, wait
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

VILLAGE = "410182109205"
DOORS, PER_DOOR = 1_500, 3
PATIENCE = 60  # seconds; a dead worker is noticed after 15


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def workbook() -> bytes:
    """4,500 residents behind 1,500 doors of two grids, each with a phone."""
    book = Workbook(write_only=True)
    rows = {name: [[column.heading for column in columns]] for name, columns in SHEETS.items()}
    rows["网格"] += [["001", "东片"], ["002", "西片"]]
    for door in range(DOORS):
        number = f"00{door % 2 + 1}-{door}"
        rows["住户"].append([number, f"00{door % 2 + 1}", f"{door}号", "", "", ""])
        for member in range(PER_DOOR):
            phone = f"100{door * PER_DOOR + member:08d}"
            rows["居民"].append([number, f"李村民{door}之{member}", str(1950 + member * 30), phone])
    rows["岗位人员"].append(["网格员", "001", "", "A角", "李村民0之0", "10000000000"])
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written() -> tuple[int, ...]:
    here = Person.objects.filter(place__code__startswith=VILLAGE)
    return (
        Place.objects.filter(code__startswith=VILLAGE).exclude(code=VILLAGE).count(),
        Household.objects.filter(village=VILLAGE).count(),
        here.count(),
        Contact.objects.filter(person__in=here).count(),
        Appointment.objects.filter(person__in=here).count(),
    )


EVERYTHING = (2, DOORS, DOORS * PER_DOOR, DOORS * PER_DOOR, 1)
NOTHING = (0, 0, 0, 0, 0)


def uploaded(client: Client) -> Upload:
    """Uploaded and started on the pages."""
    file = SimpleUploadedFile("邻村.xlsx", workbook())
    assert client.post(f"/households/in/{VILLAGE}/workbook/", {"file": file}).status_code == 302
    upload = Upload.objects.get()
    assert client.post(f"/people/uploads/{upload.pk}/import/").status_code == 302
    return upload


def page(client: Client, upload: Upload) -> str:
    return client.get(f"/people/uploads/{upload.pk}/").content.decode()


def state(upload: Upload) -> str:
    upload.refresh_from_db()
    return upload.state


def jobs(upload: Upload) -> list[str]:
    of_it = "task_name = 'people.import_workbook' AND args ->> 'pk' = %s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT status::text FROM procrastinate_jobs WHERE {of_it}", [str(upload.pk)])
        return [row[0] for row in cursor.fetchall()]


def test_a_worker_killed_in_the_middle_of_an_import_leaves_nothing_half_and_the_next_finishes_it(
    world: World, client: Client, workers_of: Make
) -> None:
    world.login(client, "township")
    upload = uploaded(client)
    assert "正在导入" in page(client, upload)
    workers = workers_of({})
    first = workers.start()
    wait(lambda: state(upload) == Upload.State.QUEUED and upload.done > 0, PATIENCE)  # the doors are in, not the people
    kill(first)
    assert state(upload) == Upload.State.QUEUED
    assert written() == NOTHING
    assert "正在导入" in page(client, upload)
    workers.start()
    wait(lambda: state(upload) != Upload.State.QUEUED, PATIENCE)
    assert upload.state == Upload.State.DONE
    assert written() == EVERYTHING
    assert upload.content is None  # the workbook is destroyed
    assert "导入完成" in page(client, upload)
    assert AuditEntry.objects.filter(action="people.import").count() == 1
    wait(lambda: jobs(upload) == ["succeeded"])
    again = uploads.receive(Place.objects.get(pk=VILLAGE), "邻村.xlsx", workbook(), by=world.township)
    Upload.objects.filter(pk=again.pk).update(state=Upload.State.QUEUED)
    uploads.run(again.pk)
    assert (state(again), again.outcome) == (Upload.State.DONE, {})  # everything was known already
    assert written() == EVERYTHING


def test_an_import_that_kills_every_worker_is_given_up_in_words(world: World, client: Client, workers_of: Make) -> None:
    world.login(client, "township")
    upload = uploaded(client)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s WHERE status = 'todo'", [tasks.TRIES])
    workers_of({}).start()
    wait(lambda: state(upload) != Upload.State.QUEUED, PATIENCE)
    assert upload.state == Upload.State.FAILED
    shown = page(client, upload)
    assert "导入多次中断" in shown
    assert "没有导入任何数据" in shown
    assert written() == NOTHING
    assert upload.content is None
