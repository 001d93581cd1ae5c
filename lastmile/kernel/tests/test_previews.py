"""What a preview showed comes back whole, to whoever saw it, for an hour."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from lastmile.kernel import previews
from lastmile.kernel.errors import Conflict

ONE: Any = SimpleNamespace(pk=1)
OTHER: Any = SimpleNamespace(pk=2)


def test_what_was_shown_comes_back_as_it_was() -> None:
    signed = previews.sign("test.book", ONE, {"住户": [[2, ["001-0012"]]]}, ["key"])

    assert previews.shown("test.book", ONE, signed) == [{"住户": [[2, ["001-0012"]]]}, ["key"]]


def test_an_hour_later_it_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = previews.sign("test.book", ONE, "rows")
    began = time.time()

    monkeypatch.setattr(time, "time", lambda: began + previews.KEPT - 1)
    assert previews.shown("test.book", ONE, signed) == ["rows"]
    monkeypatch.setattr(time, "time", lambda: began + previews.KEPT + 2)
    with pytest.raises(Conflict, match="预览已过期"):
        previews.shown("test.book", ONE, signed)


@pytest.mark.parametrize("bent", ["", "rows", "x:y:z", None])
def test_what_we_did_not_sign_is_refused_with_a_sentence(bent: str | None) -> None:
    signed = previews.sign("test.book", ONE, "rows")

    with pytest.raises(Conflict, match="预览已过期"):
        previews.shown("test.book", ONE, signed[:-1] + "_!"[signed[-1] == "_"] if bent is None else bent)


def test_nobody_stores_what_another_saw_or_another_preview_showed() -> None:
    signed = previews.sign("test.book", ONE, "rows")

    with pytest.raises(Conflict, match="预览已过期"):
        previews.shown("test.book", OTHER, signed)
    with pytest.raises(Conflict, match="预览已过期"):
        previews.shown("test.other", ONE, signed)
