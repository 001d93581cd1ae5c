"""What a superior says about one silent post on their own link: reached, looked after, or taken back again.

It is an answer of staff for that post, and stands as such in the ledger; who said it stands in the evidence.
"""

from __future__ import annotations

from django.db import transaction

from lastmile.alerting.cascade.asked import RAISED, SUPERIOR
from lastmile.alerting.cascade.hearing import hear
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.models import Call, CallEntry, Fact
from lastmile.alerting.models.calls import Role, What
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.community.accounts.models import User
from lastmile.kernel import clock

REACHED, MINDED, UNSAID = "reached", "mind", "unsay"
ACTS = {REACHED: Fact.CONFIRMED, MINDED: Fact.TAKEN_OVER, UNSAID: Fact.UNDONE}


@transaction.atomic
def say(event: int, superior: int, pk: int, act: str, nonce: str) -> bool:
    """Whether it counted: not for a post they were not called about, nor where it stands differently by now."""
    below = Call.objects.filter(pk=pk, event=event, superior=superior, person__isnull=False)
    holder = below.values_list("person", flat=True).first()
    fetch("hold", event=event, persons=[superior, holder or superior])
    call = below.first()
    if call is None or call.person is None or call.person != holder or not _fits(call, act):
        return False
    by = User.objects.filter(person=superior).values_list("pk", flat=True).first() or 0
    now, fact = clock.now(), ACTS[act]
    # for looking after it, sql/heard.sql reads which call this names: the holder may have another post
    key = f"u:{call.pk}:{call.person}:{int(fact)}:{superior}:{nonce}"
    if not append([NewReceipt(key, event, call.person, fact, SUPERIOR, now, by=by)]):
        return False
    if act == REACHED:
        who = {"person": superior, "role": Role.SUPERIOR, "channel": "link", "by": by or None}
        CallEntry.objects.create(call=call, at=now, entered_at=now, what=What.REACHED, **who)
    hear(event, [call.person])
    return True


def _fits(call: Call, act: str) -> bool:
    if act == REACHED:
        return call.silent
    if act == MINDED:
        return call.state in RAISED and call.taken_at is None
    return call.confirmed_via == SUPERIOR or (call.taken_at is not None and not call.taken_by)
