"""The lint on real warnings of weather stations, and on what officers get wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from lastmile.alerting import lint, texts
from lastmile.alerting.channels.parts import parts
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.lint import Finding, Severity
from lastmile.alerting.models import Alert
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.kernel import clock

HAZARDS = {"雷电": "lightning", "暴雨": "rainstorm", "大雾": "fog", "雷暴大风": "wind", "大风": "wind"}
COLOURS = {"红色": Colour.RED, "橙色": Colour.ORANGE, "黄色": Colour.YELLOW, "蓝色": Colour.BLUE}


def found(alert: Alert, **known: Any) -> list[Finding]:
    with translation.override("en"):
        return lint.check(alert, texts.render(alert), **known)


def fields(alert: Alert, severity: Severity) -> set[str]:
    return {finding.field for finding in found(alert) if finding.severity is severity}


@pytest.mark.shared
def test_real_texts_lack_an_action_and_contradict_nothing(desk: Desk, shared: Path) -> None:
    rows = json.loads((shared / "cn" / "real_warning_texts.json").read_text(encoding="utf-8"))
    real = [row for row in rows if row.get("text") and row["type"] in HAZARDS]
    assert len(real) >= 9
    for row in real:
        alert = desk.draft(hazard=HAZARDS[row["type"]], colour=COLOURS[row["level"]], description=row["text"])
        alert.instruction = ""
        said = found(alert)
        assert {f.field for f in said if f.severity is Severity.ERROR} == {"instruction"}, row["text"]
        assert not {"colour", "hazard"} & {f.field for f in said}, row["text"]
        if "防范" in row["text"]:
            assert any("does not tell anybody what to do" in f.says for f in said), row["text"]


def test_a_good_warning_has_nothing_that_must_be_mended(desk: Desk) -> None:
    assert fields(desk.draft(), Severity.ERROR) == set()
    assert fields(desk.draft(), Severity.WARNING) == set()


@pytest.mark.parametrize(
    ("change", "field", "severity"),
    [
        ({"instruction": ""}, "instruction", Severity.ERROR),
        ({"description": ""}, "description", Severity.ERROR),
        ({"issuers": []}, "issuers", Severity.ERROR),
        ({"channels": []}, "channels", Severity.ERROR),
        ({"channels": ["sms"]}, "channels", Severity.WARNING),
        ({"contact": ""}, "contact", Severity.WARNING),
        ({"shelter": "", "instruction": "立即转移"}, "shelter", Severity.WARNING),
        ({"shelter": "", "hazard": "dam", "instruction": "远离河岸"}, "shelter", Severity.WARNING),
        ({"instruction": "请注意防范"}, "instruction", Severity.WARNING),
        ({"instruction": "强对流天气来了"}, "instruction", Severity.WARNING),
        ({"description": "这是演练，水来了"}, "exercise", Severity.ERROR),
        ({"description": "1月2日有雨"}, "description", Severity.WARNING),
        ({"headline": "蓝色预警信号"}, "colour", Severity.WARNING),
        ({"headline": "台风红色预警"}, "hazard", Severity.WARNING),
        ({"description": "贾峪镇沟河涨水"}, "audience", Severity.WARNING),
        ({"audience": {"places": [VILLAGE], "groups": []}}, "audience", Severity.ERROR),
        ({"audience": {"places": [], "groups": ["residents"]}}, "audience", Severity.ERROR),
    ],
)
def test_it_names_the_field(desk: Desk, change: dict[str, Any], field: str, severity: Severity) -> None:
    assert field in fields(desk.draft(**change), severity)


@pytest.mark.parametrize(
    ("start", "end", "severity"), [(2, 1, Severity.ERROR), (-5, -1, Severity.ERROR), (0, 100, Severity.WARNING)]
)
def test_contradicting_times_are_named(desk: Desk, start: int, end: int, severity: Severity) -> None:
    now = clock.now()
    alert = desk.draft(starts_at=now + timedelta(hours=start), ends_at=now + timedelta(hours=end))
    assert "ends_at" in fields(alert, severity)


def test_an_area_without_people_is_an_error(desk: Desk) -> None:
    assert "audience" in {f.field for f in found(desk.draft(), told=0) if f.severity is Severity.ERROR}


def test_the_text_is_action_first_and_ends_with_the_link(desk: Desk) -> None:
    sms = texts.render(desk.draft())["zh"]["sms"]
    assert sms.startswith("【暴雨红色预警】立即离开河沟")
    assert sms.endswith("{link}")
    assert sms.index("王宗店小学") < sms.index("大暴雨")


def test_the_same_warning_renders_the_same_text(desk: Desk) -> None:
    alert = desk.issued().alert
    first = texts.render(alert)
    with translation.override("en"):
        assert texts.render(Alert.objects.get(pk=alert.pk)) == first


def test_an_exercise_is_marked_in_every_text(desk: Desk) -> None:
    text = texts.render(desk.draft(exercise=True))["zh"]
    assert all("演练" in text[part] for part in ("headline", "sms", "voice", "subject"))  # type: ignore[literal-required]  # the four names


def test_the_subject_names_the_hazard_once(desk: Desk) -> None:
    named = texts.render(desk.draft(headline="荥阳市气象台发布暴雨红色预警信号"))["zh"]
    assert named["subject"] == "荥阳市气象台发布暴雨红色预警信号"
    exercise = texts.render(desk.draft(headline="荥阳市发布暴雨红色预警", exercise=True))["zh"]
    assert exercise["subject"].count("暴雨红色预警") == 1
    other = texts.render(desk.draft(headline="今夜特大暴雨"))["zh"]
    assert other["subject"] == "【暴雨红色预警】今夜特大暴雨"


def test_the_all_clear_says_so(desk: Desk) -> None:
    text = desk.follow(desk.issued(), "lift").frozen["texts"]["zh"]
    assert text["sms"].startswith("【解除·暴雨红色预警】暴雨红色预警已解除")
    assert "已经解除" in text["voice"]


@pytest.mark.parametrize("hazard", Hazard.values)
def test_a_long_text_still_fits_three_parts(desk: Desk, hazard: str) -> None:
    steps = "\n".join(["立即离开河沟，到村委会高处集合"] * 20)
    alert = desk.draft(hazard=hazard, instruction=steps, description="水。" * 300)
    assert parts(texts.preview(texts.render(alert)["zh"]["sms"])).number <= 3


def second(found_ones: list[Finding]) -> list[str]:
    return [one.says for one in found_ones if "second message" in one.says]


def test_a_second_warning_of_the_same_danger_for_the_same_people_is_said(desk: Desk) -> None:
    first = desk.issued()
    (says,) = second(found(desk.draft()))
    assert first.alert.headline in says
    assert desk.world.places[VILLAGE].name in says


def test_the_part_that_both_name_is_said_and_a_draft_below_too(desk: Desk) -> None:
    desk.issued()
    (says,) = second(found(desk.draft(audience={"places": [f"{VILLAGE}001"], "groups": ["residents"]})))
    assert desk.world.places[f"{VILLAGE}001"].name in says


@pytest.mark.parametrize(
    "changes",
    [{"hazard": "wind"}, {"exercise": True}, {"audience": {"places": ["410182108"], "groups": ["residents"]}}],
)
def test_another_danger_an_exercise_and_other_people_are_not_a_second_message(
    desk: Desk, changes: dict[str, Any]
) -> None:
    desk.issued()
    assert second(found(desk.draft(**changes))) == []


def test_an_update_is_no_second_warning_and_what_is_over_counts_no_more(desk: Desk) -> None:
    event = desk.issued()
    update = desk.follow(event, "update")
    assert second(found(update.alert)) == []
    assert len(second(found(desk.draft()))) == 1
    desk.follow(update, "lift")
    assert second(found(desk.draft())) == []
