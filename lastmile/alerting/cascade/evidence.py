"""尽职证据: the line of what happened to a post in a warning, in words, and as a PDF that protects whoever holds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.cascade.board import way
from lastmile.alerting.document import Paper, table
from lastmile.alerting.models import AttemptState, Call, CallAttempt, CallEntry
from lastmile.alerting.models.calls import Role, What
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Place
from lastmile.community.people.models import Person
from lastmile.kernel import clock


@dataclass(frozen=True)
class Line:
    at: datetime
    entered_at: datetime
    says: str
    who: str
    how: str
    outcome: str
    note: str
    colour: str = "secondary"
    person: int | None = None  # whom it concerns

    @property
    def late(self) -> bool:
        """Entered later than it happened."""
        return (self.entered_at - self.at).total_seconds() > 60


def why(code: str) -> str:
    words = {
        "vacant": _("post vacant"),
        "away": pgettext("call", "on leave"),
        "no_contact": _("no usable number"),
        "started": _("started by the township or village"),
        "confirmed": _("the confirmation"),
        "relayed": _("that it was passed on"),
        "taken": _("that somebody looks after it"),
    }
    return words.get(code, "")


def timeline(call: Call, *, opened: bool) -> list[Line]:
    """Everything known about one call, oldest first; names masked, and what staff wrote only where `opened`."""
    return timelines([call], opened=opened)[call.pk]


def timelines(calls: Sequence[Call], *, opened: bool) -> dict[int, list[Line]]:
    """The same of many."""
    rows = list(CallEntry.objects.filter(call__in=[call.pk for call in calls]).order_by("id"))
    attempts = CallAttempt.objects.in_bulk([row.attempt for row in rows if row.attempt])
    people = Person.objects.in_bulk({row.person for row in rows if row.person})
    known = {row.by for row in rows if row.by} | {call.opened_by for call in calls if call.opened_by}
    users = dict(User.objects.filter(pk__in=known).values_list("pk", "display_name"))
    found = {call.pk: [_begun(call, users)] for call in calls}
    for row in rows:
        found[row.call_id].append(_line(row, attempts, people, users, opened=opened))
    return found


def _begun(call: Call, users: dict[int, str]) -> Line:
    """The beginning is no entry of its own: 20,000 of them would hold up an issue."""
    starter = users.get(call.opened_by or 0, "")
    return Line(call.opened_at, call.opened_at, str(What.OPENED.label), starter, "", "", "")


def _line(
    row: CallEntry, attempts: dict[int, CallAttempt], people: dict[int, Person], users: dict[int, str], *, opened: bool
) -> Line:
    attempt = attempts.get(row.attempt or 0)
    person = people.get(row.person or 0)
    role = Role(row.role).label if row.role else ""
    who = f"{person.name.masked()}" if person else ""
    if person and role and row.what in (What.CALLED, What.TAKEN, What.REACHED, What.AGAIN):
        who = _("%(name)s (%(role)s)") % {"name": who, "role": role}
    if row.by:
        who = " · ".join(part for part in (who, users.get(row.by, "")) if part)
    colour = {What.CONFIRMED: "green", What.RELAYED: "green", What.SUPERIOR: "red", What.DOOR: "red"}
    return Line(
        at=row.at,
        entered_at=row.entered_at,
        says=str(What(row.what).label),
        who=who,
        how=way(row.channel) if row.channel else "",
        outcome=outcome(attempt) if attempt else why(row.why),
        note=(row.note.reveal() if opened else "…") if row.note else "",
        colour=colour.get(What(row.what), "secondary"),
        person=row.person,
    )


def outcome(attempt: CallAttempt) -> str:
    results = {
        "heard": _("heard in full, key pressed"),
        "missed": _("not picked up"),
        "busy": _("line busy"),
        "cut": _("hung up before the end"),
        "nokey": _("heard in full, no key pressed"),
        "invalid": _("the number does not exist"),
        "failed": _("could not be put through"),
    }
    if attempt.result:
        return results.get(attempt.result, attempt.result)
    return str(AttemptState(attempt.state).label)


def moment(at: datetime | None) -> str:
    return at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M:%S") if at else "–"


def facts(call: Call) -> list[tuple[str, str]]:
    """The two clocks in words."""
    return [
        (_("must answer since"), moment(call.opened_at)),
        (_("to be confirmed by"), moment(call.confirm_due)),
        (_("confirmed"), " · ".join(x for x in (moment(call.confirmed_at), way(call.confirmed_via)) if x)),
        (_("to be passed on by"), moment(call.relay_due) if call.relay_due else _("nobody is below")),
        (_("passed on"), " · ".join(x for x in (moment(call.relayed_at), way(call.relayed_via)) if x)),
        (_("state"), str(call.get_state_display())),
    ]


def pdf(call: Call) -> bytes:
    """The evidence of one post: what was warned of, who was called when and how, what was answered."""
    event = call.event
    place = Place.objects.get(pk=call.place)
    person = Person.objects.filter(pk=call.person).first() if call.person else None
    paper = Paper(f"{event.identifier} · {moment(clock.now())}")
    paper.set_title(_("Evidence of duty"))
    paper.add_page()
    paper.title_line(_("Evidence of duty"), 11)
    paper.title_line(event.frozen["texts"]["zh"]["headline"], 16)
    if event.exercise:
        paper.title_line(_("EXERCISE – nothing has happened"), 12)
    name = person.name.masked() if person else _("vacant")
    paper.small(f"{place.name} {call.post.title} · {name}")
    paper.title_line(_("In short"))
    table(paper, ["", ""], [[label, value] for label, value in facts(call)])
    paper.title_line(_("What happened, line by line"))
    table(paper, [str(head) for head in heads()], list(cells(timeline(call, opened=True))))
    paper.small(_("Each line was written when it happened and can't be changed; a trigger of the database sees to it."))
    return bytes(paper.output())


def heads() -> list[str]:
    return [_("Time"), _("What"), _("Who"), _("By"), _("Outcome"), _("Note")]


def cells(lines: Iterable[Line]) -> Iterable[list[Any]]:
    for line in lines:
        yield [moment(line.at), str(line.says), line.who, line.how, line.outcome, line.note]
