"""The words of a message in a follower's language; English by template where nobody wrote it."""

from __future__ import annotations

from lastmile.alerting import published
from lastmile.alerting.cap import english
from lastmile.alerting.channels.web.notice import Notice
from lastmile.alerting.models import Told


def text(told: Told) -> tuple[dict[str, str], Notice]:
    """Every text that may be shown is there, some of them empty."""
    notice, language = published.notice(told.event), told.follower.language
    if language == "en" and "en" not in notice.texts:
        return dict(english.text(told.event.frozen)), notice  # type: ignore[arg-type]  # a TypedDict of strings
    return {"shelter": "", "contact": "", "subject": "", **notice.text(language)}, notice
