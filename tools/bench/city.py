"""The city of the measurements: a database of its own under var/bench, kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEYS = "secrets/field_keys"  # of the city, once its key was changed by the measurement of that


def start(folder: str, *, per_village: int) -> None:
    """Start a database under var/, with the places of the city. Must come before anything of Django."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "lastmile.site.settings"
    var = Path(os.environ.get("LASTMILE_VAR", ROOT / "var"))
    os.environ["LASTMILE_VAR"] = str(var / folder)
    os.environ["LASTMILE_CHANNELS"] = "null,email,web"
    os.environ.pop("DATABASE_URL", None)
    if (kept := var / folder / KEYS).exists():
        os.environ["LASTMILE_FIELD_KEYS_FILE"] = str(kept)

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from lastmile.community.org.models import Place
    from lastmile.kernel import embedded

    embedded.ensure(settings.VAR / "pg")
    call_command("migrate", verbosity=0)
    if not Place.objects.exists():
        call_command("places", "load")
        call_command("places", "grids", per_village=per_village)


def settle(residents: int) -> None:
    """The city of the main job, filled anew if it holds another number of people."""
    start("bench", per_village=1)  # about 300 people a grid, as real ones have
    from django.core.management import call_command

    from lastmile.community.people import contact_sheets
    from lastmile.community.people.models import Person

    if Person.objects.exclude(household=None).count() != residents:
        call_command("people", "generate", "--place", "4101", "--residents", str(residents), "--replace")
    contact_sheets.renew_all()  # of a database that an older version has filled


def empty() -> None:
    """Take away what the last run issued: people and places stay.

    Calls and codes of doors hold their warning by number only: no CASCADE reaches them. Those of sixty runs cost the
    workers half a second at every look.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE alerting_alertevent, alerting_alert, alerting_manifest, alerting_receipt, alerting_tally,"
            " alerting_channeltally, alerting_curve, alerting_standing, alerting_pendingplace,"
            " alerting_pendingreceipt, alerting_rest, alerting_worker, alerting_dutyrun, alerting_visit,"
            " alerting_celldoor, alerting_cellask, cells_cell, duties_obligation,"
            " alerting_call, alerting_callattempt, alerting_callentry, alerting_doorcodes CASCADE"
        )
        for table in ("people_person", "people_contact", "people_household", "org_place", "alerting_manifest"):
            cursor.execute(f"VACUUM (ANALYZE) {table}")
