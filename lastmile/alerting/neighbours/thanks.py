"""Words to neighbours beside the question: thanks after the all-clear, a question where an answer was not clear."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from lastmile.alerting.models import AlertEvent, AttemptState, CallAttempt
from lastmile.alerting.models.calls import Role
from lastmile.community.people.models import Person
from lastmile.kernel import clock

THANKS = {
    "zh": "预警已解除。谢谢您帮忙照看邻居，不用再上门了。",
    "en": "The warning is over. Thank you for looking after your neighbours; nobody needs to be visited any more.",
}
FIRST = 600  # keys above those of the questions
SENT = (AttemptState.ACCEPTED, AttemptState.UNKNOWN, AttemptState.SENDING)


def thank(event: AlertEvent) -> int:
    """Exactly those who were asked, on the channel on which they were. How many."""
    follows = event.frozen.get("follows") or []
    told = CallAttempt.objects.filter(event__in=follows, role=Role.CELL, state__in=SENT, text=None)
    ways = dict(told.order_by("pk").values_list("person", "channel"))
    languages = dict(Person.objects.filter(pk__in=ways).values_list("pk", "language"))
    rows = [(person, channel, THANKS[languages.get(person, "zh")]) for person, channel in sorted(ways.items())]
    return send(event, rows)


def send(event: AlertEvent, rows: Iterable[tuple[int, str, str]]) -> int:
    """(person, channel, text) each; what is sent under a key that is there already is not sent again."""
    rows = list(rows)
    persons = [person for person, _channel, _text in rows]
    known = CallAttempt.objects.filter(event=event, person__in=persons, number__gte=FIRST).values_list("person")
    numbers = dict(known.annotate(last=Max("number")))
    now = clock.now()
    CallAttempt.objects.bulk_create(
        (
            CallAttempt(
                event=event, calls=[], person=person, role=Role.CELL, channel=channel, priority=0, text=text,
                number=numbers.get(person, FIRST) + 1, made_at=now, due_at=now,
            )
            for person, channel, text in rows
        ),
        batch_size=2_000,
        ignore_conflicts=True,
    )  # fmt: skip
    return len(rows)
