"""Jobs of this room. Procrastinate finds them by the name of this file.

Workbooks are read by libraries of 30 MB: a worker loads them with its first workbook.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from procrastinate import JobContext, RetryStrategy

from lastmile.community.people.actions import grown
from lastmile.community.people.models import Upload
from lastmile.kernel import clock
from lastmile.kernel.queue import app, tried

FORGOTTEN_AFTER = timedelta(days=2)
LOST_AFTER = timedelta(days=3)  # waiting for so long, an import has lost its job
TRIES = 4  # of one import: by an error, or because its worker died


@app.task(
    name="people.import_workbook", retry=RetryStrategy(max_attempts=TRIES - 1, exponential_wait=3), pass_context=True
)
def import_workbook(context: JobContext, pk: int) -> None:
    """All of it or nothing; tried again after a crash. What fails every time is settled, so that the page says so."""
    from lastmile.community.people.sheets import upload

    tried(context, TRIES, lambda: upload.run(pk), lambda: upload.give_up(pk))


@app.periodic(cron="17 * * * *")
@app.task(name="people.forget_workbooks")
def forget_workbooks(timestamp: int) -> None:
    """Destroy workbooks that nobody imported, or whose job is gone: they hold open personal data."""
    now = clock.now()
    never = Q(state=Upload.State.CHECKED, uploaded_at__lt=now - FORGOTTEN_AFTER)
    lost = Q(state=Upload.State.QUEUED, uploaded_at__lt=now - LOST_AFTER)
    for forgotten in Upload.objects.filter(never | lost):
        from lastmile.community.people.sheets import upload

        upload.finish(forgotten, Upload.State.DROPPED, {})


@app.periodic(cron="11 3 * * *")
@app.task(name="people.count_years")
def count_years(timestamp: int) -> None:
    """Whoever has come of age is told for the household again."""
    grown.renew()
