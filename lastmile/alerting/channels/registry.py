"""The one list of channels. To add one: a folder beside this file, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.translation import gettext as _

from lastmile.alerting.channels import email, fake, mqtt, smpp, sms, voice, web
from lastmile.alerting.channels.contract import Capabilities, Installed
from lastmile.kernel.errors import NotFound

MAKERS: dict[str, Callable[[], Installed]] = {
    "sms": sms.from_settings,
    "smpp": smpp.from_settings,
    "voice": voice.from_settings,
    "email": email.from_settings,
    "web": web.from_settings,
    "mqtt": mqtt.from_settings,
    "fake": fake.from_settings,
    "null": fake.null_from_settings,
}

_made: dict[str, Installed] = {}


def channel(name: str) -> Installed:
    """The channel of this process, made from the settings at first use. Raises NotFound."""
    if name not in MAKERS:
        raise NotFound(
            _("There is no channel “%(name)s”.") % {"name": name[:40]},
            _("Known channels are: %(names)s.") % {"names": ", ".join(MAKERS)},
        )
    if name not in _made:
        _made[name] = MAKERS[name]()
    return _made[name]


def in_service() -> list[str]:
    """Names of the channels a warning can use here, in the default order of trying."""
    return [name for name in settings.CHANNELS if name in MAKERS]


def addressed() -> list[str]:
    """Those in service that tell people one by one. A page or a loudspeaker tells nobody in person: no manifest."""
    return [name for name in in_service() if capabilities(name).contact]


def writing(names: Sequence[str]) -> list[tuple[str, str]]:
    """(name, kind of contact) of those among `names` in service that write to one person, in that order."""
    can = [(name, capabilities(name)) for name in names if name in addressed()]
    return [(name, able.contact) for name, able in can if not able.lines]


def labels() -> dict[str, str]:
    """Name to word, in the reader's language, for those in service."""
    return {name: channel(name).label for name in in_service()}


def capabilities(name: str) -> Capabilities:
    return channel(name).can


def forget() -> None:
    """Make every channel anew at its next use, after a change of settings."""
    _made.clear()


def _on_change(**_kwargs: Any) -> None:
    forget()


setting_changed.connect(_on_change)  # sent by tests only
