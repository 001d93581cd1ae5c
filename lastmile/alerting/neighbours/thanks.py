"""Words to neighbours beside the question: thanks after the all-clear, a question where an answer was not clear."""

from __future__ import annotations

from collections.abc import Iterable

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


def thank(event: AlertEvent) -> None:
    """Exactly those who were asked, on the channel on which they were."""
    follows = event.frozen.get("follows") or []
    told = CallAttempt.objects.filter(event__in=follows, role=Role.CELL, state__in=SENT, text=None)
    ways = dict(told.order_by("pk").values_list("person", "channel"))
    languages = dict(Person.objects.filter(pk__in=ways).values_list("pk", "language"))
    rows = [(person, channel, THANKS[languages.get(person, "zh")]) for person, channel in sorted(ways.items())]
    send(event, rows)


def send(event: AlertEvent, rows: Iterable[tuple[int, str, str]], number: int = FIRST, role: Role = Role.CELL) -> None:
    """(person, channel, text) each; under a number that a person has had nothing is sent again."""
    now, rows = clock.now(), list(rows)
    homes = dict(Person.objects.filter(pk__in={row[0] for row in rows}).values_list("pk", "place_id"))
    CallAttempt.objects.bulk_create(
        (
            CallAttempt(
                event=event, calls=[], place=homes.get(person, ""), person=person, role=role, channel=channel,
                priority=0, text=text, number=number, made_at=now, due_at=now,
            )
            for person, channel, text in rows
        ),
        batch_size=2_000,
        ignore_conflicts=True,
    )  # fmt: skip
