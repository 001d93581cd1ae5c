"""What a certificate of destruction says, for the page, the API and the PDF."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lastmile.alerting.document import Paper, table
from lastmile.alerting.ending.sources import label
from lastmile.alerting.models import AlertEvent, Destruction
from lastmile.kernel import clock, seal


def headline(event: AlertEvent) -> str:
    texts = event.frozen.get("texts", {})
    return str(texts.get("zh", {}).get("headline") or event.identifier)


def facts(done: Destruction) -> dict[str, Any]:
    """`holds` is whether the signature does."""
    said = json.loads(done.certificate)
    rows = [(label(name), name, count, said["digests"].get(name, "")) for name, count in said["values"].items()]
    return {"said": said, "rows": rows, "holds": seal.holds(done.certificate, bytes(done.signature))}


def pdf(done: Destruction) -> bytes:
    found = facts(done)
    said = found["said"]
    paper = Paper(f"{said['event']} · {said['destroyed']}")
    paper.set_title(str(_("Certificate of destruction")))
    paper.add_page()
    paper.title_line(_("Certificate of destruction"), 17)
    paper.small(
        _("Personal data gathered in a warning, destroyed after it was over (Emergency Response Law, articles 84–85).")
    )
    lines = [
        (_("Warning"), headline(done.event)),
        (_("Number"), said["event"]),
        (_("Over since"), _moment(said["closed"])),
        (_("Destroyed"), _moment(said["destroyed"])),
        (_("By the rule"), _("%(days)d days after the warning is over") % {"days": said["rule"]["days"]}),
        (_("Values destroyed"), f"{done.total:,}"),
        (pgettext("certificate", "Signature"), _("holds") if found["holds"] else _("DOES NOT HOLD")),
    ]
    table(paper, ["", ""], lines)
    paper.title_line(_("What was destroyed"))
    head = [_("What"), _("Table and column"), _("How many")]
    table(paper, head, [[str(what), name, f"{count:,}"] for what, name, count, _digest in found["rows"]])
    paper.title_line(_("Signed text"))
    paper.small(done.certificate)
    paper.title_line(_("Signature (Ed25519)"))
    paper.small(bytes(done.signature).hex())
    return bytes(paper.output())


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M")
