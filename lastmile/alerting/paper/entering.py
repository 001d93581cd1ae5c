"""Type outcomes back from paper: each in the ledger once, with when it happened, when it was typed and by whom.

1. What can be read is entered at once; what can't comes back in the text box with a sentence for each token.
2. An update may have replaced the message while the sheets were out: what was written counts for both.
3. Undo puts back what staff had said before, at the time of the entry that is taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.alerting import queries, receipts
from lastmile.alerting.models import AlertEvent, Fact, PaperEntry, Receipt
from lastmile.alerting.paper import reading
from lastmile.alerting.paper.outcomes import FACTS
from lastmile.alerting.paper.reading import Reading
from lastmile.community.accounts.models import User
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Conflict, NotFound, Refusal
from lastmile.kernel.permissions import Perm, require

PAPER = "paper"


@dataclass(frozen=True)
class Typed:
    """What stands in the form. `nonce` came with it: sent twice, it is one entry. `at` None: now."""

    place: str
    text: str
    nonce: str
    at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """`entry` is None where nothing could be entered; `left` are the tokens that stay in the box."""

    entry: PaperEntry | None
    done: list[Reading]
    left: list[Reading]

    @property
    def text(self) -> str:
        return " ".join(one.token for one in self.left)


def enter(user: User, event: AlertEvent, typed: Typed) -> Outcome:
    """Enter what can be read. Raises NotAllowed without ALERT_RECEIPT there, Refusal for a time that can't be."""
    require(user, Perm.ALERT_RECEIPT, typed.place)
    at = typed.at or clock.now()
    if not event.sent_at <= at <= clock.now():
        raise Refusal(
            _("It can't have happened at this time."),
            _("Give a time between the issue of the warning and now."),
            fields={"at": _("Not between the issue of the warning and now.")},
        )
    if not 1 <= len(typed.nonce) <= 20 or "\0" in typed.nonce:
        raise Refusal(_("The form is too old."), _("Reload the page; what you typed is kept."))
    sheet = reading.sheet(event, typed.place)
    read = reading.read(sheet, typed.text)
    done, left = [one for one in read if one.ok], [one for one in read if not one.ok]
    entry = _save(user, event, typed, at, done) if done else None
    if entry is not None:
        for one in [event, *queries.after(event.alert)]:
            _append(user, one, entry, sheet)
    return Outcome(entry, done, left)


def _save(user: User, event: AlertEvent, typed: Typed, at: datetime, done: Sequence[Reading]) -> PaperEntry:
    """The entry, also when it comes a second time: what follows is idempotent."""
    entry, new = PaperEntry.objects.get_or_create(
        by=user,
        nonce=typed.nonce,
        defaults={
            "event": event,
            "place": typed.place,
            "lines": [[one.number, one.digit] for one in done],
            "happened_at": at,
            "entered_at": clock.now(),
        },
    )
    if entry.undone_at is not None or (entry.event_id, entry.place) != (event.pk, typed.place):
        raise Conflict(_("This form was used before."), _("Reload the page and type it again."))
    if new:
        audit.record("alerting.paper_entry", actor=user, place=typed.place, obj=event, lines=len(done))
    return entry


def _persons(entry: PaperEntry, sheet: reading.Sheet) -> dict[Fact, list[int]]:
    """Who gets which answer: everybody behind a door, children too, the same one."""
    found: dict[Fact, list[int]] = defaultdict(list)
    for number, digit in entry.lines:
        door = sheet.doors.get(number)
        found[FACTS[digit]] += [member.person for member in door.members] if door else []
    return found


def _append(user: User, event: AlertEvent, entry: PaperEntry, sheet: reading.Sheet) -> None:
    at = min(max(entry.happened_at, event.sent_at), clock.now())
    for fact, persons in _persons(entry, sheet).items():
        said = receipts.Entry(entry.place, persons, fact, _nonce(entry), happened_at=at, channel=PAPER)
        try:
            receipts.enter(user, event, said)
        except Refusal:  # nobody of these is listed in the update, as after an all-clear for a part
            if event.pk == entry.event_id:
                raise


def _nonce(entry: PaperEntry) -> str:
    return f"paper/{entry.pk}"  # a slash: no form and no program can send this one


def entries(event: AlertEvent, place: str, limit: int = 10) -> list[PaperEntry]:
    """What was typed for this place lately, newest first."""
    return list(PaperEntry.objects.filter(event=event, place=place).select_related("by", "undone_by")[:limit])


def entry_of(event: AlertEvent, place: str, key: int) -> PaperEntry:
    found = PaperEntry.objects.filter(event=event, place=place, pk=key).first()
    if found is None:
        raise NotFound(_("There is no such entry."), _("Reload the page: it lists what was typed."))
    return found


@transaction.atomic
def undo(user: User, event: AlertEvent, entry: PaperEntry) -> int:
    """Take an entry back: how many people's answers went. The receipts stay; what cancels them is appended."""
    require(user, Perm.ALERT_RECEIPT, entry.place)
    open_ones = PaperEntry.objects.filter(pk=entry.pk, undone_at=None)
    if not open_ones.update(undone_at=clock.now(), undone_by=user):
        raise Conflict(_("This entry has been taken back before."), _("Reload the page: it lists what was typed."))
    taken = 0
    for one in [event, *queries.after(event.alert)]:
        taken += _take_back(user, one, entry)
    audit.record("alerting.paper_undone", actor=user, place=entry.place, obj=event, people=taken)
    return taken


def _take_back(user: User, event: AlertEvent, entry: PaperEntry) -> int:
    """An undo of staff cancels all that staff had said earlier, so what stood before this entry is said again."""
    mine = Receipt.objects.filter(event=event, channel=PAPER, by=entry.by_id, key__endswith=f":{_nonce(entry)}")
    numbers = {row.pk: (row.person, row.happened_at) for row in mine}
    if not numbers:
        return 0
    persons = sorted({person for person, _at in numbers.values()})
    moment = min(at for _person, at in numbers.values())
    said = receipts.said_by(event.pk, persons)
    new = []
    for person in persons:
        before = [one for one in said[person] if not one.own and one.number not in numbers and one.at <= moment]
        stood = receipts.standing(before)
        answers = [Fact.UNDONE] if stood is None else [Fact.UNDONE, Fact(stood.fact)]
        new += [
            receipts.NewReceipt(
                f"u:{entry.pk}:{event.pk}:{person}:{number}", event.pk, person, fact, PAPER, moment, by=user.pk
            )
            for number, fact in enumerate(answers)
        ]
    receipts.append([one for one in new if one.fact == Fact.UNDONE])  # first: what is said again must come after it
    receipts.append([one for one in new if one.fact != Fact.UNDONE])
    return len(persons)
