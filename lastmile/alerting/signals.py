"""News for the parts of this room that stand above: sent inside the transaction, so that what they do is one with it.

`issued`: a warning went out. Arguments: `event`, `actor`.
`counted`: the answers of some people were counted and their standings are up to date. Arguments: `event` (its key),
`persons` (keys).
`site_answered`: a special site has answered. Arguments: `event`, `site` (its key).
"""

from __future__ import annotations

from django.dispatch import Signal

issued = Signal()
counted = Signal()
site_answered = Signal()
