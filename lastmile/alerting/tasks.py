"""Jobs of this room. Procrastinate finds them by the name of this file."""

from __future__ import annotations

from lastmile.alerting.paper import printing
from lastmile.kernel.queue import app


@app.task(name=printing.JOB)
def print_paper(key: int) -> None:
    printing.run(key)


@app.periodic(cron="*/10 * * * *")
@app.task(name="alerting.forget_paper")
def forget_paper(timestamp: int) -> None:
    """Destroy printed files: they hold open personal data."""
    printing.forget()
