"""What there is to say about a file, for `lastmile cap` and `lastmile feed`: as plain data, as lines, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from django.utils.translation import gettext as _
from lxml import etree

from lastmile.alerting.cap import keys, places, signature, values
from lastmile.alerting.cap.feeds import Feed, read_feed
from lastmile.alerting.cap.files import load
from lastmile.alerting.cap.findings import Finding, Refused
from lastmile.alerting.cap.losses import compare
from lastmile.alerting.cap.read import Reading, read_all
from lastmile.alerting.cap.write import element

Plain = dict[str, Any]


def of_file(path: Path, *, match: bool = True) -> list[Plain]:
    """One for each message of a file, or one that says why there is none."""
    try:
        return [of_reading(reading, str(path), match=match) for reading in read_all(load(path))]
    except Refused as refused:
        return [refusal(str(path), refused.finding)]


def refusal(name: str, finding: Finding) -> Plain:
    return {"file": name, "read": False, "valid": False, "conforms": False, "findings": [finding.plain()]}


def of_reading(reading: Reading, name: str, *, match: bool = True, believed: Sequence[x509.Certificate] = ()) -> Plain:
    """`believed` are certificates beside those of the trust store."""
    alert = reading.alert
    anchors = [*keys.anchors(alert.sender or ""), *believed]
    verdict = signature.verify(reading.element, anchors, values.moment(alert.sent))
    written, here = element(alert), match and places.here()
    return {
        "file": name,
        "read": True,
        "version": reading.version,
        "identifier": alert.identifier,
        "valid": reading.valid,
        "conforms": reading.conforms,
        "findings": [finding.plain() for finding in reading.findings],
        "signature": {"state": verdict.state, "signer": verdict.signer, "weak": verdict.weak, "why": verdict.why},
        "places": places.matched(alert) if here else [],
        "places_known": here,
        "rewriting": [one.plain() for one in [*compare(reading.element, written), *_unsigned(verdict, written)]],
    }


def _unsigned(verdict: signature.Verdict, written: etree._Element) -> list[Finding]:
    """Blanks between elements are signed, too, and are not kept."""
    if verdict.state not in (signature.State.TRUSTED, signature.State.UNKNOWN):
        return []
    again = signature.verify(written, (), None).state
    return [] if again == signature.State.UNKNOWN else [Finding("signature_gone")]


def of_feed(data: bytes, name: str) -> Plain:
    try:
        feed = read_feed(data)
    except Refused as refused:
        return refusal(name, refused.finding)
    return {
        "file": name,
        "read": True,
        "kind": feed.kind,
        "title": feed.title,
        "updated": feed.updated,
        "valid": feed.valid,
        "conforms": feed.valid and all(one.conforms for item in feed.items for one in item.messages),
        "findings": [finding.plain() for finding in feed.findings],
        "items": _items(feed),
    }


def _items(feed: Feed) -> list[Plain]:
    return [
        {"id": item.id, "title": item.title, "updated": item.updated, "link": item.cap_link}
        | {"messages": [of_reading(one, item.id, match=False) for one in item.messages]}
        for item in feed.items
    ]


def lines(one: Plain, language: str) -> Iterable[str]:
    """For people."""
    yield one["file"]
    if not one["read"]:
        yield "  " + _("not read: %(why)s") % {"why": one["findings"][0][language]}
        return
    yield "  " + _verdict(one)
    for finding in one["findings"]:
        yield f"  {finding['level']:<8}{finding['where'] or '-'}: {finding[language]}"
    if "kind" in one:
        for item in one["items"]:
            yield f"  · {item['title'] or item['id'] or '?'}  {item['link']}"
            for message in item["messages"]:
                yield from ("    " + line for line in list(lines(message, language))[1:])
        return
    state = signature.State(one["signature"]["state"])
    yield "  " + " ".join(filter(None, (str(signature.WORDS[state]), one["signature"]["signer"])))
    yield "  " + (_("places: %(codes)s") % {"codes": _codes(one)})
    for finding in one["rewriting"]:
        yield f"  ~ {finding['where'] or '-'}: {finding[language]}"
    if not one["rewriting"]:
        yield "  " + _("Writing it again loses nothing.")


def _codes(one: Plain) -> str:
    return ", ".join(one["places"]) or "-" if one["places_known"] else _("none have been set up here")


def _verdict(one: Plain) -> str:
    kind = one.get("kind") or f"CAP {one['version'] or '?'}"
    if one["conforms"]:
        return _("%(kind)s: valid") % {"kind": kind}
    if one["valid"]:
        return _("%(kind)s: valid by the schema, not by the text of the standard") % {"kind": kind}
    return _("%(kind)s: not valid") % {"kind": kind}


def table(folders: Sequence[Path]) -> str:
    """A row for each file, as Markdown."""
    rows = [
        "| file | version | valid 1.2 | by the standard | signature | found | written again |",
        "|--|--|--|--|--|--|--|",
    ]
    for path in sorted(path for folder in folders for path in folder.iterdir()):
        if path.suffix not in (".pem", ".xsd", ".tsv"):
            rows += [_row(path, one) for one in of_file(path, match=False)[:1]]
    return "\n".join(rows) + "\n"


def _row(path: Path, one: Plain) -> str:
    codes = ", ".join(sorted({finding["code"] for finding in one["findings"]})) or "–"
    if not one["read"]:
        return f"| {path.name} | – | refused | – | – | {codes} | – |"
    again = ", ".join(sorted({finding["code"] for finding in one["rewriting"]})) or "nothing lost"
    yes = {True: "yes", False: "no"}
    state = one["signature"]["state"] + (" (SHA-1)" if one["signature"]["weak"] else "")
    version = one["version"] or "?"
    return f"| {path.name} | {version} | {yes[one['valid']]} | {yes[one['conforms']]} | {state} | {codes} | {again} |"
