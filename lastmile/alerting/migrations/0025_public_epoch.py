"""One number that moves with whatever the public pages show."""

from pathlib import Path

from django.db import migrations, models

FORWARD = (Path(__file__).resolve().parents[1] / "sql" / "public_epoch.sql").read_text()
BACKWARD = "DROP FUNCTION alerting_public_moved() CASCADE;"


class Migration(migrations.Migration):

    dependencies = [("alerting", "0024_walkers")]

    operations = [
        migrations.CreateModel(
            name="PublicEpoch",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("moved_by", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
