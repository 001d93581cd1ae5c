"""The departments of government (条) and how their local names are recognised: 区水利局, 农业农村办公室, 派出所 …"""

from __future__ import annotations

from lastmile.community.org.models import Line

# The first word found in a local name decides; longer and rarer words come first.
WORDS: tuple[tuple[str, Line], ...] = (
    ("消防", Line.FIRE), ("应急", Line.EMERGENCY), ("安全生产", Line.EMERGENCY), ("防汛", Line.WATER),
    ("卫健", Line.HEALTH), ("卫生", Line.HEALTH), ("疾控", Line.HEALTH), ("医院", Line.HEALTH),
    ("水务", Line.WATER), ("水利", Line.WATER), ("河道", Line.WATER), ("公安", Line.POLICE), ("派出所", Line.POLICE),
    ("交警", Line.POLICE), ("民政", Line.CIVIL), ("自然资源", Line.RESOURCES), ("国土", Line.RESOURCES),
    ("规划", Line.RESOURCES), ("林业", Line.FORESTRY), ("住建", Line.HOUSING), ("住房", Line.HOUSING),
    ("房管", Line.HOUSING), ("城管", Line.CITY), ("城市管理", Line.CITY), ("教育", Line.EDUCATION),
    ("教体", Line.EDUCATION),
    ("交通", Line.TRANSPORT), ("公路", Line.TRANSPORT), ("农业", Line.AGRICULTURE), ("气象", Line.WEATHER),
    ("环境", Line.ENVIRONMENT), ("环保", Line.ENVIRONMENT), ("文旅", Line.CULTURE), ("文化", Line.CULTURE),
    ("旅游", Line.CULTURE), ("市场监管", Line.MARKET), ("通信", Line.TELECOMS), ("供电", Line.POWER),
    ("电力", Line.POWER),
    ("宣传", Line.PRESS), ("网信", Line.PRESS), ("财政", Line.FINANCE), ("党政", Line.OFFICE), ("政府办", Line.OFFICE),
    ("市政府", Line.OFFICE),
)  # fmt: skip


def line_of(department: str) -> str:
    """The department a local name belongs to; empty where it can't be told."""
    return next((line.value for word, line in WORDS if word in department), "")
