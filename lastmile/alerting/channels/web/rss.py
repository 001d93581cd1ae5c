"""The feed for readers that know only RSS 2.0; links lead to the page, the enclosure is the CAP message."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import format_datetime

from lxml import etree

from lastmile.alerting.channels.web.notice import ATOM, CAP_TYPE, FeedPage, Notice, fit


def as_rss(notices: Sequence[Notice], page: FeedPage) -> bytes:
    rss = etree.Element("rss", version="2.0", nsmap={"atom": ATOM})
    channel = etree.SubElement(rss, "channel")
    newest = max((notice.sent for notice in notices), default=page.empty)
    for name, text in (
        ("title", page.title),
        ("link", page.html),
        ("description", page.title),
        ("language", page.tag),
        ("lastBuildDate", format_datetime(newest)),
    ):
        _add(channel, name, text)
    for rel, href in page.links:
        etree.SubElement(channel, f"{{{ATOM}}}link", rel=rel, href=href, type="application/rss+xml")
    for notice in notices:
        _item(channel, notice, page.language)
    return bytes(etree.tostring(rss, xml_declaration=True, encoding="UTF-8"))


def _item(channel: etree._Element, notice: Notice, language: str) -> None:
    item = etree.SubElement(channel, "item")
    _add(item, "title", notice.text(language)["headline"])
    _add(item, "link", notice.url)
    _add(item, "description", notice.summary(language))
    etree.SubElement(item, "guid", isPermaLink="true").text = notice.cap_url
    _add(item, "pubDate", format_datetime(notice.sent))
    etree.SubElement(item, "enclosure", url=notice.cap_url, type=CAP_TYPE, length="0")  # made when it is asked for


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = fit(text)
