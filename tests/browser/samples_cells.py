"""What the pages of `cells` are opened with."""

from __future__ import annotations

from typing import Any

from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import Cell, Helper
from lastmile.community.people.models import Person
from tests.browser.samples import sample
from tests.world import World

GRID = "410182109211001"


def cell(world: World) -> Cell:
    """The first grid as one cell with head, deputy and a pair; the same for every page of a world."""
    place = world.places[GRID]
    found = Cell.objects.filter(place=place, until=None).first()
    if found is not None:
        return found
    doors = queries.doors(GRID)
    actions.arrange(place, {home.pk: 1 for home in doors}, by=world.village)
    found = Cell.objects.get(place=place)
    people = [Person.objects.filter(household=home).earliest("pk") for home in doors]
    actions.agree(found, "head", people[0], how="talk", by=world.village)
    actions.agree(found, "deputy", people[1], how="phone", by=world.village)
    resident = Person.objects.filter(household=doors[0], vulnerable=True).earliest("pk")
    actions.pair_with(resident, people[1:3], how="paper", by=world.village)
    return found


def resident(world: World) -> Person:
    cell(world)
    return Person.objects.filter(household=queries.doors(GRID)[0], vulnerable=True).earliest("pk")


@sample("cells", login="village")
def listing(world: World) -> dict[str, Any]:
    cell(world)
    return {}


@sample("cells_place", login="village")
@sample("cells_doors", login="village")
@sample("cells_pairs", login="village")
@sample("cells_print", login="village")
@sample("cells_book", login="village")
@sample("cells_suggest", login="village", skip="answers POST only")
@sample("cells_undo", login="village", skip="answers POST only")
@sample("cells_xlsx", login="village", skip="a file to keep")
def place(world: World) -> dict[str, Any]:
    cell(world)
    return {"code": GRID}


@sample("volunteer", login="village")
def volunteer(world: World) -> dict[str, Any]:
    person = world.residents[2]
    found = Helper.objects.filter(person=person, role="volunteer", until=None).first()
    return {"pk": (found or actions.volunteer(world.places[GRID], person, how="talk", by=world.village)).pk}


@sample("cells_volunteers", login="village")
@sample("cells_volunteer", login="village")
def volunteers(world: World) -> dict[str, Any]:
    volunteer(world)
    return {"code": GRID}


@sample("cell", login="village")
def one(world: World) -> dict[str, Any]:
    return {"pk": cell(world).pk}


@sample("cell_agree", login="village")
def agree(world: World) -> dict[str, Any]:
    return {"pk": cell(world).pk, "role": "deputy"}


@sample("cell_withdraw", login="village", skip="answers POST only")
def withdraw(world: World) -> dict[str, Any]:
    return {"pk": Helper.objects.filter(cell=cell(world), until=None).earliest("pk").pk}


@sample("pair_edit", login="village")
def pair(world: World) -> dict[str, Any]:
    return {"pk": resident(world).pk}


@sample("pair_end", login="village", skip="answers POST only")
def end(world: World) -> dict[str, Any]:
    return {"pk": queries.pairs([resident(world).pk])[resident(world).pk][0].pk}
