"""The shipped texts are complete, start with something to do, and lint well once the gaps are filled."""

from __future__ import annotations

import re

import pytest

from lastmile.alerting import lint, queries, shipped, texts
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.lint import Severity
from lastmile.alerting.models import Template
from lastmile.alerting.tests.conftest import Desk
from lastmile.alerting.wording import begins_with_action


@pytest.mark.parametrize("hazard", Hazard.values)
def test_every_hazard_has_a_text_in_four_colours_that_begins_with_an_action(hazard: str) -> None:
    for colour in Colour.values:
        template = shipped.template(hazard, colour)
        steps = texts.lines(template.instruction)
        assert len(steps) >= 2
        assert begins_with_action(steps[0]), steps[0]
        assert "{" in template.description


@pytest.mark.parametrize("hazard", Hazard.values)
def test_a_filled_template_has_no_error_and_nothing_empty_in_it(desk: Desk, hazard: str) -> None:
    template = shipped.template(hazard, 1)
    filled = re.sub(r"\{[^}]*\}", "王宗店", template.description)
    alert = desk.draft(hazard=hazard, colour=1, description=filled, instruction=template.instruction)
    found = lint.check(alert, texts.render(alert))
    assert [f.says for f in found if f.severity is Severity.ERROR] == []
    assert not [f for f in found if "不" in f.says and "注意防范" in f.says]


def test_an_open_gap_stops_the_warning(desk: Desk) -> None:
    alert = desk.draft(description="{什么时间}有暴雨")
    errors = [f for f in lint.check(alert, texts.render(alert)) if f.severity is Severity.ERROR]
    assert [f.field for f in errors] == ["description"]


def test_a_place_has_its_own_template_and_the_nearest_wins(desk: Desk) -> None:
    for code in ("4101", "410182"):
        place = desk.world.places[code]
        Template.objects.create(place=place, hazard="flood", colour=1, headline="", description=code, instruction="走")
    assert queries.template("410182", "flood", 1).description == "410182"
    assert queries.template("410181", "flood", 1).description == "4101"
    assert queries.template("410182", "flood", 2).place is None
