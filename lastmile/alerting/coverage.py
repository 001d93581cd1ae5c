"""Who was reached and who was not, for every place: read from the tallies that `fold` keeps."""

from __future__ import annotations

from lastmile.alerting.fold import fold, recount

__all__ = ["fold", "recount"]
