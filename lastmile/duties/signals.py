"""News for the rooms above and beside: sent inside the transaction, so that what they do with it is one with the act.

`closed` is sent when an obligation is done, not applicable or a problem, and when that is undone.
Arguments: `obligation`, `what` (a models.What), `actor` (a log-in or None).
"""

from __future__ import annotations

from django.dispatch import Signal

closed = Signal()
