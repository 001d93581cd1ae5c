"""Who answers for a place: posts, holders, deputies and leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from lastmile.community.org.models import ancestors
from lastmile.community.people.models import Appointment
from lastmile.community.people.queries.statements import fetch


class Responsible(NamedTuple):
    """One post and the person who answers for it on a day."""

    person: int
    place: str
    site: int | None
    post: int
    title: str
    standing_in: bool  # the deputy, because the holder is on leave or missing
    away: bool  # on leave as well: nobody else holds the post


def responsible(codes: Sequence[str], day: date) -> list[Responsible]:
    """Whoever must answer a warning for these places: posts under the codes, their special sites, and the levels above.

    One row for each post that somebody holds; a person with two hats appears twice.
    """
    prefixes = sorted(set(codes))
    above = sorted({code for prefix in prefixes for code in ancestors(prefix)})
    rows = fetch("responsible", prefixes=prefixes, above=above, day=day)
    return [
        Responsible(person, place, site, post, title, role == Appointment.Role.DEPUTY, away)
        for person, place, site, post, title, role, away in rows
    ]
