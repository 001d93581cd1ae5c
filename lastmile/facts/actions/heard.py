"""What happens to an obligation on the to-do, told to the ask behind it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lastmile.duties.models import Obligation, What
from lastmile.facts.actions.answer import cannot_say
from lastmile.facts.actions.owed import KIND
from lastmile.facts.models import Ask
from lastmile.kernel.errors import Refusal


def closed(obligation: Obligation, what: str, actor: Any, **_more: Any) -> None:
    """Not applicable, with its words, answers everything left. Done and undone follow the answer, never lead it."""
    if obligation.kind != KIND.name:
        return
    ask = Ask.objects.select_related("request").filter(pk=int(obligation.key)).first()
    if ask is None:
        return
    if what == What.NOT_APPLICABLE and ask.state == Ask.State.OPEN:
        words = obligation.events.order_by("-pk").values_list("note", flat=True).first() or ""
        cannot_say(actor, ask, words)
    elif what == What.DONE and ask.state == Ask.State.OPEN:
        raise Refusal(_("The questions are not answered yet."), _("Open the page and fill in what is asked."))
    elif what == What.UNDONE and ask.state != Ask.State.OPEN:
        raise Refusal(_("An answer can't be taken back."), _("Enter the right value as a new fact."))
