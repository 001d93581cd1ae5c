"""docs/security.md names tests that exist, and every abuse test is in it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)
FILES = {f"{path.parent.name}/{path.name}": path for path in (ROOT / "tests" / "security").glob("test_*.py")}
# Said by the row of another test of the same file.
BESIDE = {
    "test_ten_thousand_guessed_links_are_nobodys",
    "test_links_of_neighbours_have_nothing_in_common",
    "test_a_forwarded_host_is_not_believed",
    "test_no_form_takes_every_field_of_its_model",
    "test_a_log_in_can_not_be_made_with_more_than_the_form_has",
    "test_a_household_can_not_be_given_to_another_village_or_counted_by_hand",
}


def test_every_test_that_the_page_names_exists() -> None:
    assert len(NAMED) > 25
    missing = [f"{file}::{name}" for file, name in NAMED if f"def {name}(" not in (ROOT / file).read_text()]
    assert not missing


def test_every_abuse_test_is_on_the_page() -> None:
    named = {name for _file, name in NAMED} | BESIDE
    unsaid = {
        f"{file}::{name}"
        for file, path in FILES.items()
        if path.name != "test_document.py"
        for name in re.findall(
            r"^    ?(?:    )?(?:async )?def (test_\w+)|^def (test_\w+)", path.read_text(), re.MULTILINE
        )
        for name in name
        if name and name not in named
    }
    assert not unsaid
