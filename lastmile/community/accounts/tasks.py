"""Jobs of this room. Procrastinate finds them by the name of this file."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy

from lastmile.community.accounts.book import life
from lastmile.kernel.queue import app, tried

TRIES = 4  # of one workbook: by an error, or because its worker died


@app.task(
    name="accounts.write_book", retry=RetryStrategy(max_attempts=TRIES - 1, exponential_wait=3), pass_context=True
)
def write_book(context: JobContext, pk: int) -> None:
    """All log-ins of a workbook or none; tried again after a crash, then given up in words."""
    tried(context, TRIES, lambda: life.run(pk), lambda: life.give_up(pk))


@app.periodic(cron="* * * * *")
@app.task(name="accounts.forget_passwords")
def forget_passwords(timestamp: int) -> None:
    """Temporary passwords that nobody fetched are gone after ten minutes."""
    life.forget()
