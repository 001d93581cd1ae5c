"""From uploaded workbook to imported community, and the division codes of a whole country."""

from __future__ import annotations

import io
import random

from openpyxl import Workbook

from tools.bench.results import Board, timed

VILLAGE = "990101001001"  # no real place: made for the measurement and taken away again
HOUSEHOLDS = 5_000
GRIDS = 20
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰春梅建国志海燕文博"
CARE = ["独居", "高龄", "儿童", "残疾", "卧床", "孕产", "重病", "听障", "视障", "无手机"]


def measure(board: Board) -> None:
    content = workbook()
    _away()
    try:
        village = _village()
        checked, taken = _import(village, content)
        board.add(f"workbook of {HOUSEHOLDS:,} households, upload to preview", checked, "s")
        board.add(f"workbook of {HOUSEHOLDS:,} households, upload to imported", checked + taken, "s", "<= 30")
        checked, taken = _import(village, content)
        board.add("the same workbook once more, upload to imported", checked + taken, "s", "<= 30")
    finally:
        _away()


def workbook() -> bytes:
    """5,000 households of one to five, each adult with a phone, some with a second, a mail, a need, a guardian."""
    from lastmile.community.people.sheets.layout import SHEETS

    dice = random.Random(1)  # noqa: S311  # invented people
    book = Workbook(write_only=True)
    lines = _lines(dice)
    for name, columns in SHEETS.items():
        sheet = book.create_sheet(name)
        sheet.append([column.heading for column in columns])
        for line in lines[name]:
            sheet.append([value or None for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(dice: random.Random) -> dict[str, list[list[str]]]:
    grids = [f"{n:03}" for n in range(1, GRIDS + 1)]
    doors: list[list[str]] = []
    people: list[list[str]] = []
    for home in range(HOUSEHOLDS):
        grid = grids[home * GRIDS // HOUSEHOLDS]
        number = f"{grid}-{home:05}"
        east, north = f"{113.3 + dice.random() / 20:.5f}", f"{34.6 + dice.random() / 20:.5f}"
        doors.append([number, grid, f"{home // 50 + 1}组{home % 50 + 1}号", east, north, str(home % 250 + 1)])
        people += _family(dice, number, len(people))
    posts = [
        ["网格员", grid, "", role, people[int(grid) * 7 + n][1], people[int(grid) * 7 + n][3]]
        for grid in grids
        for n, role in enumerate(("A角", "B角"))
    ]
    sites = [[f"{grid}小学", "学校幼儿园", grid, "", "300", "", "", *posts[2 * i][4:6]] for i, grid in enumerate(grids)]
    return {
        "网格": [[grid, ""] for grid in grids],
        "住户": doors,
        "居民": people,
        "岗位人员": posts,
        "重点场所": sites,
    }


def _family(dice: random.Random, number: str, start: int) -> list[list[str]]:
    made: list[list[str]] = []
    for member in range(dice.choice([1, 2, 3, 3, 4, 5])):
        name = dice.choice(FAMILY) + "".join(dice.choices(GIVEN, k=2)) + "一二三四五"[member]
        phone, second = f"100{start + member:08}", f"100{50_000_000 + start + member:08}"
        care = "、".join(dice.sample(CARE, dice.choice([0, 0, 0, 1, 2])))
        guardian = made[0][3] if made and care else ""
        mail = f"p{start + member}@example.cn" if dice.random() < 0.2 else ""
        year = str(dice.randint(1930, 2020))
        two = second if dice.random() < 0.2 else ""
        made.append([number, name, year, phone, two, mail, "", care, "二楼" if care else "", "", guardian])
    return made


def _import(village: object, content: bytes) -> tuple[float, float]:
    from lastmile.community.people.sheets import upload as uploads

    with timed() as checked:
        upload = uploads.receive(village, "表.xlsx", content, by=uploads.Importer(1, "bench"))  # type: ignore[arg-type]  # loaded late
    with timed() as taken:
        uploads.start(upload, lambda key: None)
        uploads.run(upload.pk)  # as the worker does, after the commit that put the job into the queue
    upload.refresh_from_db()
    if upload.state != upload.State.DONE:
        raise RuntimeError(str(upload.outcome))
    return checked.seconds, taken.seconds


def _village() -> object:
    from lastmile.community.org.models import LEVEL_OF_LENGTH, Place

    above = None
    for length in (2, 4, 6, 9, 12):
        code = VILLAGE[:length]
        above = Place.objects.create(
            code=code, national_code=code, name="量测", level=LEVEL_OF_LENGTH[length], parent=above
        )
    return above


def _away() -> None:
    from django.db import connection

    tables = [
        "DELETE FROM people_appointment WHERE person_id IN (SELECT id FROM people_person WHERE place_id LIKE %s)",
        "DELETE FROM people_contact WHERE person_id IN (SELECT id FROM people_person WHERE place_id LIKE %s)",
        "DELETE FROM people_person WHERE place_id LIKE %s",
        "DELETE FROM people_household WHERE place_id LIKE %s",
        "DELETE FROM org_post WHERE place_id LIKE %s",
        "DELETE FROM org_specialsite WHERE place_id LIKE %s",
        "DELETE FROM people_upload WHERE place_id LIKE %s",
        "DELETE FROM org_place WHERE code LIKE %s",
    ]
    with connection.cursor() as cursor:
        for statement in tables:
            cursor.execute(statement, [VILLAGE[:2] + "%"])
