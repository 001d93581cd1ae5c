"""Jobs of this room. Procrastinate finds them by the name of this file."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy

from lastmile.alerting.chat import owing as chat
from lastmile.alerting.ending import destroying
from lastmile.alerting.followers import asking, letters, telling
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.paper import printing
from lastmile.kernel.queue import app, tried

TRIES = 3  # of one print: by an error, or because its worker died


@app.task(name=printing.JOB, retry=RetryStrategy(max_attempts=TRIES - 1, wait=2), pass_context=True)
def print_paper(context: JobContext, key: int) -> None:
    """Tried again after a crash; what fails every time is settled, so that the page says so."""
    tried(context, TRIES, lambda: printing.run(key), lambda: printing.give_up(key))


@app.periodic(cron="*/10 * * * *")
@app.task(name="alerting.forget_paper")
def forget_paper(timestamp: int) -> None:
    """Destroy printed files: they hold open personal data. Give up what nobody draws any more."""
    printing.forget()
    printing.lost()


@app.task(name=asking.CONFIRM, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def confirm_follower(key: int) -> None:
    """The mail whose link confirms that somebody wants warnings."""
    letters.send_confirmation(key)


@app.task(name=telling.NOTE, retry=RetryStrategy(max_attempts=TRIES, wait=5))
def note_followers(event: int) -> None:
    """Who follows is owed an issue; a duty of the workers hands it over."""
    telling.note(AlertEvent.objects.select_related("alert").get(pk=event))


@app.periodic(cron="17 3 * * *")
@app.task(name="alerting.forget_followers")
def forget_followers(timestamp: int) -> None:
    """Destroy addresses nobody confirmed, and who was told what."""
    asking.forget()


@app.periodic(cron="27 3 * * *")
@app.task(name="alerting.forget_chat")
def forget_chat(timestamp: int) -> None:
    """Destroy what groups were told, of more than a year ago."""
    chat.forget()


@app.periodic(cron="35 * * * *")
@app.task(name="alerting.destroy")
def destroy(timestamp: int) -> None:
    """What events gathered about people goes a while after they are over; each leaves a certificate."""
    destroying.destroy_due()
