"""The channel email; see docs/channels/email.md."""

from __future__ import annotations

from lastmile.alerting.channels.email.transport import from_settings

__all__ = ["from_settings"]
