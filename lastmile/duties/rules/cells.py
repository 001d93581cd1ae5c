"""Neighbours who should look after each other and do not: grids without cells, cells without heads, nobody in a pair.

Counted where a village has begun with cells: elsewhere nobody has promised anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lastmile.community.cells import queries
from lastmile.community.cells.actions import agree, arrange, pair_with
from lastmile.community.cells.models import Cell, Helper, Pair
from lastmile.community.cells.suggesting import suggest
from lastmile.community.org.models import Level, Place
from lastmile.community.people.actions import new_contact
from lastmile.community.people.forms import ContactForm
from lastmile.community.people.models import Contact, Household, Person
from lastmile.community.people.queries import by_contact
from lastmile.duties.forms.gaps import AgreedForm, BothForm, SuggestedForm
from lastmile.duties.gaps import Mend, Rule
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

VILLAGE = 12  # digits


def _villages() -> QuerySet[Any]:
    return Cell.objects.filter(until=None).annotate(village=Left("place_id", VILLAGE)).order_by().values("village")


def undivided() -> QuerySet[Place]:
    homes = Household.objects.filter(place=OuterRef("pk"), moved_out_on=None)
    rows = Place.objects.current().at(Level.GRID).filter(parent__in=_villages())
    return rows.filter(Exists(homes), ~Exists(Cell.objects.filter(place=OuterRef("pk"), until=None)))


def headless() -> QuerySet[Cell]:
    head = queries.helpers_now().filter(cell=OuterRef("pk"), role=Helper.Role.HEAD)
    return Cell.objects.filter(~Exists(head), until=None).select_related("place")


def unreachable() -> QuerySet[Helper]:
    usable = Contact.objects.filter(person=OuterRef("person"), usable=True)
    rows = queries.helpers_now().filter(~Exists(usable), cell__until=None, cell__isnull=False)
    return rows.select_related("cell__place", "person")


def unpaired() -> QuerySet[Person]:
    whole = Pair.objects.filter(resident=OuterRef("pk"), until=None)
    whole = whole.annotate(both=Count("helpers", filter=Q(helpers__until=None, helpers__person__left_on=None)))
    rows = Person.objects.filter(vulnerable=True, left_on=None, household__moved_out_on=None)
    rows = rows.filter(~Exists(whole.filter(both__gte=2)), household__village__in=_villages())
    return rows.select_related("household")


def withdrawn() -> QuerySet[Helper]:
    """Took it back, and nobody has taken their place."""
    same = Helper.objects.filter(cell=OuterRef("cell"), role=OuterRef("role"))
    later = Helper.objects.filter(cell=OuterRef("cell"), role=OuterRef("role"), pk__gt=OuterRef("pk"))
    rows = Helper.objects.filter(~Exists(same.filter(until=None)), ~Exists(later), withdrawn_at__isnull=False)
    rows = rows.filter(cell__until=None, cell__isnull=False)
    return rows.select_related("cell__place", "person")


def _person(phone: str) -> Person:
    found = by_contact(phone).select_related("household").first()
    if found is None:
        raise NotFound(_now("Nobody with this phone is known here."), _now("Enter that person first, with the phone."))
    return found


def _divide(grid: Place, data: dict[str, Any], by: Actor) -> None:
    arrange(grid, suggest(queries.for_suggestion(queries.doors(grid.pk))), by=by)


def _name_head(cell: Cell, data: dict[str, Any], by: Actor) -> None:
    agree(cell, Helper.Role.HEAD, _person(data["phone"]), how=data["how"], by=by)


def _replace(helper: Helper, data: dict[str, Any], by: Actor) -> None:
    if helper.cell is not None:
        agree(helper.cell, helper.role, _person(data["phone"]), how=data["how"], by=by)


def _enter_contact(helper: Helper, data: dict[str, Any], by: Actor) -> None:
    new_contact(helper.person, data["kind"], data["value"], by=by)


def _pair(resident: Person, data: dict[str, Any], by: Actor) -> None:
    pair_with(resident, [_person(data["first"]), _person(data["second"])], how=data["how"], by=by)


def _cell(pk: int | None) -> str:
    return reverse("cell", args=[pk])


def _named(cell: Cell | None) -> str:
    return _now("%(place)s, cell %(number)d") % {"place": cell.place.name, "number": cell.number} if cell else ""


RULES = [
    Rule(
        "headless", _("cell without a head"),
        _("Ask somebody of the cell; the number of whoever said yes is enough."), Level.VILLAGE,
        headless, what=_named, url=lambda cell: _cell(cell.pk), danger=1,
        mend=Mend(Perm.HOUSEHOLD_EDIT, AgreedForm, _name_head),
    ),
    Rule(
        "unpaired", _("vulnerable resident without two neighbours"),
        _("Ask two neighbours; their numbers are enough."), Level.VILLAGE,
        unpaired, what=lambda one: f"{one.household.number} {one.name.masked()}",
        url=lambda one: reverse("pair_edit", args=[one.pk]), danger=2,
        mend=Mend(Perm.HOUSEHOLD_EDIT, BothForm, _pair),
    ),
    Rule(
        "unreachable_head", _("head or deputy of a cell without a usable contact"),
        _("Ask for a number that works."), Level.VILLAGE,
        unreachable, what=lambda one: f"{_named(one.cell)} {one.person.name.masked()}",
        url=lambda one: _cell(one.cell_id), at="cell__place_id", danger=1,
        mend=Mend(Perm.HOUSEHOLD_EDIT, ContactForm, _enter_contact),
    ),
    Rule(
        "withdrawn", _("consent to look after neighbours was taken back"),
        _("Ask somebody else; the number of whoever said yes is enough."), Level.VILLAGE,
        withdrawn, what=lambda one: f"{_named(one.cell)} {one.get_role_display()}",
        url=lambda one: _cell(one.cell_id), at="cell__place_id", danger=1,
        mend=Mend(Perm.HOUSEHOLD_EDIT, AgreedForm, _replace),
    ),
    Rule(
        "undivided", _("grid without cells, in a village that has some"),
        _("One tap divides its households as the walk suggests."), Level.VILLAGE,
        undivided, what=lambda grid: grid.name, url=lambda grid: reverse("cells_doors", args=[grid.pk]), at="code",
        danger=0, mend=Mend(Perm.HOUSEHOLD_EDIT, SuggestedForm, _divide),
    ),
]  # fmt: skip
