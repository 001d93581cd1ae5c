"""One message as a mail: plain text and HTML, with headers that nobody's text can add to."""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from django.utils.html import escape, urlize

from lastmile.alerting.channels.contract import Message
from lastmile.kernel import clock

CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
HTML = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{title}</title>
<body style="margin:0;padding:16px;background:#fff;color:#111;font:18px/1.6 sans-serif;max-width:40em">
<h1 style="font-size:22px;margin:0 0 12px">{title}</h1>{body}</body></html>"""


class Written(EmailPolicy):
    """A long address in List-Unsubscribe stays whole: folded, it would be written as words that no program clicks."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name == LIST else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii") if name == LIST else super().fold_binary(name, value)


LIST = "List-Unsubscribe"
SMTP = Written(linesep="\r\n")


class BadAddress(ValueError):
    """The address can't stand in a mail: it has no form of an address, or hides a second one."""


def build(message: Message, sender: str) -> EmailMessage:
    """The mail for one message. Raises BadAddress."""
    mail = EmailMessage(policy=SMTP)
    name, address = parseaddr(sender)
    mail["From"] = Address(display_name=_line(name), addr_spec=address)
    mail["To"] = recipient(message.address)
    text = message.text.encode("utf-8", "replace").decode()
    mail["Subject"] = _line(message.subject or text.split("\n", 1)[0])[:200]
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = message_id(message.key, address)
    mail["Auto-Submitted"] = "auto-generated"  # no "out of office" in answer
    mail["Importance"] = "High"
    if message.leave:
        mail[LIST] = f"<{_line(message.leave)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text, cte="base64")
    mail.add_alternative(_html(mail["Subject"], text, message.language), subtype="html", cte="base64")
    return mail


def recipient(address: str) -> Address:
    """The address, if it is exactly one mailbox."""
    if any(char.isspace() or not char.isprintable() for char in address) or address.count("@") != 1:
        raise BadAddress("not an e-mail address")
    try:
        return Address(addr_spec=address)
    except (ValueError, IndexError) as error:
        raise BadAddress("not an e-mail address") from error
    except Exception as error:  # the header parser has errors of its own for what it can't read
        raise BadAddress("not an e-mail address") from error


def message_id(key: str, sender: str) -> str:
    """The same for every try of the same hand-over, so that a mail program shows it once."""
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
    return f"<{digest}@{sender.rpartition('@')[2] or 'localhost'}>"


def _line(text: str) -> str:
    return CONTROL.sub(" ", text.encode("utf-8", "replace").decode()).strip()


def _html(title: str, text: str, language: str) -> str:
    paragraphs = (line for line in text.splitlines() if line.strip())
    body = "".join(
        f'<p style="margin:0 0 12px">{urlize(line, nofollow=False, autoescape=True)}</p>' for line in paragraphs
    )
    return HTML.format(lang="en" if language == "en" else "zh-CN", title=escape(title), body=body)
