"""What lists show of cells and pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from lastmile.community.cells.models import LEAST, Cell, Helper, Member, Pair
from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Household
from lastmile.kernel.errors import Refusal
from lastmile.kernel.lists import Choice, Column
from lastmile.kernel.permissions import Perm, may

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def small(cell: Any) -> bool:
    return bool(cell.doors < LEAST)


def columns() -> list[Column]:
    return [
        Column(
            "number", pgettext("neighbours", "Cell"), sort="number", link=lambda cell: reverse("cell", args=[cell.pk])
        ),
        Column("place", _("Grid"), lambda cell: cell.place.name, sort="place"),
        Column("doors", _("Households"), sort="doors", number=True),
        Column("needy", _("With vulnerable residents"), sort="needy", number=True, phone=False),
        Column("head", _("Head"), lambda cell: _held(cell.has_head), badge=lambda cell: _colour(cell.has_head)),
        Column(
            "deputy",
            pgettext("neighbours", "Deputy"),
            lambda cell: _held(cell.has_deputy),
            badge=lambda cell: _colour(cell.has_deputy),
        ),
        Column("since", _("Since"), sort="since", phone=False),
    ]


def _held(there: bool) -> str:
    return _("agreed") if there else _("nobody")


def _colour(there: bool) -> str:
    return "green" if there else "red"


def _missing(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(**{f"has_{value}": False})


def _size(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(doors__lt=LEAST) if value == "small" else rows.filter(needy__gt=0)


def search(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """By grid, number of the cell, or one of its doors."""
    inside = Member.objects.filter(household__number__icontains=words, until=None).values("cell")
    found = Q(place__name__icontains=words) | Q(pk__in=inside)
    return rows.filter(found | Q(number=int(words)) if words.isdecimal() and len(words) < 4 else found)


def filters() -> list[Choice]:
    missing = [("head", gettext_lazy("without a head")), ("deputy", gettext_lazy("without a deputy"))]
    sizes = [
        ("small", gettext_lazy("fewer than five households")),
        ("needy", gettext_lazy("with vulnerable residents")),
    ]
    return [
        Choice("missing", gettext_lazy("Missing"), missing, _missing),
        Choice("size", gettext_lazy("Households"), sizes, _size),
    ]


def around(actor: Actor, place: Place | None) -> dict[str, Any]:
    """Buttons above the list, the grids of a village, and what to do when there is nothing."""
    buttons: list[dict[str, Any]] = []
    if place is not None and place.level >= Level.VILLAGE:
        code = place.code
        if may(actor, Perm.HOUSEHOLD_EDIT, code):
            buttons += [_button("cells_doors", code, "edit", _("Divide the households"), "btn-primary")]
            buttons += [_button("cells_book", code, "file-import", _("From a workbook"))]
        buttons += [
            _button("cells_pairs", code, "users", _("Pairs")),
            _button("cells_volunteers", code, "user-plus", _("Volunteers")),
            _button("cells_print", code, "printer", _("Print")),
        ]
    return {
        "actions": buttons,
        "grids": grids(place) if place is not None and place.level == Level.VILLAGE else [],
        "empty_title": _("No cells here yet."),
        "empty_hint": _("Open a village, choose a grid, and take the suggestion: one click divides its households."),
        "search_hint": _("Grid, number of the cell or door"),
    }


def _button(name: str, code: str, icon: str, label: str, style: str = "") -> dict[str, Any]:
    return {"url": reverse(name, args=[code]), "icon": icon, "label": label, "style": style}


def grids(village: Place) -> list[dict[str, Any]]:
    """The places of a village in which households live: how many doors, how many of them in cells."""
    homes = Household.objects.filter(village=village.code, moved_out_on=None)
    doors = dict(homes.values_list("place").annotate(n=Count("pk")))
    inside = Member.objects.filter(cell__until=None, until=None, household__moved_out_on=None)
    inside = inside.filter(household__village=village.code)
    held = dict(inside.values_list("household__place").annotate(n=Count("pk")))
    known = Place.objects.in_bulk(doors)
    return [
        {"place": known[code], "doors": n, "inside": held.get(code, 0), "left": n - held.get(code, 0)}
        for code, n in sorted(doors.items())
        if code in known
    ]


def low(place: Place) -> Place:
    """Raises Refusal above the village."""
    if place.level < Level.VILLAGE:
        raise Refusal(_("This is done in one village or grid."), _("Open a village or grid in the list of cells."))
    return place


def lives_in_grids(place: Place) -> bool:
    """A village whose households are in grids is divided grid by grid."""
    return place.level == Level.VILLAGE and Place.objects.current().filter(parent=place, level=Level.GRID).exists()


def pair_columns(pairs: dict[int, tuple[Pair, list[Helper]]]) -> list[Column]:
    """`pairs` of the residents that are shown, by resident."""

    def neighbours(person: Any) -> str:
        helping = pairs[person.pk][1] if person.pk in pairs else []
        return "、".join(
            f"{one.person.household.number} {one.person.name.masked()}" for one in helping if one.person.household
        )

    return [
        Column("door", _("Door"), lambda one: one.household.number, "household__number", link=_edit),
        Column("name", _("Resident"), lambda one: one.name.masked()),
        Column("place", _("Grid"), lambda one: one.place.name, "place", phone=False),
        Column("neighbours", _("Neighbours"), neighbours),
        Column("state", _("Pair"), lambda one: _("paired") if one.paired else _("nobody"), badge=_paired),
    ]


def _edit(person: Any) -> str:
    return reverse("pair_edit", args=[person.pk])


def _paired(person: Any) -> str:
    return "green" if person.paired else "red"


def pair_filters() -> list[Choice]:
    states = [("none", gettext_lazy("without a pair")), ("paired", gettext_lazy("paired"))]
    return [Choice("state", gettext_lazy("Pair"), states, lambda rows, value: rows.filter(paired=value == "paired"))]


def without_cell(place: str) -> QuerySet[Household]:
    """Households of places that use cells which are in none."""
    inside = Member.objects.filter(until=None, cell__until=None)
    used = Cell.objects.filter(until=None, place__code__startswith=place).values("place")
    rows = Household.objects.filter(Q(place__in=used), moved_out_on=None)
    return rows.exclude(pk__in=inside.values("household"))


def volunteer_columns() -> list[Column]:
    return [
        Column("place", _("Goes to doors of"), lambda one: one.place.name, sort="place"),
        Column("door", _("Door"), lambda one: _door_of(one), sort="person__household__number"),
        Column(
            "name", pgettext("person", "Name"), lambda one: one.person.name.masked(),
            link=lambda one: reverse("volunteer", args=[one.pk]),
        ),
        Column(
            "reach", _("Contact"), lambda one: _("can be reached") if one.reachable else _("no contact"),
            badge=lambda one: _colour(one.reachable),
        ),
        Column("agreed", _("Agreed on"), lambda one: one.agreed_on, sort="agreed_on", phone=False),
        Column("how", _("How they agreed"), lambda one: one.get_agreed_how_display(), phone=False),
    ]  # fmt: skip


def _door_of(one: Helper) -> str:
    return one.person.household.number if one.person.household else ""
