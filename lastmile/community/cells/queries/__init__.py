"""What is known of cells and pairs, cut to the actor's area."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from lastmile.community.cells.models import Arrangement, Cell, Helper, Member, Pair
from lastmile.community.cells.suggesting import Door
from lastmile.community.org.models import Place
from lastmile.community.people.models import Contact, Household, Person
from lastmile.kernel.permissions import Perm, obtain, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

NOW = {"until": None, "person__left_on": None, "person__household__moved_out_on": None}


def helpers_now() -> QuerySet[Helper]:
    """Whose consent stands, for a cell that there is, and who still lives there."""
    return Helper.objects.filter(Q(cell=None) | Q(cell__until=None), **NOW)


def living() -> Q:
    """Members that count: the household still lives in the grid of the cell."""
    return Q(members__until=None, members__household__moved_out_on=None, members__household__place=F("place"))


def cells(actor: Actor, prefix: str = "") -> QuerySet[Cell]:
    """The cells under a place, with `doors`, `vulnerable` and whether head and deputy are there."""
    rows = Cell.objects.filter(within(actor.scopes(Perm.HOUSEHOLD_READ), "place__code"), until=None)
    return annotated(rows.filter(place__code__startswith=prefix))


def annotated(rows: QuerySet[Cell]) -> QuerySet[Cell]:
    here = helpers_now().filter(cell=OuterRef("pk"))
    return rows.select_related("place").annotate(
        doors=Count("members", filter=living()),
        needy=Count("members", filter=living() & Q(members__household__vulnerable__gt=0)),
        has_head=Exists(here.filter(role=Helper.Role.HEAD)),
        has_deputy=Exists(here.filter(role=Helper.Role.DEPUTY)),
    )


def cell(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_READ) -> Cell:
    rows = annotated(Cell.objects.all())
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.place_id, pk=pk)


def helper(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_EDIT) -> Helper:
    rows = Helper.objects.select_related("cell", "pair", "person", "pair__resident", "place")
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.where, pk=pk)


def pair(actor: Actor, pk: int, perm: Perm = Perm.HOUSEHOLD_EDIT) -> Pair:
    rows = Pair.objects.select_related("resident")
    return obtain(rows, actor, perm, see=Perm.HOUSEHOLD_READ, place_of=lambda found: found.resident.place_id, pk=pk)


def volunteers(actor: Actor, prefix: str = "") -> QuerySet[Helper]:
    """Who agreed to go to doors under a place, with `reachable`."""
    usable = Contact.objects.filter(person=OuterRef("person"), usable=True)
    rows = helpers_now().filter(within(actor.scopes(Perm.HOUSEHOLD_READ), "place__code"), role=Helper.Role.VOLUNTEER)
    rows = rows.filter(place__code__startswith=prefix).select_related("place", "person__household", "person__place")
    return rows.annotate(reachable=Exists(usable))


def behind(village: str, number: str) -> list[Any]:
    """Who is grown behind the doors of a village with this number, as `grown`."""
    homes = Household.objects.filter(village=village, number__iexact=number.strip()[:40], moved_out_on=None)
    return grown(list(homes.values_list("pk", flat=True)[:50]))


@dataclass
class Shown:
    """A cell as its place's page shows it."""

    cell: Any
    doors: list[Household] = field(default_factory=list)
    head: Helper | None = None
    deputy: Helper | None = None


def of_cell(found: Cell) -> Shown:
    return of_cells([found])[0]


def of_cells(rows: list[Cell]) -> list[Shown]:
    """With doors in walking order, head and deputy: two queries for all."""
    shown = {one.pk: Shown(one) for one in rows}
    members = Member.objects.filter(cell__in=shown, until=None, household__moved_out_on=None)
    members = members.filter(household__place=F("cell__place")).select_related("household")
    for member in members.order_by(F("household__walking_order").asc(nulls_last=True), "household__number"):
        shown[member.cell_id].doors.append(member.household)
    for one in helpers_now().filter(cell__in=shown).select_related("person__household"):
        setattr(shown[one.cell_id or 0], one.role, one)
    return list(shown.values())


def history(found: Cell) -> QuerySet[Helper]:
    """Everybody who was head or deputy, the latest first."""
    return Helper.objects.filter(cell=found).select_related("person").order_by("-id")


def doors(place: str) -> list[Household]:
    """The households of exactly this place as one walks."""
    rows = Household.objects.filter(place=place, moved_out_on=None)
    return list(rows.order_by(F("walking_order").asc(nulls_last=True), "number"))


def arranged(place: str) -> dict[int, int]:
    """{household: number of its cell}."""
    rows = Member.objects.filter(cell__place=place, cell__until=None, until=None)
    return dict(rows.values_list("household", "cell__number"))


def last_change(place: str) -> Arrangement | None:
    found = Arrangement.objects.filter(place=place).first()
    return None if found is None or found.undone else found


def for_suggestion(rows: list[Household]) -> list[Door]:
    return [Door(one.pk, one.number, one.walking_order) for one in rows]


def grown(households: list[int]) -> list[Any]:
    """Who may be head, deputy or helper: grown, living behind these doors; those with a usable contact first."""
    usable = Contact.objects.filter(person=OuterRef("pk"), usable=True)
    rows = Person.objects.filter(household__in=households, left_on=None, minor=False).select_related("household")
    return list(rows.annotate(reachable=Exists(usable)).order_by("-reachable", "vulnerable", "household", "pk"))


def vulnerable(actor: Actor, prefix: str = "") -> QuerySet[Person]:
    """Residents who need help, with `paired`."""
    rows = Person.objects.filter(
        within(actor.scopes(Perm.HOUSEHOLD_READ), "place__code"), place__code__startswith=prefix
    )
    rows = rows.filter(vulnerable=True, left_on=None, household__moved_out_on=None).exclude(household=None)
    paired = Pair.objects.filter(resident=OuterRef("pk"), until=None)
    return rows.select_related("place", "household").annotate(paired=Exists(paired))


def pairs(persons: list[int]) -> dict[int, tuple[Pair, list[Helper]]]:
    """{resident: (pair, its neighbours)}."""
    rows = Pair.objects.filter(resident__in=persons, until=None)
    found: dict[int, tuple[Pair, list[Helper]]] = {row.resident_id: (row, []) for row in rows}
    helping: dict[int, list[Helper]] = defaultdict(list)
    for one in helpers_now().filter(pair__in=[row.pk for row in rows]).select_related("person__household"):
        helping[one.pair_id or 0].append(one)
    return {resident: (row, helping[row.pk]) for resident, (row, _none) in found.items()}


def near(home: Household, most: int = 24) -> list[Household]:
    """The doors nearest on the walk, the resident's own left out."""
    rows = [one for one in doors(home.place_id) if one.pk != home.pk]
    at = home.walking_order
    if at is None:
        return rows[:most]
    return sorted(rows, key=lambda one: (abs((one.walking_order or 2**31) - at), one.pk))[:most]


def candidates(resident: Person) -> list[Any]:
    """Grown people of the nearest doors, in that order; who can't be reached comes last."""
    if resident.household is None:
        return []
    order = {home.pk: at for at, home in enumerate(near(resident.household))}
    rows: list[Any] = grown(list(order))
    return sorted(rows, key=lambda person: (not person.reachable, order[person.household_id]))


def uses(place: Place) -> bool:
    """Whether anybody divided this place into cells."""
    return Cell.objects.filter(place=place, until=None).exists()
