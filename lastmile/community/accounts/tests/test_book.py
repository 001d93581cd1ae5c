"""Log-ins from a workbook: by the rules of the single form, all of it or nothing, passwords shown once."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from lastmile.community.accounts import actions, tasks
from lastmile.community.accounts.book import layout, life
from lastmile.community.accounts.models import Grant, LogInBook, User
from lastmile.community.accounts.roles import Role
from lastmile.community.people.actions import add_person
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import PASSWORD, World, phone

pytestmark = pytest.mark.django_db
URL = "/users/workbook/"
DUTY = ["xy.duty", "荥阳值班1", "市县值班员", "410182", ""]
STAFF = ["cm.staff", "崔庙值班1", "乡镇街道人员", "崔庙镇", ""]


@pytest.fixture
def world(client: Client, monkeypatch: pytest.MonkeyPatch) -> World:
    """The job waits until the test lets it `work`."""
    world = World.build(people=False)
    world.login(client, "security")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    monkeypatch.setattr(tasks.write_book, "defer", lambda pk: pk)
    return world


def book_of(*rows: list[Any], heads: list[str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = layout.SHEET
    sheet.append(heads or [column.heading for column in layout.COLUMNS])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client: Client, content: bytes, name: str = "账号.xlsx") -> Any:
    return client.post(URL, {"file": SimpleUploadedFile(name, content)})


def sure(page: Any) -> str:
    found = re.search(r'name="sure" value="([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def mistakes(page: Any) -> dict[str, str]:
    assert page.status_code == 400
    return dict(re.findall(r"<strong>登录账号!([A-Z]+\d+)</strong>: ([^<]+)", page.content.decode()))


def confirmed(client: Client, *rows: list[Any]) -> str:
    """The address of the page that shows how far it is."""
    return str(client.post(URL, {"sure": sure(upload(client, book_of(*rows)))}).headers["Location"])


def work(before: int = 0) -> LogInBook:
    book = LogInBook.objects.latest("id")
    context: Any = SimpleNamespace(job=SimpleNamespace(attempts=before))
    tasks.write_book.func(context, book.pk)
    book.refresh_from_db()
    return book


def names() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


def test_nothing_is_written_before_the_click_and_before_the_job(client: Client, world: World) -> None:
    before = names()
    page = upload(client, book_of(DUTY, STAFF))
    assert page.status_code == 200
    assert (names(), LogInBook.objects.count()) == (before, 0)
    client.post(URL, {"sure": sure(page)})
    assert names() == before
    assert work().outcome == {"new": 2, "changed": 0, "same": 0}
    assert names() - before == {"xy.duty", "cm.staff"}


def test_the_passwords_come_once_work_once_and_must_be_changed(client: Client, world: World) -> None:
    page = confirmed(client, DUTY, STAFF)
    assert "every 1s" in client.get(page).content.decode()
    work()
    file = client.post(page + "passwords/")
    rows = list(load_workbook(io.BytesIO(file.content)).worksheets[0].values)
    assert rows[0] == layout.PASSWORD_HEADS
    secrets = {str(row[0]): str(row[2]) for row in rows[1:]}
    assert set(secrets) == {"xy.duty", "cm.staff"}
    visitor = Client()
    answer = visitor.post("/login/", {"username": "cm.staff", "password": secrets["cm.staff"]}, follow=True)
    assert answer.redirect_chain[-1][0] == "/account/password/"
    assert client.post(page + "passwords/").status_code == 409
    assert LogInBook.objects.get().passwords is None
    assert AuditEntry.objects.filter(action="accounts.book_fetched", actor=world.security.pk).count() == 1


def test_the_passwords_are_gone_after_ten_minutes(client: Client, world: World) -> None:
    page = confirmed(client, DUTY)
    work()
    clock.forward(minutes=10)
    assert client.post(page + "passwords/").status_code == 409
    tasks.forget_passwords.func(0)
    assert LogInBook.objects.get().passwords is None
    assert "passwords/" not in client.get(page).content.decode()


def test_nobody_else_sees_the_order_or_its_passwords(client: Client, world: World) -> None:
    page = confirmed(client, DUTY)
    work()
    other = actions.create_user(
        "sec.two", PASSWORD, name="另一位", role=Role.SECURITY_ADMIN, place=world.places["4101"], temporary=False
    )
    client.force_login(other)
    assert client.get(page).status_code == 404
    assert client.post(page + "passwords/").status_code == 404
    assert LogInBook.objects.get().passwords is not None


def test_neither_rows_nor_passwords_lie_open_in_the_database(client: Client, world: World) -> None:
    confirmed(client, DUTY)
    waiting = LogInBook.objects.get()
    assert waiting.rows is not None
    assert b"xy.duty" not in waiting.rows.data
    done = work()
    assert done.rows is None
    assert done.passwords is not None
    assert b"xy.duty" not in done.passwords.data


def test_a_known_name_gets_the_role_of_its_row_and_the_same_again_changes_nothing(client: Client, world: World) -> None:
    confirmed(client, DUTY)
    work()
    shown = upload(client, book_of([*DUTY[:2], "市县审批人", "410182", ""], STAFF)).content.decode()
    assert "1 new, 1 changed, 0 unchanged" in shown
    confirmed(client, [*DUTY[:2], "市县审批人", "410182", ""])
    assert work().outcome == {"new": 0, "changed": 1, "same": 0}
    assert set(Grant.objects.filter(user__username="xy.duty").values_list("role", flat=True)) == {
        "duty_officer",
        "approver",
    }
    page = upload(client, book_of(DUTY))
    assert page.status_code == 200
    assert "there already" in page.content.decode()
    assert 'name="sure"' not in page.content.decode()


def test_the_person_behind_is_joined(client: Client, world: World) -> None:
    number = phone()
    person = add_person(name="王负责", place=world.places["410182109"], phone=number)
    confirmed(client, [*STAFF[:4], number])
    work()
    assert User.objects.get(username="cm.staff").person == person
    stranger = ["a.b", "乙", "网格员", "410182109211001", "10099999999"]
    found = mistakes(upload(client, book_of([*DUTY[:4], number], stranger)))
    assert "another log-in already" in found["E2"]
    assert "Nobody with this number" in found["E3"]


@pytest.mark.parametrize(
    ("row", "cell", "says"),
    [
        (["Wang Li", *DUTY[1:]], "A2", "Use small letters"),
        (["x", *DUTY[1:]], "A2", "at least two characters"),
        (["", *DUTY[1:]], "A2", "Must not be empty."),
        ([DUTY[0], "长" * 61, *DUTY[2:]], "B2", "60"),
        ([*DUTY[:2], "村长", "410182", ""], "C2", "is not one of"),
        ([*DUTY[:3], "410182109", ""], "C2", "can&#x27;t be held at"),
        ([*DUTY[:3], "110118", ""], "D2", "There is no place"),
        ([*DUTY[:3], "北京市", ""], "D2", "There is no place"),
        (["security", "security", "审计员", "4101", ""], "C2", "Nobody may change their own"),
        (["auditor", "auditor", "系统管理员", "4101", ""], "C2", "can&#x27;t hold two of"),
        (["officer", "另一个名字", "市县审批人", "410182", ""], "B2", "renames nobody"),
    ],
)
def test_a_broken_rule_is_said_at_its_cell_and_nothing_can_be_confirmed(
    client: Client, world: World, row: list[str], cell: str, says: str
) -> None:
    page = upload(client, book_of(row, STAFF))
    found = mistakes(page)
    assert list(found) == [cell]
    assert says in found[cell]
    assert 'name="sure"' not in page.content.decode()
    assert "cm.staff" in page.content.decode()


def test_two_of_the_three_offices_in_one_workbook(client: Client, world: World) -> None:
    officer = ["new.admin", "新管理员", "系统管理员", "4101", ""]
    found = mistakes(upload(client, book_of(officer, [*officer[:2], "审计员", "4101", ""])))
    assert "The same as in row 2." in found["A3"]


def test_a_county_makes_nobody_above_itself_and_learns_nothing_of_other_areas(client: Client, world: World) -> None:
    county = actions.create_user(
        "sec.xy", PASSWORD, name="荥阳", role=Role.SECURITY_ADMIN, place=world.places["410182"], temporary=False
    )
    client.force_login(county)
    above = ["a.b", "甲", "市县值班员", "4101", ""]
    beside = ["neighbour", "neighbour", "市县值班员", "410182", ""]
    found = mistakes(upload(client, book_of(above, beside)))
    assert "There is no place" in found["D2"]
    assert "is taken" in found["A3"]


def test_whoever_may_not_make_log_ins_may_not_upload_any(client: Client, world: World) -> None:
    for login in ("officer", "system", "auditor", "township"):
        world.login(client, login)
        assert upload(client, book_of(DUTY)).status_code == 403
        assert client.get("/users/workbook/template/").status_code == 403


def test_five_hundred_and_one_rows_are_refused(client: Client, world: World) -> None:
    page = upload(client, book_of(*([f"u{i:03}", "甲", "网格员", "410182109211001", ""] for i in range(501))))
    assert page.status_code == 400
    assert "More than 500 rows" in page.content.decode()


def test_files_that_are_no_good_are_refused_in_words(client: Client, world: World) -> None:
    heads = [column.heading for column in layout.COLUMNS]
    page = upload(client, book_of(DUTY[:4], heads=heads[:4]))
    assert "The heading should be" in mistakes(page)["E1"]
    assert "This is a formula" in mistakes(upload(client, book_of(["=A1", *DUTY[1:]])))["A2"]
    assert "macros" in upload(client, book_of(DUTY), "账号.xlsm").content.decode()
    assert "empty" in upload(client, book_of()).content.decode()
    for content in (b"no workbook", b""):
        assert upload(client, content).status_code == 400


def test_the_template_is_refused_while_empty_and_read_when_filled_in(client: Client, world: World) -> None:
    content = client.get("/users/workbook/template/").content
    assert "empty" in upload(client, content).content.decode()
    book = load_workbook(io.BytesIO(content))
    book[layout.SHEET].append(DUTY)
    out = io.BytesIO()
    book.save(out)
    assert sure(upload(client, out.getvalue()))


def test_what_moved_between_preview_and_click_is_not_written(client: Client, world: World) -> None:
    seen = sure(upload(client, book_of(DUTY, STAFF)))
    actions.create_user("xy.duty", PASSWORD, name="荥阳值班1", role=Role.DUTY_OFFICER, place=world.places["410182"])
    assert client.post(URL, {"sure": seen}).status_code == 409
    assert client.post(URL, {"sure": "forged"}).status_code == 409
    assert "cm.staff" not in names()


def test_what_moves_before_the_job_leaves_nothing_half_written(client: Client, world: World) -> None:
    page = confirmed(client, STAFF, DUTY)
    actions.create_user("xy.duty", PASSWORD, name="别人", role=Role.DUTY_OFFICER, place=world.places["410182"])
    assert work().state == LogInBook.State.FAILED
    assert "cm.staff" not in names()
    assert "Since the preview" in client.get(page).content.decode()


def test_an_administrator_who_was_locked_out_meanwhile_makes_nobody(client: Client, world: World) -> None:
    confirmed(client, DUTY)
    User.objects.filter(pk=world.security.pk).update(is_active=False)
    assert work().state == LogInBook.State.FAILED
    assert "xy.duty" not in names()


def test_a_job_that_breaks_is_tried_again_and_then_given_up(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: Any, **_named: Any) -> None:
        raise ConnectionError("the server went away")

    confirmed(client, DUTY, STAFF)
    with monkeypatch.context() as patch:
        patch.setattr(life, "_write_line", broken)
        with pytest.raises(ConnectionError):
            work()
        assert LogInBook.objects.get().state == LogInBook.State.QUEUED
        with pytest.raises(ConnectionError):
            work(tasks.TRIES - 1)
    assert LogInBook.objects.get().state == LogInBook.State.FAILED
    assert "xy.duty" not in names()
    work()  # a job that comes twice
    assert "xy.duty" not in names()


def test_one_order_at_a_time(client: Client, world: World) -> None:
    confirmed(client, DUTY)
    assert client.post(URL, {"sure": sure(upload(client, book_of(STAFF)))}).status_code == 409


def test_programs_check_write_and_fetch_by_the_same_rules(client: Client, world: World) -> None:
    row = {"username": "xy.duty", "display_name": "荥阳值班1", "role": "duty_officer", "place": "410182"}

    def ask(**more: Any) -> Any:
        return client.post("/api/v1/users/rows", {"rows": [row], **more}, content_type="application/json")

    assert ask().json()["outcome"] == {"new": 1, "changed": 0, "same": 0}
    assert LogInBook.objects.count() == 0
    made = ask(only_check=False)
    assert (made.status_code, made.json()["state"]) == (202, "queued")
    work()
    url = f"/api/v1/users/rows/{made.json()['id']}"
    assert client.get(url).json()["state"] == "done"
    assert [one["username"] for one in client.post(url + "/passwords").json()] == ["xy.duty"]
    assert client.post(url + "/passwords").status_code == 409
    row["place"] = "110118"
    wrong = ask()
    assert wrong.status_code == 400
    assert list(wrong.json()["fields"]) == ["D1"]
    world.login(client, "officer")
    assert ask().status_code == 403
