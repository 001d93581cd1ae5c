"""What a gateway calls back with, turned into receipts: delivery reports, and answers by SMS digit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import connection

from lastmile.alerting import senders, signals, site_answers
from lastmile.alerting.channels.inbound import Reply, Report
from lastmile.alerting.channels.sms import callbacks, vendor
from lastmile.alerting.links import EVENTS
from lastmile.alerting.models import Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.sql import statement
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring

CHANNEL = "sms"
DIGITS = {
    "1": Fact.CONFIRMED,
    "2": Fact.MOVED,
    "3": Fact.NEEDS_HELP,
    "4": Fact.UNREACHABLE,
    "5": Fact.RELAYED,
    "6": Fact.TAKEN_OVER,
}
OF_OTHERS = (Fact.RELAYED, Fact.TAKEN_OVER)
LATE = timedelta(days=3)  # an answer this long after a warning has ended still belongs to it
LARGEST = 2**31  # keys of people in the database


def take_reports(body: bytes, headers: Mapping[str, str], account: int = 0) -> int:
    """Append the delivery reports of one call of a gateway. Raises the Refusals of channels.sms.callbacks."""
    return told(callbacks.reports(body, headers, *_gateway(account)), CHANNEL)


def take_replies(body: bytes, headers: Mapping[str, str], account: int = 0) -> int:
    """Append the answers of one call of a gateway. Raises the Refusals of channels.sms.callbacks."""
    return heard(callbacks.replies(body, headers, *_gateway(account)), CHANNEL)


def _gateway(account: int) -> list[callbacks.Gateway]:
    """Of a place's account; nothing for the installation's own."""
    if not account:
        return []
    values = senders.called("sms", account)
    return [callbacks.Gateway(values["secret"], vendor.parse(values.get("vendor") or {}))]


def told(reports: Iterable[Report], channel: str) -> int:
    """Append what a carrier reports of our messages; how many facts were new."""
    facts = {"delivered": Fact.DELIVERED, "failed": Fact.FAILED}
    return append(
        [
            NewReceipt(
                f"{report.key}:{'permanent' if report.permanent else report.status}",
                report.event,
                report.person,
                facts[report.status],
                channel,
                report.at,
                note=report.reason,
            )
            for report in reports
            if report.event is not None and report.person is not None
            if 0 < report.event < EVENTS and 0 < report.person < LARGEST
        ]
    )


def heard(replies: Sequence[Reply], channel: str) -> int:
    """Append answers by SMS: for everybody who has that number, in the latest warning that lists them.

    A text without a digit we know is kept as a note of somebody who has plainly read the message. A digit and a number
    from the keeper of a special site, as “2 35”, is the answer of the site as well.
    """
    known = asked([reply.phone for reply in replies])
    about_doors = set()
    for reply in replies:
        for event, person in known[reply.phone]:
            news = {
                "event": event,
                "person": person,
                "text": reply.text,
                "at": reply.at,
                "key": f"{reply.key}:{person}",
            }
            if any(taken for _receiver, taken in signals.replied.send(None, **news)):
                about_doors.add((reply.key, person))
            site_answers.by_sms(event, person, reply.text, reply.at, f"{channel}:{reply.key}:{person}")
    new = [
        NewReceipt(
            f"{channel}:{reply.key}:{person}",
            event,
            person,
            Fact.READ if (reply.key, person) in about_doors else DIGITS.get(reply.digits, Fact.READ),
            channel,
            reply.at,
            note="" if reply.text.strip() in DIGITS else reply.text.replace("\0", ""),
        )
        for reply in replies
        for event, person in known[reply.phone]
    ]
    # who says that they passed it on, or look after somebody, has read it: these two say nothing of their own danger
    read = [replace(one, key=f"{one.key}:read", fact=Fact.READ, note="") for one in new if one.fact in OF_OTHERS]
    return append([*new, *read])


def asked(phones: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """For each number (event, person) of everybody who has it and is listed: in force before over, newest first."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    blind = {digest: phone for phone in phones for digest in keyring().blinds(phone)}
    with connection.cursor() as cursor:
        cursor.execute(statement("asked"), {"blind": list(blind), "since": clock.now() - LATE})
        for digest, event, person in cursor.fetchall():
            found[blind[bytes(digest)]].append((event, person))
    return found
