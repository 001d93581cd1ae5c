"""From bytes to XML, for input that nobody vouches for.

No entity, no document type, nothing fetched; size, depth and number of elements have their limits. A first pass keeps
nothing and stops at the first thing out of bounds; only then a tree is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree

from lastmile.alerting.cap.findings import Finding, Refused

MOST_BYTES: Final = 8 * 1024 * 1024  # a resource in base64 may be a few MB; more than this is no warning
MOST_ELEMENTS: Final = 60_000
MOST_ATTRIBUTES: Final = 64  # of one element
LONG_TAG: Final = re.compile(rb"<[^<>!][^<>]{100000}")  # libxml2 takes long over so many attributes or namespaces
DEEPEST: Final = 40
BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*['\"]([A-Za-z0-9._-]{1,40})['\"]")
PRUNED: Final = re.compile(r"(<\?xml[^>]{0,200}?)\s+encoding\s*=\s*['\"][^'\"]{0,40}['\"]")
GUESSES: Final = ("utf-8", "gb18030")


@dataclass
class Opened:
    root: etree._Element
    encoding: str
    findings: list[Finding] = field(default_factory=list)


if TYPE_CHECKING:
    _Target = etree.ParserTarget[None]
else:
    _Target = object


class _Guard(_Target):
    """Counts and keeps nothing: a parser's target."""

    def __init__(self) -> None:
        self.depth = self.elements = 0
        self.refusal: Refused | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST:
            self._refuse("deep", most=DEEPEST)
        if self.elements > MOST_ELEMENTS:
            self._refuse("elements", most=MOST_ELEMENTS)
        if len(attributes) > MOST_ATTRIBUTES:
            self._refuse("attributes", most=MOST_ATTRIBUTES)

    def end(self, tag: str) -> None:
        self.depth -= 1

    def doctype(self, name: str | None, public: str | None, system: str | None) -> None:
        self._refuse("doctype")

    def _refuse(self, code: str, **facts: int) -> None:
        self.refusal = Refused(code, **facts)
        raise self.refusal

    def close(self) -> None: ...


def open_xml(data: bytes) -> Opened:
    """The root element, and what was odd about the bytes. Raises Refused; nothing else."""
    if len(data) > MOST_BYTES:
        raise Refused("too_big", size=len(data), most=MOST_BYTES)
    if not data.strip(b"\0 \t\r\n"):
        raise Refused("empty")
    if LONG_TAG.search(data):
        raise Refused("attributes", most=MOST_ATTRIBUTES)
    findings: list[Finding] = []
    body = _trimmed(data, findings)
    declared = _declared(body)
    try:
        root = _parsed(body)
    except etree.XMLSyntaxError as error:
        opened = _guessed(body, declared, error)
        opened.findings[:0] = findings
        return opened
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if encoding not in ("UTF-8", "ASCII", "US-ASCII"):
        findings.append(Finding("encoding", "", {"encoding": encoding}))
    return Opened(root, encoding, findings)


def from_text(text: str) -> bytes:
    """What somebody pasted: its declaration speaks of a file that is not here, so it loses the encoding."""
    return (PRUNED.sub(r"\1", text[:400], count=1) + text[400:]).encode("utf-8", "replace")


def _trimmed(data: bytes, findings: list[Finding]) -> bytes:
    """Without a byte order mark and blanks before the declaration, over which strict readers stumble."""
    if data.startswith(BOMS[1:]):
        findings.append(Finding("bom"))
        return data  # its encoding is known by the mark alone
    body = data.lstrip(b" \t\r\n")
    if body.startswith(BOMS[0]):
        findings.append(Finding("bom"))
        body = re.sub(rb"\A(\xef\xbb\xbf|[ \t\r\n])+", b"", body)
    elif body != data and body.startswith(b"<?xml"):
        findings.append(Finding("leading"))
    return body


def _declared(body: bytes) -> str:
    found = DECLARATION.match(body[:400])
    return found[1].decode().upper() if found else "UTF-8"


def _parsed(body: bytes) -> etree._Element:
    guard = _Guard()
    try:
        etree.fromstring(body, etree.XMLParser(target=guard, resolve_entities=False, no_network=True, load_dtd=False))
    except Refused:
        raise
    except (etree.XMLSyntaxError, LookupError):
        if guard.refusal:
            raise guard.refusal from None
        raise
    if guard.refusal:
        raise guard.refusal
    return etree.fromstring(body, quiet())


def quiet() -> etree.XMLParser[etree._Element]:
    """A parser that resolves and fetches nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _guessed(body: bytes, declared: str, error: etree.XMLSyntaxError) -> Opened:
    """Again, when it was the encoding that lied: Chinese senders write GBK and declare UTF-8 or GB2312."""
    problem = error.msg or ""
    if "ncod" not in problem and "Char" not in problem and "Input is not proper" not in problem:
        raise _malformed(error) from None
    for guess in GUESSES:
        try:
            text = PRUNED.sub(r"\1", body.decode(guess), count=1)
            root = _parsed(text.encode())
        except (UnicodeDecodeError, etree.XMLSyntaxError):
            continue
        finding = Finding("wrong_encoding", "", {"declared": declared, "encoding": guess.upper()})
        return Opened(root, guess.upper(), [finding])
    raise _malformed(error) from None


def _malformed(error: etree.XMLSyntaxError) -> Refused:
    line, column = error.position
    return Refused("malformed", line=line, column=column, why=(error.msg or "")[:200])
