"""What documents look like on paper, read from the drawing commands of an uncompressed PDF."""

from __future__ import annotations

import re

from lastmile.alerting.document import Paper, table

GREEN = (43, 138, 62)


def fresh() -> Paper:
    paper = Paper("foot")
    paper.set_compression(False)
    paper.add_page()
    return paper


def filled(paper: Paper) -> list[str]:
    """The colour of every rectangle that is filled, in their order."""
    content, colour, found = bytes(paper.output()).decode("latin-1"), "", []
    for line in content.splitlines():
        if match := re.search(r"([\d. ]+) (?:rg|g)$", line):
            colour = match[1].strip()
        if re.search(r" re (?:f|B)$", line):
            found.append(colour)
    return found


def test_a_table_after_a_drawing_is_not_filled_with_the_colour_of_the_drawing() -> None:
    paper = fresh()
    paper.set_fill_color(*GREEN)
    paper.rect(20, 20, 4, 3, "F")
    table(paper, ["place", "people"], [["a village", 3], ["a grid", 4]])
    drawn = filled(paper)
    green = drawn[0]
    assert green.startswith("0.168")
    assert green not in drawn[1:]
    assert len(drawn) > 1  # the head is


def test_a_title_goes_to_the_next_page_with_what_it_stands_over() -> None:
    paper = fresh()
    paper.title_line("first")
    assert paper.page_no() == 1
    paper.set_y(paper.h - 45)
    paper.title_line("last")
    assert paper.page_no() == 2
