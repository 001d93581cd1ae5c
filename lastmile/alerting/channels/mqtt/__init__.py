"""The channel mqtt: loudspeakers and screens; see docs/channels/loudspeaker.md."""

from __future__ import annotations

from lastmile.alerting.channels.mqtt.transport import from_settings

__all__ = ["from_settings"]
