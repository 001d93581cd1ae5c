"""Hand the ledger's people to the channels: claim, load, open, render, mark, send, settle.

A batch is claimed with a lease and committed; contacts are opened and texts rendered in memory; people are marked as
being handed over and that is committed; the channel is called outside any transaction; outcomes are written back. A
crash at any point loses nothing: the lease runs out and the batch is claimed again, under the same idempotency keys.
"""

from __future__ import annotations

from lastmile.alerting.dispatch.dispatcher import Dispatcher

__all__ = ["Dispatcher"]
