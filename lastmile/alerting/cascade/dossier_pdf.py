"""The evidence of a person as a document: in short, then warning by warning, line by line."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lastmile.alerting.cascade.dossier import Case, Dossier
from lastmile.alerting.cascade.evidence import cells, heads, moment
from lastmile.alerting.document import Paper, table
from lastmile.kernel import clock


def pdf(found: Dossier) -> bytes:
    paper = Paper(f"{found.name} · {found.period} · {moment(clock.now())}")
    paper.set_title(_("Evidence of duty"))
    paper.add_page()
    paper.title_line(_("Evidence of duty"), 17)
    paper.small(f"{found.name} · {found.period}")
    paper.title_line(_("In short"))
    table(paper, ["", ""], [list(row) for row in short(found)])
    for part in found.parts:
        mark = f"{_('EXERCISE – nothing has happened')} · " if part.exercise else ""
        paper.title_line(f"{mark}{part.headline}")
        paper.small(f"{part.event.identifier} · {moment(part.event.sent_at)}")
        for case in part.cases:
            _case(paper, case)
    if not found.parts:
        paper.small(_("No warning called this person in this time."))
    if found.more:
        paper.small(_("%(n)d more are left out: choose a shorter time.") % {"n": found.more})
    paper.small(_("Each line was written when it happened and can't be changed; a trigger of the database sees to it."))
    return bytes(paper.output())


def short(found: Dossier) -> list[tuple[str, str]]:
    return [
        (_("warnings"), str(len(found.parts))),
        (_("times called or written to"), str(found.attempts)),
        (_("confirmed in time"), str(found.in_time)),
        (_("confirmed late"), str(found.late)),
        (_("not confirmed"), str(found.silent)),
        (_("passed on"), str(found.passed)),
    ]


def _case(paper: Paper, case: Case) -> None:
    paper.small(f"{case.where} {case.call.post.title} · {case.role}")
    if case.facts:
        table(paper, ["", ""], [list(row) for row in case.facts])
    table(paper, heads(), list(cells(case.lines)))
