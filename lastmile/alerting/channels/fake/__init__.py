"""The phone network that ships: inside the process (transport), or as a gateway of its own (server).

See docs/channels/fake.md.
"""

from __future__ import annotations

from lastmile.alerting.channels.fake.transport import from_settings, null_from_settings

__all__ = ["from_settings", "null_from_settings"]
