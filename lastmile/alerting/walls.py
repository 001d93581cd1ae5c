"""What the database shows of answers to a request (kernel.walls): words only with the person who is seen."""

from __future__ import annotations

from lastmile.kernel import walls

# An answer without words is a key and a number, and counted over whole warnings.
walls.cover(
    "alerting_receipt",
    "note IS NULL OR EXISTS (SELECT FROM people_person p WHERE p.id = alerting_receipt.person)",
)
