"""The workbook to download: headings with notes, drop-downs, one example row a sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import cast

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.people.sheets.layout import EXAMPLE, SHEETS, Column

ROWS = 20_000  # rows prepared for typing: text format and drop-downs
NEEDED, OPTIONAL = PatternFill("solid", fgColor="FFE8CC"), PatternFill("solid", fgColor="E7F5FF")
GUIDE = (
    "最后一公里 · 社区建档表",
    "1. 橙色列必填，蓝色列可空。把鼠标放在表头上看说明。",
    "2. 第 2 行是示例，可以不删：以“例：”开头的行不会导入。",
    "3. 先填“网格”，再填“住户”“居民”，最后填“岗位人员”“重点场所”。不用的表留空。",
    "4. 不要合并单元格，不要用公式，不要改表名和表头。从别处粘贴时选“只粘贴数值”。",
    "5. 上传后先预览，有错会说明在哪个单元格；全部改好才会导入，不会只导入一半。",
    "6. 以后可以改了再传：同一门户编号、同一人不会重复。表里没有的人不会被删除。",
    "7. 本表含个人信息，只用于应急；导入后请删除自己电脑上的副本。",
)


def template(place_name: str) -> bytes:
    """The empty workbook for one village or community, as the bytes of an .xlsx file."""
    book = guided((*GUIDE, f"本表用于：{place_name}"))
    for name, columns in SHEETS.items():
        add_sheet(book, name, columns)
    return saved(book)


def guided(lines: Sequence[str], title: str = "说明") -> Workbook:
    """A workbook that begins with how to fill it in; it opens at the sheet that is added next."""
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = title
    for row, line in enumerate(lines, start=1):
        guide.cell(row, 1, line).font = Font(bold=row == 1, size=14 if row == 1 else 11)
    guide.column_dimensions["A"].width = 90
    book.active = 1
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def add_sheet(book: Workbook, name: str, columns: tuple[Column, ...]) -> Worksheet:
    """A sheet with headings, notes, drop-downs and an example row."""
    sheet = cast("Worksheet", book.create_sheet(name))  # the book is not write-only
    for index, column in enumerate(columns, start=1):
        letter = get_column_letter(index)
        head = sheet.cell(1, index, column.heading)
        head.font, head.fill = Font(bold=True), NEEDED if column.required else OPTIONAL
        head.alignment = Alignment(horizontal="center")
        if column.note:
            head.comment = Comment(
                ("必填。" if column.required else "") + column.note, "Lastmile", width=260, height=120
            )
        example = sheet.cell(2, index, (EXAMPLE if index == 1 else "") + column.example)
        example.font = Font(italic=True, color="808080")
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"
        if column.choices:
            allowed = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            allowed.error, allowed.errorTitle = "请从下拉框选择：" + "、".join(column.choices), column.heading
            sheet.add_data_validation(allowed)
            allowed.add(f"{letter}2:{letter}{ROWS}")
    sheet.freeze_panes = "A2"
    return sheet
