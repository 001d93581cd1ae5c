"""The channel smpp; see docs/channels/smpp.md."""

from __future__ import annotations

from lastmile.alerting.channels.smpp.transport import made as from_settings

__all__ = ["from_settings"]
