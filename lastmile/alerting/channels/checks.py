"""System checks of the channels: `lastmile check --deploy` and `lastmile doctor` say what is missing and its mend."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from lastmile.alerting.channels import registry


@register(Tags.compatibility)
def channels_are_known(**_kwargs: Any) -> list[CheckMessage]:
    known = ", ".join(registry.MAKERS)
    return [
        Error(
            f"LASTMILE_CHANNELS names “{name}”, which is no channel.", hint=f"Known are: {known}.", id="channels.E001"
        )
        for name in settings.CHANNELS
        if name not in registry.MAKERS
    ]


@register(Tags.compatibility, deploy=True)
def channels_are_set_up(**_kwargs: Any) -> list[CheckMessage]:
    """A channel that is not set up holds its messages back and tries again: a warning, so that the rest can run."""
    return [
        Warning(problem, hint="docs/channels/ explains every setting of a channel.", id=f"channels.W{number:03d}")
        for name in registry.in_service()
        for number, problem in enumerate(registry.channel(name).problems(), start=1)
    ]
