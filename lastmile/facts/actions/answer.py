"""Answer what was asked: typed bit by bit, kept as it is typed, sent once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.facts import dictionary
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.settle import close
from lastmile.facts.models import Ask, Cell, Via
from lastmile.facts.queries import scope
from lastmile.facts.values import LONGEST, clean
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.permissions import Actor

CANNOT = "cannot-"  # before the name of an input: why it can't be said
SHORTEST_REASON = 2


def inputs(cells: Sequence[Cell]) -> dict[str, Cell]:
    """The names of the inputs of an ask's page."""
    return {f"c{cell.pk}": cell for cell in cells}


def waiting(ask: Ask) -> list[Cell]:
    """What is still to be answered, in the order of the request's columns."""
    order = [field["name"] for field in ask.request.fields]
    cells = ask.cells.filter(state=Cell.State.ASKED).select_related("site", "home")
    return sorted(cells, key=lambda cell: (cell.site_id or 0, _walk(cell), order.index(cell.field), cell.pk))


def _walk(cell: Cell) -> tuple[int, int]:
    """Households in the order in which one walks past them."""
    return ((cell.home.walking_order or 0), cell.home.pk) if cell.home else (0, 0)


@transaction.atomic
def keep_draft(by: Actor, ask: Ask, typed: Mapping[str, str]) -> None:
    """Keep what is typed and not sent. Nothing is checked: half a number is no mistake yet.

    An input that is not in `typed` stands on another page: what was typed there stays.
    """
    scope.require_enter(by, ask.place)
    row = Ask.objects.select_for_update(of=("self",)).filter(pk=ask.pk, state=Ask.State.OPEN).first()
    if row is None:
        raise _closed()
    known = inputs(waiting(ask))
    texts = row.draft | {name: text[:LONGEST].replace("\0", "") for name, text in typed.items()}
    row.draft = {name: text for name, text in texts.items() if name.removeprefix(CANNOT) in known and text.strip()}
    row.save(update_fields=["draft"])


def _closed() -> Conflict:
    return Conflict(_("This is answered already, or no longer asked."), _("Nothing is left to do here."))


@transaction.atomic
def answer(by: Actor, ask: Ask, typed: Mapping[str, str], via: Via = Via.REQUEST) -> int:
    """Take every answer given and leave the others open; returns how many are left. All is checked before any is kept.

    An input "c12" holds the value of cell 12, "cannot-c12" why it can't be said.
    """
    scope.require_enter(by, ask.place)
    ask = Ask.objects.select_for_update(of=("self",)).select_related("request").get(pk=ask.pk)
    if ask.state != Ask.State.OPEN:
        raise _closed()
    known = inputs(waiting(ask))
    given = {name: cell for name, cell in known.items() if typed.get(name, "").strip()}
    unsaid = {name: cell for name, cell in known.items() if name not in given and typed.get(CANNOT + name, "").strip()}
    if not given and not unsaid:
        raise Refusal(_("Nothing is answered yet."), _("Write at least one value, or say why you can't."))
    too_short = [name for name in unsaid if len(clean(typed[CANNOT + name])) < SHORTEST_REASON]
    if too_short:
        fields = {name: _("A few words: who knows it, or why nobody does.") for name in too_short}
        raise Refusal(_("Say why it can't be said; nothing was saved."), _("A few words are enough."), fields=fields)
    enter(by, [_said(cell, name, typed) for name, cell in given.items()], via)
    _cannot(by, {name: clean(typed[CANNOT + name])[:200] for name in unsaid}, unsaid)
    left = len(known) - len(given) - len(unsaid)
    if left:
        draft = {name: text for name, text in ask.draft.items() if name.removeprefix(CANNOT) not in {*given, *unsaid}}
        Ask.objects.filter(pk=ask.pk).update(draft=draft)
    return left


def cannot_say(by: Actor, ask: Ask, words: str) -> None:
    """Nothing of what is left can be said, and why. In the caller's transaction."""
    left = inputs(waiting(ask))
    _cannot(by, dict.fromkeys(left, clean(words)[:200]), left)


def _said(cell: Cell, name: str, typed: Mapping[str, str]) -> Said:
    return Said(dictionary.field(cell.field), cell.place, cell.site_id, typed[name], at=name, home=cell.home_id)


def _cannot(by: Actor, words: Mapping[str, str], cells: Mapping[str, Cell]) -> None:
    """Keep why a cell can't be answered: for this request and for those that wait for the same."""
    touched: list[Cell] = []
    for name, cell in cells.items():
        same = Cell.objects.select_for_update().filter(
            field=cell.field, place=cell.place, site=cell.site_id, home=cell.home_id
        )
        for one in same.filter(state__in=[Cell.State.ASKED, Cell.State.JOINED]):
            one.state, one.words = Cell.State.UNKNOWN, words[name]
            touched.append(one)
    Cell.objects.bulk_update(touched, ["state", "words"])
    if touched:
        audit.record(
            "facts.cannot_say",
            actor=by,
            place=touched[0].place,
            object_type="facts.cell",
            fields=sorted({cell.field for cell in touched}),
        )
    close(by, touched)
