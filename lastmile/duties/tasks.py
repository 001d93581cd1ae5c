"""Work for the queue."""

from __future__ import annotations

from lastmile.community.accounts.models import User
from lastmile.duties import digest
from lastmile.kernel.queue import app


@app.task(name="duties.send_digest", retry=3)
def send_digest(user: int) -> bool:
    """The daily summary of one log-in."""
    found = User.objects.filter(pk=user).first()
    return found is not None and digest.send(found)
