from __future__ import annotations

import pytest

from lastmile.alerting.channels.mqtt.screen import fit, scroll

TEXT = "暴雨红色预警。立即转移到小学。不要过河。"


@pytest.mark.parametrize(
    ("letters", "shown"),
    [(100, TEXT), (16, "暴雨红色预警。立即转移到小学。"), (8, "暴雨红色预警。"), (4, "暴雨红…"), (1, "暴")],
)
def test_whole_clauses_that_fit(letters: int, shown: str) -> None:
    assert fit(TEXT, letters) == shown


def test_it_never_shows_more_than_fits() -> None:
    assert all(len(fit(TEXT, n)) <= n for n in range(1, 30))
    assert scroll("短") == 8
    assert scroll("长" * 100) == 25
