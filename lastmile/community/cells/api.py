"""Cells and pairs of neighbours, for programs. Names are masked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Path, Router, Schema, Status

from lastmile.community.cells import actions, queries, shown
from lastmile.community.cells.models import Cell, Helper, How
from lastmile.community.cells.suggesting import suggest
from lastmile.community.org.models import Place
from lastmile.community.people.queries import scope
from lastmile.kernel.doors import actor
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm

router = Router(tags=["cells"])

LISTED = 500
Key = Annotated[int, Field(ge=1, lt=2**31)]
Pk = Annotated[int, Path(ge=1, lt=2**31)]


class CellOut(Schema):
    """`head` and `deputy`: whether somebody who agreed lives there."""

    id: int
    place: str = Field(alias="place_id")
    number: int
    since: date
    doors: int
    head: bool = Field(alias="has_head")
    deputy: bool = Field(alias="has_deputy")


class HelperOut(Schema):
    id: int
    role: str = Field(description="head, deputy, pair or volunteer")
    person: int = Field(alias="person_id")
    name: str = Field(description="masked")
    agreed_on: date
    agreed_how: str = Field(description="talk, phone, paper or page")

    @staticmethod
    def resolve_name(helper: Helper) -> str:
        return str(helper.person.name.masked())


class CellPage(CellOut):
    households: list[int] = Field(description="in walking order")
    helpers: list[HelperOut]


class DoorsIn(Schema):
    doors: dict[Key, Annotated[int, Field(ge=1, le=999)]] = Field(
        max_length=5000, description="number of the cell by household; who is not named is in none"
    )


class Moved(Schema):
    moved: int


class ConsentIn(Schema):
    how: str = Field("talk", max_length=5, description="talk, phone or paper")
    on: date | None = None


class HelperIn(ConsentIn):
    person: Key
    role: str = Field(max_length=6, description="head or deputy")


class PairIn(ConsentIn):
    neighbours: list[Key] = Field(min_length=2, max_length=2)


class PairOut(Schema):
    id: int
    resident: int = Field(alias="resident_id")
    helpers: list[HelperOut]


@router.get("/cells", response=list[CellOut], summary="Cells under a place")
def list_cells(request: HttpRequest, place: str = "", skip: int = 0) -> Any:
    first = max(0, min(skip, 100_000))
    rows = queries.cells(actor(request), place[:15].replace("\0", "")).order_by("place", "number")
    return list(rows[first : first + LISTED])


@router.get("/cells/{int:pk}", response=CellPage, summary="One cell with its doors, head and deputy")
def get_cell(request: HttpRequest, pk: Pk) -> dict[str, Any]:
    return _page(queries.cell(actor(request), pk))


def _page(found: Cell) -> dict[str, Any]:
    one = queries.of_cell(found)
    helpers = [helper for helper in (one.head, one.deputy) if helper is not None]
    names = ("id", "place_id", "number", "since", "doors", "has_head", "has_deputy")
    return {name: getattr(found, name) for name in names} | {
        "households": [home.pk for home in one.doors],
        "helpers": helpers,
    }


def _grid(request: HttpRequest, code: str) -> Place:
    place = shown.low(scope.place(actor(request), code[:15], Perm.HOUSEHOLD_EDIT))
    if shown.lives_in_grids(place):
        raise Refusal(_("The households of this village are divided grid by grid."), _("Open one of its grids."))
    return place


@router.put("/cells/in/{code}/doors", response=Moved, summary="Divide the households of a grid into cells")
def arrange(request: HttpRequest, code: str, body: DoorsIn) -> dict[str, int]:
    return {"moved": actions.arrange(_grid(request, code), body.doors, by=actor(request))}


@router.post("/cells/in/{code}/suggest", response=Moved, summary="Divide them as the walk suggests")
def take_suggestion(request: HttpRequest, code: str) -> dict[str, int]:
    """Balanced, in walking order; the same doors always give the same cells."""
    place = _grid(request, code)
    wanted = suggest(queries.for_suggestion(queries.doors(place.code)))
    return {"moved": actions.arrange(place, wanted, by=actor(request))}


@router.post("/cells/in/{code}/undo", response=Moved, summary="Take the last division back")
def undo(request: HttpRequest, code: str) -> dict[str, int]:
    return {"moved": actions.undo(_grid(request, code), by=actor(request))}


@router.post("/cells/{int:pk}/helpers", response={201: HelperOut}, summary="Somebody agreed to be head or deputy")
def agree(request: HttpRequest, pk: Pk, body: HelperIn) -> Status[Any]:
    found = queries.cell(actor(request), pk, Perm.HOUSEHOLD_EDIT)
    person = scope.person(actor(request), body.person, Perm.HOUSEHOLD_EDIT)
    how = body.how if body.how in How.values else ""
    return Status(201, actions.agree(found, body.role, person, how=how, on=body.on, by=actor(request)))


class VolunteerOut(HelperOut):
    place: str = Field(alias="place_id")


class VolunteerIn(ConsentIn):
    person: Key


@router.get("/cells/in/{code}/volunteers", response=list[VolunteerOut], summary="Volunteers of a place and below")
def list_volunteers(request: HttpRequest, code: str, skip: int = 0) -> Any:
    place, first = scope.place(actor(request), code[:15]), max(0, min(skip, 100_000))
    return list(queries.volunteers(actor(request), place.code).order_by("place", "pk")[first : first + LISTED])


@router.post("/cells/in/{code}/volunteers", response={201: VolunteerOut}, summary="Somebody agreed to go to doors")
def add_volunteer(request: HttpRequest, code: str, body: VolunteerIn) -> Status[Any]:
    who = actor(request)
    place = shown.low(scope.place(who, code[:15], Perm.HOUSEHOLD_EDIT))
    person = scope.person(who, body.person, Perm.HOUSEHOLD_EDIT)
    how = body.how if body.how in How.values else ""
    return Status(201, actions.volunteer(place, person, how=how, on=body.on, by=who))


@router.post("/cells/helpers/{int:pk}/withdraw", response={204: None}, summary="They take their consent back")
def withdraw(request: HttpRequest, pk: Pk) -> Status[None]:
    found = queries.helper(actor(request), pk)
    actions.withdraw(found, how=How.TALK, by=actor(request), place=found.where)
    return Status(204, None)


@router.put("/pairs/{int:person}", response=PairOut, summary="Two neighbours agreed to look after a resident")
def pair(request: HttpRequest, person: Pk, body: PairIn) -> dict[str, Any]:
    who = actor(request)
    resident = scope.person(who, person, Perm.HOUSEHOLD_EDIT)
    neighbours = [scope.person(who, pk, Perm.HOUSEHOLD_EDIT) for pk in body.neighbours]
    how = body.how if body.how in How.values else ""
    made = actions.pair_with(resident, neighbours, how=how, on=body.on, by=who)
    helpers = list(queries.helpers_now().filter(pair=made).select_related("person"))
    return {"id": made.pk, "resident_id": resident.pk, "helpers": helpers}


@router.post("/pairs/{int:pk}/end", response={204: None}, summary="End a pair")
def end(request: HttpRequest, pk: Pk) -> Status[None]:
    actions.end_pair(queries.pair(actor(request), pk), by=actor(request))
    return Status(204, None)
