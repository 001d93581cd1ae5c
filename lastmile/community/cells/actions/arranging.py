"""Divide the households of a grid into cells, all at once, and take the last division back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.cells import queries
from lastmile.community.cells.models import MOST, Arrangement, Cell, Helper, Member
from lastmile.community.org.models import Place
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.errors import Conflict, Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

HIGHEST = 999  # number of a cell
TOO_LARGE = gettext_lazy(
    "Cell %(number)d would have %(size)d households; ten are the most that one person can look after."
)


@transaction.atomic
def arrange(place: Place, wanted: Mapping[int, int], *, by: Actor) -> int:
    """Each household of `wanted` into the cell of its number; whoever is not named is in none. How many moved.

    Raises Refusal for a household that does not live there, a number that can't be, or a cell of more than ten.
    """
    locks.wait(f"cells.{place.code}")
    before = queries.arranged(place.code)
    _check(place, wanted)
    moved = _write(place, before, wanted, reopened=False)
    if moved:
        Arrangement.objects.create(
            place=place, at=clock.now(), by_name=str(by)[:60], before={str(home): n for home, n in before.items()}
        )
        audit.record("cells.arrange", actor=by, place=place.code, obj=place, moved=moved)
    return moved


@transaction.atomic
def undo(place: Place, *, by: Actor) -> int:
    """As it was before the last change. Whoever has moved away since stays out. Raises Conflict without one."""
    locks.wait(f"cells.{place.code}")
    last = queries.last_change(place.code)
    if last is None:
        raise Conflict(_("There is nothing to undo."), _("Only the last change of the cells can be taken back, once."))
    here = {one.pk for one in queries.doors(place.code)}
    wanted = {int(home): number for home, number in last.before.items() if int(home) in here}
    moved = _write(place, queries.arranged(place.code), wanted, reopened=True)
    last.undone = True
    last.save(update_fields=["undone"])
    audit.record("cells.undo", actor=by, place=place.code, obj=place, moved=moved)
    return moved


def _check(place: Place, wanted: Mapping[int, int]) -> None:
    here = {one.pk for one in queries.doors(place.code)}
    if set(wanted) - here:
        raise Refusal(_("A household of these does not live here."), _("Load the page again: somebody has moved."))
    sizes = Counter(wanted.values())
    if any(not 1 <= number <= HIGHEST for number in sizes):
        raise Refusal(_("A cell has a number from 1 to 999."), _("Correct the number, or leave it empty."))
    large = sorted(number for number, size in sizes.items() if size > MOST)
    if large:
        raise Refusal(
            str(TOO_LARGE) % {"number": large[0], "size": sizes[large[0]]}, _("Give some of them to another cell.")
        )


def _write(place: Place, before: Mapping[int, int], wanted: Mapping[int, int], *, reopened: bool) -> int:
    today = clock.today()
    moved = {home for home in {*before, *wanted} if before.get(home) != wanted.get(home)}
    Member.objects.filter(household__in=moved, until=None).update(until=today)
    cells = {cell.number: cell for cell in Cell.objects.filter(place=place)}
    for number in sorted(set(wanted.values())):
        cells[number] = _open(place, cells.get(number), number, keep=reopened)
    Member.objects.bulk_create(
        Member(cell=cells[wanted[home]], household_id=home, since=today) for home in sorted(moved) if home in wanted
    )
    gone = [cell.pk for number, cell in cells.items() if number not in set(wanted.values())]
    Cell.objects.filter(pk__in=gone, until=None).update(until=today)
    _strangers(place)
    return len(moved)


def _open(place: Place, cell: Cell | None, number: int, *, keep: bool) -> Cell:
    """A number that is used again is a new cell to those who once agreed to look after the old one."""
    if cell is None:
        return Cell.objects.create(place=place, number=number, since=clock.today())
    if cell.until is not None:
        if not keep:
            Helper.objects.filter(cell=cell, until=None).update(until=clock.today())
        cell.until = None
        cell.save(update_fields=["until"])
    return cell


def _strangers(place: Place) -> None:
    """Head and deputy live in their cell: who was moved to another one is neither any more."""
    rows = Helper.objects.filter(cell__place=place, cell__until=None, until=None).select_related("person")
    homes = {(cell, home) for home, cell in _homes(place).items()}
    gone = [one.pk for one in rows if (one.cell_id, one.person.household_id) not in homes]
    Helper.objects.filter(pk__in=gone).update(until=clock.today())


def _homes(place: Place) -> dict[int, int]:
    rows = Member.objects.filter(cell__place=place, cell__until=None, until=None)
    return dict(rows.values_list("household", "cell"))
