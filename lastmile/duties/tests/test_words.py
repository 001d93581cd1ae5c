"""What is done with a duty stands in the audit trail in words."""

from __future__ import annotations

from lastmile.community.accounts import words
from lastmile.duties.models.obligation import What


def test_each_thing_that_happens_to_a_duty_has_words_in_the_trail() -> None:
    assert {f"duties.{what.value}" for what in What} <= set(words.ACTS)
