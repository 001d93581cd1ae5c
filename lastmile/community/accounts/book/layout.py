"""The workbook of log-ins: columns, template and reading. Headings are data, in both languages."""

from __future__ import annotations

from typing import cast

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from lastmile.community.accounts import queries
from lastmile.community.accounts.roles import Role
from lastmile.community.people.sheets.layout import Column
from lastmile.community.people.sheets.read import Sheets
from lastmile.community.people.sheets.read import read as read_sheets
from lastmile.community.people.sheets.template import add_sheet, guided, saved
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import plain

SHEET = "登录账号"
MOST_ROWS = 500
ROLES = {
    "市县值班员": Role.DUTY_OFFICER,
    "市县审批人": Role.APPROVER,
    "部门工作人员": Role.DEPARTMENT_STAFF,
    "乡镇街道人员": Role.TOWNSHIP_STAFF,
    "村社区人员": Role.VILLAGE_STAFF,
    "网格员": Role.GRID_WORKER,
    "避难场所管理员": Role.SHELTER_KEEPER,
    "系统管理员": Role.SYSTEM_ADMIN,
    "安全管理员": Role.SECURITY_ADMIN,
    "审计员": Role.AUDITOR,
}
COLUMNS = (
    Column("username", "用户名 User name", "小写字母和数字，如 wang.li。", "wang.li", required=True, width=22),
    Column("display_name", "显示名 Display name", "审计中显示的工作名。", "崔庙镇值班1", required=True, width=24),
    Column("office", "角色 Role", "从下拉框选。", "乡镇街道人员", required=True, choices=tuple(ROLES), width=18),
    Column("area", "地区代码 Place code", "代码或准确名称。", "410182109", required=True, width=22),
    Column("contact", "本人电话或邮箱 Phone or e-mail", "可空。填了就与已录入的人员关联。", "", width=32),
)
LAYOUT = {SHEET: COLUMNS}
HEADINGS = {column.name: column.heading for column in COLUMNS}
GUIDE = (
    "最后一公里 · 登录账号表 Log-ins",
    "1. 一行一个账号，最多 500 行。橙色列必填。One row a log-in, 500 at most; the orange columns must be filled in.",
    "2. 第 2 行是示例，不会导入。Row 2 is an example and is not read.",
    "3. 已有的用户名：加上这一行的角色，不改名、不收回角色。A known name gets the role of its row.",
    "4. 上传后先预览，有一处错就全部不导入。A preview comes first; one mistake and nothing is stored.",
    "5. 临时密码由系统生成，只能下载一次，10 分钟后作废。Passwords: one download within 10 minutes.",
)
PASSWORD_HEADS = ("用户名 User name", "显示名 Display name", "临时密码 Temporary password")


def template() -> bytes:
    """The empty workbook, with the roles and where each may be held."""
    book = guided(GUIDE, "说明 Guide")
    guide = book.worksheets[0]
    guide.column_dimensions["A"].width, guide.column_dimensions["B"].width = 34, 40
    words = {role: word for word, role in ROLES.items()}
    with translation.override("zh-hans"):
        for held in queries.role_levels():
            guide.append([words[held["role"]], "、".join(map(str, held["levels"]))])
    add_sheet(book, SHEET, COLUMNS)
    return saved(book)


def secrets_book(secrets: list[list[str]]) -> bytes:
    """(user name, display name, temporary password) of each, to hand out and destroy."""
    book = Workbook()
    sheet = cast("Worksheet", book.active)
    sheet.title = SHEET
    sheet.append(PASSWORD_HEADS)
    for line in secrets:
        sheet.append([plain(text) for text in line])
    for letter in "ABC":
        sheet.column_dimensions[letter].width = 30
        sheet[f"{letter}1"].font = Font(bold=True)
    return saved(book)


def read(filename: str, content: bytes) -> Sheets:
    """Every row, each cell checked by itself. Raises Refusal when the file is no good."""
    found = read_sheets(filename, content, LAYOUT)
    return limited(found)


def limited(found: Sheets) -> Sheets:
    rows = len(found.rows[SHEET])
    if rows > MOST_ROWS:
        raise Refusal(_("More than %(n)s rows. Split the workbook.") % {"n": MOST_ROWS})
    if not rows and not found.error_count:
        raise Refusal(_("The workbook is empty."), _("Fill in the rows below the examples, then upload it again."))
    return found
