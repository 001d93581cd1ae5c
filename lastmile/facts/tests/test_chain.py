"""接龙: who answered what, in the styles people use; nothing is dropped in silence."""

from __future__ import annotations

import contextlib
import time

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lastmile.community.org.models import Place
from lastmile.facts import dictionary
from lastmile.facts.actions.chain import Confirmed, store
from lastmile.facts.chain import words
from lastmile.facts.chain.match import Matched, match
from lastmile.facts.chain.read import lines, missing, read
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Entry
from lastmile.facts.queries import rows
from lastmile.facts.values import clean
from lastmile.kernel.errors import Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

VILLAGE, TOWNSHIP = "410182109211", "410182109"
PEOPLE, HOMES = Field("t.people", "人数", "人"), Field("t.homes", "户数", "户")
CLINIC = Field("t.clinic", "有卫生室", type="yes_no")
STATE = Field("t.state", "路况", type="choice", choices=("通", "不通车"))


def nobody(text: str) -> None:
    return None


@pytest.mark.parametrize(
    ("line", "who", "value"),
    [
        ("1. 张三 2人", "张三", "2"),
        ("1、张三２人", "张三", "2"),
        ("2) 张三：2", "张三", "2"),
        ("（3）张三两人", "张三", "2"),
        ("4．张三 +2", "张三", "2"),
        ("5 张三 十二", "张三", "12"),
        ("①张三 2人", "张三", "2"),
        ("1️⃣ 张三 2人", "张三", "2"),
        ("@张三 2", "张三", "2"),
        ("张三2人👍", "张三", "2"),
        ("6. 李一 3人", "李一", "3"),
        ("7. 张三 无", "张三", "0"),
        ("8. 张三没有", "张三", "0"),
        ("9. 买买提·艾力 1,200", "买买提·艾力", "1200"),
        ("10. 张三 1万人", "张三", "10000"),
        ("11. 张三——4", "张三", "4"),
        ("🔟 张三 ➕2", "张三", "2"),
        ("1️⃣2️⃣ 张三 2", "张三", "2"),
        ("㉑张三 2人", "张三", "2"),
        ("❶ 张三 2人", "张三", "2"),
        ("一、张三 2人", "张三", "2"),
        ("(十二)张三 2人", "张三", "2"),
        ("Ⅲ. 张三 2人", "张三", "2"),
        ("[玫瑰]张三 2人[强]", "张三", "2"),
        ("14.张三-3人-已通知", "张三", "3"),
        ("张三 俩人", "张三", "2"),
        ("张三\t2\t人", "张三", "2"),
        ("张三，，，3", "张三", "3"),
    ],
)
def test_a_number_is_read_in_many_styles(line: str, who: str, value: str) -> None:
    found = read(line, [PEOPLE], nobody)
    assert [(one.who, one.values, one.left_out) for one in found] == [(who, [value], "")]


@pytest.mark.parametrize(
    ("rest", "fields", "values"),
    [
        ("3户12人", [PEOPLE, HOMES], ["12", "3"]),
        ("12 3", [PEOPLE, HOMES], ["12", "3"]),
        ("有", [CLINIC], ["yes"]),
        ("❌", [CLINIC], ["no"]),
        ("收到", [CLINIC], ["yes"]),
        ("2人，没有", [PEOPLE, CLINIC], ["2", "no"]),
        ("有没有", [CLINIC], [""]),
        ("路通", [STATE], ["通"]),
    ],
)
def test_several_fields_are_told_apart(rest: str, fields: list[Field], values: list[str]) -> None:
    (line,) = read(f"1. 张三 {rest}", fields, nobody)
    assert line.values == values


def test_headings_are_listed_and_not_read() -> None:
    found = read("#接龙\n今晚需转移人数\n例 张三 2人\n\n1. 张三 2人\n2. 李四 3人\n谢谢大家", [PEOPLE], nobody)
    assert [bool(line.left_out) for line in found] == [True, True, True, False, False, False]
    assert found[-1].doubts


def test_several_answers_in_one_line_are_put_apart() -> None:
    found = read("1.张三2人 2.李四3人 3、王五无", [PEOPLE], nobody)
    assert [(line.who, line.values) for line in found] == [("张三", ["2"]), ("李四", ["3"]), ("王五", ["0"])]


def test_answers_beside_each_other_without_numbers_are_put_apart_only_where_each_is_whole() -> None:
    found = read("沈六2人 韩七3人；杨八无", [PEOPLE], nobody)
    assert [(line.who, line.values, line.doubts) for line in found] == [
        ("沈六", ["2"], []),
        ("韩七", ["3"], []),
        ("杨八", ["0"], []),
    ]
    assert len(read("沈六 2人 已通知", [PEOPLE], nobody)) == 1


