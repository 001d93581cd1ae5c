"""The channel web; see docs/channels/web.md."""

from __future__ import annotations

from lastmile.alerting.channels.web.transport import from_settings

__all__ = ["from_settings"]
