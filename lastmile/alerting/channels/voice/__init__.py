"""The channel voice; see docs/channels/voice.md."""

from __future__ import annotations

from lastmile.alerting.channels.voice.transport import from_settings

__all__ = ["from_settings"]
