"""Jobs of this room. Procrastinate finds them by the name of this file."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy

from lastmile.community.accounts import actions
from lastmile.community.accounts.book import life
from lastmile.kernel import archive, rotation
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


@app.periodic(cron="20 3 * * *")
@app.task(name="accounts.archive_trail")
def archive_trail(timestamp: int) -> None:
    """Months that are over are written as signed archives; those that are old enough leave the table."""
    archive.write_due()
    archive.release_due()


@app.task(name="accounts.rotate_keys", retry=RetryStrategy(max_attempts=10, exponential_wait=3))
def rotate_keys(pk: int) -> None:
    """Everything sealed under the key of now. Goes on where the last attempt was."""
    rotation.go_on(pk)


@app.periodic(cron="* * * * *")
@app.task(name="accounts.rotation_goes_on")
def rotation_goes_on(timestamp: int) -> None:
    """A run whose job was lost, whatever became of it."""
    for pk in rotation.unfinished():
        rotation.go_on(pk)


@app.periodic(cron="* * * * *")
@app.task(name="accounts.end_expired")
def end_expired(timestamp: int) -> None:
    """Roles that were given or handed on until now are over: written down for the trail."""
    actions.end_expired()
