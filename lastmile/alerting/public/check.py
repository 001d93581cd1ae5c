"""Was this message sent by us? Asked with its text, link or number; answered without a word about people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Q

from lastmile.alerting import links, published
from lastmile.alerting.channels.web.notice import Notice
from lastmile.alerting.models import AlertEvent, Kind

LONGEST = 2_000  # characters: an SMS of ten parts
WORDS = 40  # words of a text that are looked up
_LINK = re.compile(rf"(?:^|/r/|\s)([A-Za-z0-9_-]{{{links.LENGTH}}})(?![A-Za-z0-9_-])")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{5,59}")


@dataclass(frozen=True)
class Answer:
    """`personal`: the link was made for one person. `notice` is None where it is not ours."""

    notice: Notice | None
    personal: bool = False
    test: bool = False  # of who can be reached
    public: bool = False  # it has a page


def look(text: str) -> Answer:
    """What is known of a message by its link or number."""
    text = text[:LONGEST].replace("\0", "").strip()
    event, personal = _by_link(text), True
    if event is None:
        event, personal = _by_number(text), False
    if event is None:
        return Answer(None)
    return Answer(
        published.notice(event),
        personal=personal,
        test=event.alert.kind == Kind.TEST,
        public="web" in event.frozen["channels"],
    )


def _by_link(text: str) -> AlertEvent | None:
    for token in _LINK.findall(text)[:5]:
        try:
            key, _person = links.read(token)
        except links.BadToken:
            continue
        found = AlertEvent.objects.select_related("alert").filter(pk=key).first()
        if found is not None:
            return found
    return None


def _by_number(text: str) -> AlertEvent | None:
    """The number of a warning, ours or CAP's, as the page and the feeds carry it; only of what is public."""
    words = [word.rstrip(".-_") for word in _WORD.findall(text)[:WORDS]]
    rows = AlertEvent.objects.filter(Q(alert__code__in=words) | Q(identifier__in=words))
    return rows.filter(frozen__channels__contains="web").select_related("alert").order_by("-id").first()
