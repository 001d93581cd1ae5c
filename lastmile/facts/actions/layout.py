"""Keep a superior's form and what stands where in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Level, Place
from lastmile.facts.layouts import book, mapping
from lastmile.facts.models import Layout, Subject
from lastmile.facts.values import clean
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor, Perm, require

MOST_PLACES = 5_000


def places_under(unit: Place) -> list[Place]:
    """What the rows of a unit's forms can stand for: itself and every place below it down to the communities."""
    rows = Place.objects.current().under(unit.code).filter(level__lte=Level.VILLAGE)
    return list(rows.order_by("code")[:MOST_PLACES])


@transaction.atomic
def keep(by: Actor, unit: Place, title: str, filename: str, content: bytes, subject: str = Subject.PLACE) -> Layout:
    """Take a form in, and guess what stands where. Raises Refusal for anything but a plain form."""
    require(by, Perm.FACT_REQUEST, unit.code)
    words = clean(title)[:100]
    if not words:
        raise Refusal(_("The layout needs a name."), _("Write what the superior calls it."))
    opened = book.opened(filename, content)
    sheet = opened.worksheets[0]
    made = Layout.objects.create(
        place=unit,
        title=words,
        filename=filename[-120:],
        content=content,
        sheet=sheet.title,
        subject=subject,
        mapping=mapping.guess(sheet, places_under(unit), subject),
        updated_at=clock.now(),
        updated_by=str(by)[:60],
    )
    audit.record("facts.layout", actor=by, place=unit.code, obj=made)
    return made


@transaction.atomic
def remap(by: Actor, layout: Layout, sheet: str, given: Mapping[str, Any]) -> None:
    """Say what stands where. Nothing is kept when one cell of it can't be filled."""
    require(by, Perm.FACT_REQUEST, layout.place_id)
    opened = book.opened(layout.filename, bytes(layout.content))
    chosen = book.sheet_of(opened, sheet)
    places = places_under(layout.place)
    other = chosen.title != layout.sheet  # what stands where was said of another sheet
    read = mapping.guess(chosen, places, layout.subject) if other else None
    layout.mapping = read or mapping.checked(chosen, given, places, layout.subject)
    layout.sheet, layout.updated_at, layout.updated_by = chosen.title, clock.now(), str(by)[:60]
    layout.save(update_fields=["mapping", "sheet", "updated_at", "updated_by"])
    audit.record("facts.layout_map", actor=by, place=layout.place_id, obj=layout)


@transaction.atomic
def remove(by: Actor, layout: Layout) -> None:
    require(by, Perm.FACT_REQUEST, layout.place_id)
    audit.record("facts.layout_remove", actor=by, place=layout.place_id, obj=layout, title=layout.title)
    layout.delete()
