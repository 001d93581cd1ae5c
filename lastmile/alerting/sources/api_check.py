"""What a message or a feed is worth, for programs that send or hand on CAP. Nothing is kept."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting.cap.intake import from_text
from lastmile.alerting.sources import checking, queries
from lastmile.alerting.sources.trust import anchors_of
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.queries import me
from lastmile.kernel.permissions import Perm

router = Router(tags=["sources"])


class CheckIn(Schema):
    """`source`: judge the signature by this source's certificates, too; 0: by the trust store alone."""

    text: Annotated[str, Field(min_length=1, max_length=2_000_000)]
    source: Annotated[int, Field(ge=0, lt=2**31)] = 0


class FindingOut(Schema):
    """`level`: refused, invalid, rule, doubt, note."""

    level: str
    code: str
    where: str
    zh: str
    en: str


class SignatureOut(Schema):
    """`state`: unsigned, trusted, unknown, broken, unreadable. `weak`: SHA-1 was used."""

    state: str
    signer: str
    weak: bool
    why: str


class MessageOut(Schema):
    """`rewriting`: what writing it again changes, empty: nothing. `again`: it, written so; empty if too long."""

    title: str
    identifier: str | None
    sender: str
    sent: str
    version: str
    valid: bool
    conforms: bool
    findings: list[FindingOut]
    signature: SignatureOut
    places: list[str]
    rewriting: list[FindingOut]
    again: str


class LinkOut(Schema):
    title: str
    address: str


class CheckedOut(Schema):
    """`kind`: cap, atom, rss, edxl-de, json, xml (national forms); empty: not read, and `findings` say why."""

    kind: str
    title: str
    valid: bool
    findings: list[FindingOut]
    messages: list[MessageOut]
    links: list[LinkOut]
    more: int


@router.post("/cap/check", response=CheckedOut, summary="Check a CAP message or a feed, without keeping it")
def check(request: HttpRequest, wish: CheckIn) -> CheckedOut:
    """Version, validity, findings in words, signature, places of ours, and what writing it again would change."""
    holding(me(request), Perm.SOURCE_READ)
    believed = anchors_of(queries.source(me(request), wish.source)) if wish.source else ()
    found = checking.check(me(request), from_text(wish.text), believed)
    links = [LinkOut(title=item.title, address=item.cap_link) for item in found.links]
    names = ("kind", "title", "valid", "findings", "messages", "more")
    return CheckedOut(links=links, **{name: getattr(found, name) for name in names})
