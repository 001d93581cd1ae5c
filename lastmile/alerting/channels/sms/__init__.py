"""The channel sms; see docs/channels/sms.md."""

from __future__ import annotations

from lastmile.alerting.channels.sms.transport import from_settings

__all__ = ["from_settings"]
