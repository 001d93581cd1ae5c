"""Invented names and addresses: drawn character by character from tables of how common each is, so nobody real."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

# Shares per thousand of the most common surnames.
SURNAMES = (
    "王 72 李 71 张 68 刘 54 陈 45 杨 31 赵 23 黄 22 周 21 吴 20 徐 17 孙 15 胡 13 朱 13 高 12 林 12 何 12 郭 11 "
    "马 10 罗 9 梁 8 宋 8 郑 8 谢 7 韩 7 唐 7 冯 6 于 6 董 6 萧 6 程 6 曹 6 袁 5 邓 5 许 5 傅 5 "
    "沈 5 曾 5 彭 5 吕 5 苏 5 卢 5 蒋 5 蔡 5 贾 4 丁 4 魏 4 薛 4 叶 4 阎 4 余 4 潘 4 杜 4 戴 4 "
    "夏 4 钟 4 汪 4 田 4 任 4 姜 4 范 4 方 4 石 3 姚 3 谭 3 廖 3 邹 3 熊 3 金 3 陆 3 郝 3 孔 3 "
    "白 3 崔 3 康 3 毛 3 邱 3 秦 3 江 3 史 3 顾 3 侯 3 邵 3 孟 3 龙 3 万 3 段 3 漕 1 钱 2 汤 2 "
    "尹 2 黎 2 易 2 常 2 武 2 乔 2 贺 2 赖 2 龚 2 文 2 楚 1 禹 1 荆 1 慕 1 "
)
MALE = "伟强军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林建国志文海东成天立新永德福庆山根生保安民忠义学振"
FEMALE = "芳娜敏静丽艳娟霞秀燕玲桂英华红梅兰凤洁琳萍雪云莲慧婷玉珍琴月香彩春菊巧丹倩颖悦佳欣怡瑶洋爱素改花荣"
YOUNG = "子轩梓涵宇浩然一诺欣怡博文思源雨桐嘉豪梦琪语晨奕辰依诺俊熙可馨昊天若曦皓睿诗"


@cache
def _surname_table() -> tuple[list[str], NDArray[np.float64]]:
    parts = SURNAMES.split()
    weights = np.array([int(share) for share in parts[1::2]], dtype=float)
    return parts[0::2], weights.cumsum() / weights.sum()


def surnames(rng: np.random.Generator, count: int) -> list[str]:
    table, cumulated = _surname_table()
    return [table[index] for index in cumulated.searchsorted(rng.random(count), side="right").tolist()]


def given(draws: tuple[float, float, float], *, male: bool, young: bool) -> str:
    """One or two characters for three draws from [0, 1); common characters come first in the tables."""
    first, second, length = draws
    table = YOUNG if young else MALE if male else FEMALE
    name = table[int(len(table) * first**1.3)]
    return name if length < 0.22 else name + table[int(len(table) * second**1.3)]


def village_name(name: str) -> str:
    """The name as people write it on an address.

    >>> village_name("王宗店村委会"), village_name("碧沙岗社区居委会"), village_name("索河路居委会")
    ('王宗店村', '碧沙岗社区', '索河路社区')
    """
    for ending, instead in (("社区居委会", "社区"), ("村委会", "村"), ("村民委员会", "村"), ("居委会", "社区")):
        if name.endswith(ending):
            return (name.removesuffix(ending) + instead).replace("村村", "村")
    return name


def rural_address(village: str, group: int, door: int) -> str:
    return f"{village}{group}组{door}号"


def urban_address(village: str, building: int, flat: int) -> str:
    """Six floors, two flats a floor, three entrances a building."""
    entrance, rest = divmod(flat % 36, 12)
    return f"{village}{building}号楼{entrance + 1}单元{rest // 2 + 1}0{rest % 2 + 1}"
