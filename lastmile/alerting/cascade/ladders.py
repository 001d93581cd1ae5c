"""Edit the ladders of a city or county: what was written wins over what ships, for warnings issued from then on."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from lastmile.alerting.cascade.rules import LEVELS, Rules, find, nearest
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models import Ladder
from lastmile.alerting.models.calls import EVERY
from lastmile.community.org.models import Level, Place, ancestors
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotAllowed, NotFound
from lastmile.kernel.permissions import Actor, Perm, require

ANY = "any"  # in addresses: every hazard


@dataclass(frozen=True)
class Cell:
    """What holds for a colour and level; `source` is the code of the place that wrote it, "" for what ships."""

    colour: Colour
    level: Level
    rules: Rules
    source: str
    own: bool


def table(place: Place, hazard: str) -> list[tuple[Level, list[Cell]]]:
    """What holds at a place for a hazard, by level and colour."""
    rows = []
    written = {colour: find([place.code, *ancestors(place.code)], hazard, colour) for colour in Colour}
    for level in LEVELS:
        cells = []
        for colour in Colour:
            rules, source = nearest(written[colour], place.code, colour, level)
            cells.append(
                Cell(
                    colour,
                    level,
                    rules,
                    source.place_id if source else "",
                    _exact(source, place, hazard, colour, level),
                )
            )
        rows.append((level, cells))
    return rows


def _exact(source: Ladder | None, place: Place, hazard: str, colour: int, level: int) -> bool:
    mine = (place.code, hazard, colour, level)
    return source is not None and (source.place_id, source.hazard, source.colour, source.level) == mine


def cell(place: Place, hazard: str, colour: str, level: str) -> tuple[str, int, int]:
    """Hazard, colour and level as an address writes them. Raises NotFound for any other."""
    known = hazard == ANY or hazard in Hazard.values
    if not known or colour not in map(str, (EVERY, *Colour)) or level not in map(str, (EVERY, *LEVELS)):
        raise NotFound(_("There is no such ladder."), _("Choose one in the table."))
    return "" if hazard == ANY else hazard, int(colour), int(level)


def holding(place: Place, hazard: str, colour: int, level: int) -> tuple[Rules, Ladder | None]:
    """The rules the form starts with, and the ladder they come from."""
    shown = colour or Colour.RED
    return nearest(find([place.code, *ancestors(place.code)], hazard, shown), place.code, shown, level or Level.VILLAGE)


def save(actor: Actor, place: Place, hazard: str, colour: int, level: int, rules: Rules) -> Ladder:
    """Write the rules of a place. Raises NotAllowed below the county, Refusal for what can't be."""
    require(actor, Perm.LADDER_EDIT, place.code)
    if place.level > Level.COUNTY:
        raise NotAllowed(_("Ladders are set by city and county."), _("Ask the duty officer of your county."))
    rules.check()
    made, _new = Ladder.objects.update_or_create(
        place=place,
        hazard=hazard,
        colour=colour,
        level=level,
        defaults={"rules": rules.as_json(), "changed_by_id": actor.pk, "changed_at": clock.now()},
    )
    audit.record("alerting.ladder", actor=actor, place=place.code, obj=made, rules=rules.as_json())
    return made


def drop(actor: Actor, place: Place, hazard: str, colour: int, level: int) -> None:
    """Back to what holds above."""
    require(actor, Perm.LADDER_EDIT, place.code)
    found = Ladder.objects.filter(place=place, hazard=hazard, colour=colour, level=level).first()
    if found is not None:
        audit.record("alerting.ladder_drop", actor=actor, place=place.code, obj=found)
        found.delete()
