"""What warnings have taught about a place, for the dictionary of facts: nobody is asked how many there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.facts.dictionary import Field, register
from lastmile.kernel import clock

YEAR = timedelta(days=365)

# Real warnings of the last year that told somebody below each code; of the latest of them, people told and confirmed.
COUNTED = """
WITH told AS (
    SELECT left(t.place, %(n)s) AS part, e.id, sum(t.people) AS people, sum(t.confirmed) AS confirmed
      FROM alerting_tally t JOIN alerting_alertevent e ON e.id = t.event
     WHERE left(t.place, %(n)s) = ANY(%(codes)s) AND e.sent_at >= %(since)s AND t.people > 0
       AND e.frozen->>'status' = 'Actual' AND e.frozen->>'kind' = 'alert'
     GROUP BY 1, 2)
SELECT part, count(*), (array_agg(people ORDER BY id DESC))[1], (array_agg(confirmed ORDER BY id DESC))[1]
  FROM told GROUP BY part
"""


def _counted(codes: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"n": len(codes[0]), "codes": list(codes), "since": clock.now() - YEAR})
        return {part: (warnings, people, confirmed) for part, warnings, people, confirmed in cursor.fetchall()}


def warnings(codes: Sequence[str]) -> Mapping[str, int]:
    return dict.fromkeys(codes, 0) | {code: found[0] for code, found in _counted(codes).items()}


def last_told(codes: Sequence[str]) -> Mapping[str, int]:
    return {code: found[1] for code, found in _counted(codes).items()}


def last_confirmed(codes: Sequence[str]) -> Mapping[str, int]:
    return {code: found[2] for code, found in _counted(codes).items()}


def register_all() -> None:
    people, source = pgettext_lazy("unit", "people"), _("counted by the system")
    listed, confirmed = _("people listed in the last warning"), _("people who confirmed the last warning")
    register(Field("alerting.warnings", _("warnings within a year"), source=source, computed=warnings))
    register(Field("alerting.last_told", listed, people, source=source, computed=last_told))
    register(Field("alerting.last_confirmed", confirmed, people, source=source, computed=last_confirmed))
