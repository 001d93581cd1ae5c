"""Files from the command line: looked at before they are loaded."""

from __future__ import annotations

from pathlib import Path

from lastmile.alerting.cap.findings import Refused
from lastmile.alerting.cap.intake import MOST_BYTES


def load(path: Path) -> bytes:
    """The bytes of a file. Raises Refused when it is larger than any message, OSError when it can't be read."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise Refused("too_big", size=size, most=MOST_BYTES)
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)
