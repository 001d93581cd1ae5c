"""A finger on a resident's page."""

from __future__ import annotations

import pytest

from lastmile.alerting.channels.fake.tap import find

PAGE = """
<form method="get"><button name="q" value="confirmed">search</button></form>
<form method="post"><input type="hidden" name="v" value="2"><button name="fact" value="confirmed">收到</button>
<button name="fact" value="safe">我安全</button><button name="fact" value="needs_help">需要帮助</button></form>
<form method="post" action="/r/x/moved"><input type="hidden" name="fact" value="moved"><button>已转移</button></form>
"""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("confirm", ("", {"v": "2", "fact": "confirmed"})),
        ("needs_help", ("", {"v": "2", "fact": "needs_help"})),
        ("moved", ("/r/x/moved", {"fact": "moved"})),
        ("refuse", None),
        ("dance", None),
    ],
)
def test_it_finds_the_button_that_means_the_answer(answer: str, expected: object) -> None:
    assert find(PAGE, answer) == expected


def test_a_broken_page_offers_nothing() -> None:
    assert find("<form method=post><button name=fact value=safe><", "safe") is None
