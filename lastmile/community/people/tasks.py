"""Jobs of this room. Procrastinate finds them by the name of this file."""

from __future__ import annotations

from datetime import timedelta

from lastmile.community.people.models import Upload
from lastmile.community.people.sheets import upload
from lastmile.kernel import clock
from lastmile.kernel.queue import app

FORGOTTEN_AFTER = timedelta(days=2)


@app.task(name="people.import_workbook")
def import_workbook(pk: int) -> None:
    upload.run(pk)


@app.periodic(cron="17 * * * *")
@app.task(name="people.forget_workbooks")
def forget_workbooks(timestamp: int) -> None:
    """Destroy workbooks that somebody uploaded and never imported: they hold open personal data."""
    old = Upload.objects.filter(state=Upload.State.CHECKED, uploaded_at__lt=clock.now() - FORGOTTEN_AFTER)
    for forgotten in old:
        upload.finish(forgotten, Upload.State.DROPPED, {})
