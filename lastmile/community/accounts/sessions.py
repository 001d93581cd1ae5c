"""Where a person is logged in: kept in the database with its owner, shown to them, ended with one tap.

Django's session engine of the database with columns of our own (settings.SESSION_ENGINE names this module).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lastmile.community.accounts.models import Session, User
from lastmile.kernel import audit, clock, requestinfo
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor

CAME = "came"  # in a session: when, from where and with what somebody logged in
SLID = "slid_at"  # in a session: the minute in which it was last used
BROWSERS = {  # as their agent names them, the particular before the general
    "MicroMessenger": "微信",
    "HuaweiBrowser": "华为浏览器",
    "MiuiBrowser": "小米浏览器",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "HarmonyOS": "HarmonyOS",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        made = cast("Session", super().create_model_instance(data))
        since, address, agent = data.get(CAME) or (None, None, "")
        made.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        made.since = datetime.fromtimestamp(since, UTC) if since else None
        made.seen = datetime.fromtimestamp(data[SLID], UTC) if SLID in data else made.since
        made.address, made.agent = address, agent
        return made


def began(request: HttpRequest) -> None:
    """Note in a fresh session where it comes from."""
    agent = request.headers.get("User-Agent", "").replace("\0", "")[:200]
    request.session[CAME] = [clock.now().timestamp(), requestinfo.address(), agent]


def name(row: Session) -> str:
    """What stands for it in addresses: the key itself opens the log-in, and is shown nowhere."""
    return hashlib.sha256(row.session_key.encode()).hexdigest()[:16]


def device(agent: str) -> str:
    """The browser and system in two words, or nothing when they are not known.

    >>> device("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36")
    'Chrome · Android'
    """
    found = [next((said for key, said in words.items() if key in agent), "") for words in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found))


class Device(NamedTuple):
    """A session as its owner sees it; `here` is the one they ask from."""

    name: str
    device: str
    row: Session
    here: bool


def of(user: User, current: str | None = None) -> list[Device]:
    """Where a log-in is in use now, the one asked from first, then the latest."""
    running = Session.objects.filter(user=user, expire_date__gt=Now())  # Django ends them by the wall clock
    rows = running.order_by(F("seen").desc(nulls_last=True))
    found = [Device(name(row), device(row.agent), row, row.session_key == current) for row in rows]
    return sorted(found, key=lambda one: not one.here)


def end(user: User, wanted: str) -> None:
    """End one of the person's own sessions. Raises NotFound when it is over already."""
    row = next((row for row in Session.objects.filter(user=user) if name(row) == wanted), None)
    if row is None:
        raise NotFound(_("This log-in is over already."), _("Reload the page."))
    row.delete()
    audit.record("accounts.session_ended", actor=user, place=user.home, obj=user, count=1)


def end_all(user: User, *, by: Actor, keep: str | None = None) -> int:
    """End every session of a log-in but the one to keep; how many there were. The caller has checked who may."""
    count = Session.objects.filter(user=user).exclude(session_key=keep).delete()[0]
    audit.record("accounts.session_ended", actor=by, place=user.home, obj=user, count=count)
    return count


def sweep() -> int:
    """Forget the sessions that have run out; how many. For the workers."""
    return Session.objects.filter(expire_date__lt=Now()).delete()[0]
