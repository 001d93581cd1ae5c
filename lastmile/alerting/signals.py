"""News for the parts of this room that stand above: sent inside the transaction, so that what they do is one with it.

`issued`: a warning went out. Arguments: `event`, `actor`.
`counted`: the answers of some people were counted and their standings are up to date. Arguments: `event` (its key),
`persons` (keys).
`replied`: somebody answered by SMS. Arguments: `event` (its key), `person`, `text`, `at`, `key`. Who answers True has
taken the text: it is not about the person themselves.
`site_answered`: a special site has answered. Arguments: `event`, `site` (its key).
"""

from __future__ import annotations

from django.dispatch import Signal

issued = Signal()
counted = Signal()
replied = Signal()
site_answered = Signal()