@pytest.mark.parametrize(
    ("rest", "value"),
    [
        ("（瘫痪1人）2人", "2"),
        ("3人（其中老人1人）", "3"),
        ("138****1234 2人", "2"),
        ("13812341234 2人", "2"),
        ("约20人", "20"),
        ("20余人", "20"),
        ("三五人", "35"),
        ("1.5人", "1.5"),
        ("3户", "3"),
        ("一家三口", "1"),
        ("2大1小", "2"),
        ("全部转移", ""),
        ("同上", ""),
        ("不清楚", ""),
        ("9" * 20, ""),
    ],
)
def test_what_can_be_meant_differently_is_a_doubt_never_a_sure_answer(rest: str, value: str) -> None:
    (line,) = read(f"1. 张三 {rest}", [PEOPLE], nobody)
    assert (line.who, line.values) == ("张三", [value])
    assert line.doubts


@pytest.mark.parametrize("rest", ["没有问题", "有吗", "有？", "有/无", "1", "看情况"])
def test_what_is_neither_yes_nor_no_is_a_doubt(rest: str) -> None:
    (line,) = read(f"1. 张三 {rest}", [CLINIC], nobody)
    assert (line.values, bool(line.doubts)) == ([""], True)


@pytest.mark.parametrize(
    ("rest", "value"), [("不好", "no"), ("没到", "no"), ("未完成", "no"), ("[OK]", "yes"), ("✔️", "yes")]
)
def test_a_word_of_yes_with_not_before_it_is_a_no(rest: str, value: str) -> None:
    (line,) = read(f"1. 张三 {rest}", [CLINIC], nobody)
    assert line.values == [value]


def test_both_measures_named_are_no_doubt() -> None:
    (line,) = read("1. 张三 3户12人", [PEOPLE], nobody)
    assert (line.values, line.doubts) == (["12"], [])


def test_numbers_that_were_not_copied_are_named() -> None:
    found = read("#接龙\n1. 张三 2人\n2. 李四 1人\n5. 王五 3人", [PEOPLE], nobody)
    assert missing(found) == [3, 4]
    assert missing(read("张三 2人\n李四 3人", [PEOPLE], nobody)) == []
    assert missing(read("2026 张三 2人", [PEOPLE], nobody)) == []


def test_too_many_numbers_are_a_doubt() -> None:
    (line,) = read("1. 张三 2人 3人", [PEOPLE], nobody)
    assert line.doubts


def test_an_empty_or_endless_paste_gets_a_sentence() -> None:
    for text in ("", " \n\t\n", "字" * 20_001, "1. 张三 1\n" * 501):
        with pytest.raises(Refusal):
            lines(text)


@pytest.mark.parametrize(
    "bit",
    [
        "一",
        "张",
        "1.",
        " ",
        "1 ",
        "(",
        "①",
        "[强]",
        "1️⃣",
        "有",
        "约",
        "张三2人 ",
        "1,",
        "·",
        "张·",
        "a1",
        "１",
        "人",
        "\u0301",
    ],
)
def test_a_wall_of_anything_is_read_in_a_moment(bit: str) -> None:
    """No pattern grows faster than the text: 20,000 characters of one kind, in one line and in many."""
    wall = (bit * 20_000)[:20_000]
    for text in (wall, "\n".join(wall[n : n + 390] for n in range(0, 20_000, 390))):
        start = time.process_time()
        with contextlib.suppress(Refusal):
            read(text, [PEOPLE, CLINIC], nobody)
        assert time.process_time() - start < 2


ODD = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
LIKELY = st.text(alphabet="12３．.、)（:： \n\t张三李四网格第户人两十无有👍❌#接龙+-@\u2028", max_size=80)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(LIKELY, ODD))
@example("1.\n2、 \n③\n❌\n+1")
def test_no_line_is_dropped_in_silence(text: str) -> None:
    """What goes in comes out: each line that is not blank is an answer, or is listed with why it is none."""
    with translation.override("zh-hans"):
        try:
            found = read(text, [PEOPLE, CLINIC], nobody)
        except Refusal:
            return
    assert "".join(clean(text).split()) == "".join("".join(clean(line.raw) for line in found).split())
    for line in found:
        assert line.left_out or line.who
        assert line.left_out or line.doubts or all(line.values)


@given(st.integers(min_value=1, max_value=99_999))
def test_chinese_numbers_read_back(number: int) -> None:
    digits = "零一二三四五六七八九"
    assert words.han("".join(digits[int(d)] for d in str(number))) == number


def _at(world: World, text: str, place: str = VILLAGE, field: str = "grid.needs_transport") -> list[Matched]:
    wanted = dictionary.field(field)
    table = rows.under([place], "place", wanted.level)
    return match(world.village, Place.objects.get(pk=place), text, [wanted], table)


@pytest.mark.django_db
def test_lines_are_matched_to_grids_doors_and_people() -> None:
    world = World.build()
    found = _at(world, "接龙\n1. 第1网格 2人\n2. 二网格 三人\n3. 001-2 1人\n4. 王负责 4人\n5. 赵无名 5人\n6. 李村民 1")
    slugs = [one.slug for one in found]
    assert slugs == ["", VILLAGE + "001", VILLAGE + "002", VILLAGE + "001", VILLAGE + "001", "", ""]
    assert "赵无名" in found[5].line.raw
    assert found[5].line.doubts
    assert len(found[6].rows) == 2  # the same name lives in both grids: somebody has to say
    assert AuditEntry.objects.filter(action="people.match_names").count() == 1


