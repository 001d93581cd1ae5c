"""The public page of warnings in force (`/w/`). It hands nothing to anybody: people and feed readers come to it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from lastmile.alerting.channels.contract import Capabilities, Health, Message, Outcome, Setting, What
from lastmile.alerting.channels.said import said


class WebChannel:
    name = "web"
    can = Capabilities(contact="", personal=False)

    def __init__(self, *, public_url: str) -> None:
        self.public_url = public_url

    @property
    def label(self) -> str:
        return _("public page")

    @property
    def meaning(self) -> str:
        return _(
            "The page shows every warning in force from the moment of issue. Nobody is told one by one and nothing "
            "comes back, so it never counts towards coverage."
        )

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        """A person can't be told by a page: claiming "accepted" here would make the coverage a lie."""
        return [Outcome(What.REFUSED, "the public page addresses nobody in person")] * len(batch)

    async def health(self) -> Health:
        return Health(ok=True, says=said(gettext_noop("The page is part of this system and answers with it.")))

    def settings(self) -> list[Setting]:
        return [Setting("LASTMILE_PUBLIC_URL", self.public_url)]

    def problems(self) -> list[str]:
        return []


def from_settings() -> WebChannel:
    from django.conf import settings

    return WebChannel(public_url=settings.PUBLIC_URL)
