"""Jobs of this room. Procrastinate finds them by the name of this file."""

from __future__ import annotations

from lastmile.kernel.queue import app
from lastmile.modules.mydata.actions import proof


@app.task(name=proof.JOB, priority=100)
def send_code(pk: int) -> None:
    """A code on its way; it is tried once: whoever waits for it asks again."""
    proof.send(pk)
