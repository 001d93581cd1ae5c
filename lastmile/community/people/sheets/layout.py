"""The sheets and columns of the workbook. Their headings are data, the same in every language of the console."""

from __future__ import annotations

from dataclasses import dataclass

from lastmile.community.org.models import Post, SpecialSite, Terminal
from lastmile.community.people.models import Appointment, Language, Vulnerability

EXAMPLE = "例："  # a row whose first cell begins so is an example and is not read
SEPARATORS = "、,，;； "


@dataclass(frozen=True)
class Column:
    name: str
    heading: str
    note: str
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    width: int = 14


YES = {"是": True, "否": False}
LANGUAGES = {"中文": Language.CHINESE, "英文": Language.ENGLISH}
ROLES = {"A角": Appointment.Role.HOLDER, "B角": Appointment.Role.DEPUTY}
CARE = {
    "独居": Vulnerability.ALONE,
    "高龄": Vulnerability.ELDERLY,
    "儿童": Vulnerability.CHILD,
    "残疾": Vulnerability.DISABLED,
    "卧床": Vulnerability.BEDRIDDEN,
    "孕产": Vulnerability.PREGNANT,
    "重病": Vulnerability.ILL,
    "听障": Vulnerability.DEAF,
    "视障": Vulnerability.BLIND,
    "无手机": Vulnerability.NO_PHONE,
}
POSTS = {
    "负责人": Post.Kind.LEADER,
    "值班员": Post.Kind.DUTY,
    "防汛责任人": Post.Kind.FLOOD,
    "信息员": Post.Kind.INFORMATION,
    "网格员": Post.Kind.GRID_WORKER,
    "第一响应人": Post.Kind.FIRST_RESPONDER,
    "其他": Post.Kind.OTHER,
}
SITES = {
    "养老院": SpecialSite.Kind.CARE_HOME,
    "学校幼儿园": SpecialSite.Kind.SCHOOL,
    "地下空间": SpecialSite.Kind.BASEMENT,
    "建筑工地": SpecialSite.Kind.BUILDING_SITE,
    "景区": SpecialSite.Kind.SCENIC_SPOT,
    "隐患点": SpecialSite.Kind.HAZARD_POINT,
    "其他": SpecialSite.Kind.OTHER,
}

TERMINAL_SHEET = "大喇叭和屏幕"
TERMINALS = {
    "大喇叭": Terminal.Kind.LOUDSPEAKER,
    "LED屏": Terminal.Kind.SCREEN,
    "电视": Terminal.Kind.TELEVISION,
    "警报器": Terminal.Kind.SIREN,
    "其他": Terminal.Kind.OTHER,
}
ABILITIES = {"播放音频": "plays", "自带朗读": "speaks", "显示文字": "letters"}

GRID = Column("grid", "网格编号", "村(社区)内的 3 位编号，如 001；没有网格可留空。", "001")
PHONE_NOTE = "11 位手机号，或带区号的座机，如 0371-67180000。请把单元格设为文本格式。"

SHEETS: dict[str, tuple[Column, ...]] = {
    "网格": (
        Column("grid", "网格编号", "3 位编号，如 001，本村(社区)内不重复。", "001", required=True),
        Column("name", "网格名称", "可留空，默认“第1网格”。", "第1网格", width=20),
    ),
    "住户": (
        Column("number", "门户编号", "本村(社区)内不重复，以后凭它找到这一户。", "001-0001", required=True),
        GRID,
        Column("address", "地址", "能找到门的写法，如 3组12号。", "3组12号", required=True, width=30),
        Column("longitude", "经度", "WGS84，可留空。", "113.30512"),
        Column("latitude", "纬度", "WGS84，可留空。", "34.62044"),
        Column("walking_order", "走访顺序", "在网格内第几户走到，可留空。", "1"),
    ),
    "居民": (
        Column("number", "门户编号", "“住户”表里的编号。", "001-0001", required=True),
        Column("name", "姓名", "真实姓名，系统加密保存。", "示例人", required=True),
        Column("born", "出生年份", "4 位数字，如 1958，可留空。", "1958"),
        Column("phone", "手机", PHONE_NOTE, "10012345678", width=16),
        Column("phone2", "备用手机", PHONE_NOTE, "", width=16),
        Column("email", "邮箱", "可留空。", "", width=22),
        Column("language", "语言", "可留空，默认中文。", "中文", choices=tuple(LANGUAGES)),
        Column("care", "需要帮助的原因", "可填几项，用顿号隔开：" + "、".join(CARE), "独居、高龄", width=24),
        Column("note", "备注", "上门的人要知道的，如“腿脚不便，二楼”。", "", width=24),
        Column("exposed", "住在危险处", "临河、坡脚、地下室等。", "否", choices=tuple(YES)),
        Column("guardian", "监护人手机", "照看他的人的手机，此人须已在表中或系统中。", "", width=16),
    ),
    "岗位人员": (
        Column("kind", "岗位类别", "从下拉框选。", "网格员", required=True, choices=tuple(POSTS)),
        GRID,
        Column("title", "岗位名称", "如“防汛责任人”；可留空，默认同类别。", "网格员", width=20),
        Column("role", "A角或B角", "A角是责任人，B角在A角请假时顶上。", "A角", required=True, choices=tuple(ROLES)),
        Column("name", "姓名", "", "示例人", required=True),
        Column("phone", "手机", PHONE_NOTE, "10012345678", required=True, width=16),
    ),
    "重点场所": (
        Column("name", "名称", "本网格内不重复。", "示例小学", required=True, width=22),
        Column("kind", "类型", "从下拉框选。", "学校幼儿园", required=True, choices=tuple(SITES)),
        GRID,
        Column("address", "地址", "可留空。", "", width=30),
        Column("capacity", "最多人数", "可留空。", "300"),
        Column("longitude", "经度", "WGS84，可留空。", ""),
        Column("latitude", "纬度", "WGS84，可留空。", ""),
        Column("keeper", "责任人姓名", "预警来时谁负责。", "示例人"),
        Column("phone", "责任人手机", PHONE_NOTE, "10012345678", width=16),
    ),
}
