"""What the database shows of this room: corrections by place (ADR 32)."""

from __future__ import annotations

from lastmile.kernel import walls


def register() -> None:
    walls.cover("mydata_proposal", walls.by_place("place"))
