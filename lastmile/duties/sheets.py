"""Responsibility lists as a workbook: one row a duty, and back; nothing is written while any row is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.community.org.models import Post
from lastmile.community.people.sheets.cells import text
from lastmile.community.people.sheets.workbook import Table, tables
from lastmile.duties.actions.responsibilities import save_list
from lastmile.duties.models.responsibility import DutyList
from lastmile.duties.queries.responsibilities import FIELDS
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

SHEET = "1"
HEAD = ["岗位编号", "地方", "岗位", "职责", "依据", "频次", "时限", "留痕要求", "接替"]
MOST_ROWS = 20_000
SHOWN = 20  # mistakes named at once


def rows(posts: QuerySet[Post]) -> Iterator[list[str | int]]:
    """A line for every duty in force; a post without a list has one empty line to fill in."""
    lists = dict(DutyList.objects.filter(post__in=posts, replaced_at=None).values_list("post", "lines"))
    for post in posts.order_by("place", "title"):
        for line in lists.get(post.pk) or [dict.fromkeys(FIELDS, "")]:
            yield [post.pk, post.place.name, post.title, *(line[name] for name in FIELDS)]


@transaction.atomic
def read(filename: str, content: bytes, *, by: Actor) -> int:
    """Put the lists of a filled-in workbook in force; returns how many changed. Raises Refusal with every mistake."""
    found = tables(filename, content, {SHEET: len(HEAD)})
    if SHEET not in found:
        raise Refusal(_("The workbook has no sheet “%(name)s”.") % {"name": SHEET}, _mend())
    by_post, wrong = _grouped(found[SHEET])
    posts = _posts(by_post, by)
    wrong |= {
        f"A{number}": _("There is no such post in your area.") for pk, number in _lines(by_post) if pk not in posts
    }
    if wrong:
        shown = dict(sorted(wrong.items(), key=lambda one: int(one[0][1:]))[:SHOWN])
        raise Refusal(_("Nothing was imported: some cells are wrong."), _mend(), fields=shown)
    before = DutyList.objects.count()
    for pk, lines in by_post.items():
        save_list(posts[pk], [line for _number, line in lines], by=by)
    return DutyList.objects.count() - before


def _mend() -> str:
    return _("Export the list here, change it, and upload that file; keep its columns.")


Lines = dict[int, list[tuple[int, dict[str, str]]]]


def _grouped(table: Table) -> tuple[Lines, dict[str, str]]:
    """Post → (row, line), and mistakes by cell. Raises Refusal when a column is missing."""
    if not table.rows or [text(cell) for cell in table.rows[0][1]] != HEAD:
        raise Refusal(_("The columns are not as exported: %(head)s.") % {"head": "、".join(HEAD)}, _mend())
    if len(table.rows) > MOST_ROWS:
        raise Refusal(_("More than %(n)s rows. Split the workbook.") % {"n": MOST_ROWS}, _mend())
    by_post: Lines = defaultdict(list)
    wrong: dict[str, str] = {}
    for number, typed in table.rows[1:]:
        cells = [text(cell) for cell in typed]
        line = dict(zip(FIELDS, cells[3:], strict=True))
        if not any(line.values()):
            continue
        if not cells[0].isdecimal() or len(cells[0]) > 9:
            wrong[f"A{number}"] = _("Write the number of the post, as exported.")
        elif not line["duty"]:
            wrong[f"D{number}"] = _("Write what is to be done.")
        else:
            by_post[int(cells[0])].append((number, line))
    return by_post, wrong


def _lines(by_post: Lines) -> Iterator[tuple[int, int]]:
    for pk, lines in by_post.items():
        for number, _line in lines:
            yield pk, number


def _posts(by_post: Lines, by: Actor) -> dict[int, Post]:
    allowed = within(by.scopes(Perm.POST_EDIT), "place__code")
    return Post.objects.filter(allowed, closed_on=None).in_bulk(list(by_post))