@pytest.mark.django_db
def test_a_holder_of_a_post_answers_for_their_grid() -> None:
    world = World.build()
    found = _at(world, "1. 王负责 4人")
    # the holder at the village and the holder at its first grid have the same name; only the grid is a row
    assert found[0].slug == VILLAGE + "001"


@pytest.mark.django_db
def test_a_door_number_is_not_cut_short() -> None:
    world = World.build(households=12)
    found = _at(world, "001-1 2人\n001-12 3人\n001-123 4人")
    assert [one.line.who for one in found[:2]] == ["001-1", "001-12"]
    assert not found[2].is_sure


@pytest.mark.django_db
def test_a_later_answer_of_the_same_replaces_the_earlier() -> None:
    world = World.build()
    found = _at(world, "1. 第1网格 2人\n2. 第1网格 3人")
    assert found[0].line.left_out
    assert found[1].is_sure


@pytest.mark.django_db
def test_villages_are_known_by_their_short_names() -> None:
    world = World.build()
    wanted = dictionary.field("village.pumps")
    table = rows.under([TOWNSHIP], "place", 5)
    text = "1. 王宗店 2台\n2. 王宗店村 3\n3. 邻村 1台"
    found = match(world.township, world.places[TOWNSHIP], text, [wanted], table)
    assert [one.slug for one in found] == [VILLAGE, VILLAGE, "410182109205"]


@pytest.mark.django_db
def test_doors_of_one_grid_are_added_up_and_stored_as_facts() -> None:
    world = World.build()
    wanted = dictionary.field("grid.needs_transport")
    row = rows.Row(VILLAGE + "001", None, "第1网格")
    other = rows.Row(VILLAGE + "002", None, "第2网格")
    confirmed = [Confirmed(1, row, ["2人"]), Confirmed(2, row, ["3"]), Confirmed(3, other, ["0"])]
    store(world.village, [wanted], confirmed)
    assert dict(Entry.objects.values_list("place", "value")) == {row.place: "5", other.place: "0"}
    assert not Entry.objects.filter(note__contains="张").exists()


@pytest.mark.django_db
def test_one_bad_line_stores_nothing() -> None:
    world = World.build()
    wanted = dictionary.field("grid.needs_transport")
    row = rows.Row(VILLAGE + "001", None, "第1网格")
    for bad in ([], [Confirmed(1, row, [""])], [Confirmed(1, row, ["2"]), Confirmed(2, row, ["好多"])]):
        with pytest.raises(Refusal):
            store(world.village, [wanted], bad)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_answers_that_contradict_each_other_are_refused() -> None:
    world = World.build()
    row = rows.Row(VILLAGE, None, "王宗店村")
    with pytest.raises(Refusal):
        store(
            world.village, [dictionary.field("village.clinic")], [Confirmed(1, row, ["是"]), Confirmed(2, row, ["否"])]
        )


@pytest.mark.django_db
def test_a_paste_of_ten_megabytes_gets_a_sentence(client: Client) -> None:
    world = World.build()
    world.login(client, "village")
    for size in (100_000, 10_000_000):
        given = {"field": ["grid.needs_transport"], "text": "1. 张三 2人\n" * (size // 16), "look": "1"}
        answer = client.post(f"/facts/chain/{VILLAGE}/", given)
        assert answer.status_code in {400, 413}
        assert any(words in answer.content.decode() for words in ("超过", "太大"))
    assert not Entry.objects.exists()


PIECES = st.lists(
    st.sampled_from(
        [
            "1.",
            "2、",
            "①",
            "3️⃣",
            "(四)",
            "第1网格",
            "二网格",
            "001-1",
            "王负责",
            "路人甲",
            "2人",
            "无",
            "三五人",
            "👍",
            "[强]",
            "约",
            "\n",
            " ",
            "（备注1）",
            "13812341234",
            "-",
            "+1",
            "x",
            "\u202e",
        ]
    ),
    max_size=40,
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(PIECES)
def test_whatever_is_pasted_looking_writes_nothing_and_storing_is_all_or_nothing(pieces: list[str]) -> None:
    """Every sure line can be stored as it was read; nothing is written by looking; a refusal leaves nothing behind."""
    with transaction.atomic(), translation.override("zh-hans"):
        world = World.build()
        wanted, text = dictionary.field("grid.needs_transport"), "".join(pieces)
        try:
            found = _at(world, text)
        except Refusal:
            found = []
        assert not Entry.objects.exists()
        sure = [one for one in found if one.is_sure]
        if sure:
            store(world.village, [wanted], [Confirmed(one.line.number, one.rows[0], one.line.values) for one in sure])
            assert Entry.objects.count() == len({one.slug for one in sure})
        transaction.set_rollback(True)
