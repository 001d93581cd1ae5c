from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from lastmile.facts import values
from lastmile.facts.models import FieldType
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("whole", "１２", "12"),
        ("whole", "1,234", "1234"),
        ("whole", "12 人", "12"),
        ("whole", 12.0, "12"),
        ("decimal", "3.50", "3.5"),
        ("decimal", "0", "0"),
        ("yes_no", "是", "yes"),
        ("yes_no", "✅", "yes"),
        ("yes_no", "没有", "no"),
        ("choice", " 好 ", "好"),
        ("date", "2026年5月1日", "2026-05-01"),
        ("date", "2026/5/1", "2026-05-01"),
        ("text", "  两处\n漏水 ", "两处 漏水"),
    ],
)
def test_a_value_is_kept_in_one_form(kind: str, typed: object, kept: str) -> None:
    assert values.read(kind, typed, unit="人", choices=["好", "坏"]) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("whole", ""),
        ("whole", "-1"),
        ("whole", "1.5"),
        ("whole", "大概十"),
        ("whole", "1" * 40),
        ("whole", "NaN"),
        ("decimal", "1e9"),
        ("yes_no", "也许"),
        ("choice", "中"),
        ("date", "2026-02-30"),
        ("date", "下周"),
        ("text", "字" * 501),
    ],
)
def test_nonsense_gets_a_sentence(kind: str, typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        values.read(kind, typed, choices=["好", "坏"])
    assert refused.value.says


@given(st.sampled_from([kind.value for kind in FieldType]), st.text(max_size=30))
def test_whatever_is_typed_is_kept_or_refused_and_what_is_kept_reads_again(kind: str, typed: str) -> None:
    with translation.override("zh-hans"):
        try:
            kept = values.read(kind, typed, choices=["好", "坏"])
        except Refusal:
            return
    assert values.read(kind, kept, choices=["好", "坏"]) == kept


def test_a_fact_of_tomorrow_is_refused() -> None:
    tomorrow = clock.now() + timedelta(days=2)
    with pytest.raises(Refusal):
        values.day(tomorrow.date().isoformat())


def test_sums_add_numbers_and_count_yes() -> None:
    assert values.total("whole", ["1", "2", ""]) == "3"
    assert values.total("decimal", ["0.1", "0.2"]) == "0.3"
    assert values.total("yes_no", ["yes", "no", "yes"]) == "2"
    assert values.total("text", ["a"]) == ""
