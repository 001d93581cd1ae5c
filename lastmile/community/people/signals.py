"""News for the rooms above, sent inside the transaction of the act.

`held` is sent when somebody begins or ceases to hold a post. Arguments: `post`, `role`, `before` and `after` (a Person
or None), `actor`.
`gone` is sent when a person has left for good. Arguments: `person`, `actor`.
"""

from __future__ import annotations

from django.dispatch import Signal

held = Signal()
gone = Signal()
