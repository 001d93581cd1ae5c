"""Whether whoever is logged in is asked by a warning, and the page on which they answer for themselves."""

from __future__ import annotations

from lastmile.alerting import links, queries
from lastmile.alerting.cascade import asked
from lastmile.alerting.models import Standing
from lastmile.kernel.permissions import Actor


def own_page(actor: Actor, code: str) -> str | None:
    """The address of their own page, or None where no person stands behind the log-in, or nobody asks them.

    Raises NotFound for a warning that they may not see.
    """
    event = queries.event(actor, code)
    person = getattr(actor, "person_id", None)
    if person is None:
        return None
    told = Standing.objects.filter(event=event.pk, person=person).exists() or asked.of(event.pk, [person])
    return f"{links.PATH}{links.token(event.pk, person)}/" if told else None
