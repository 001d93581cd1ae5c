"""A sheet says behind which door each person lives: the codes of doors are said without looking up a person.

A person who moves to another household of the same place makes the sheets of the place old, too; so are all there are.
"""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

MOVED = """
CREATE OR REPLACE FUNCTION people_persons_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people_contactsheetdue (place)
    SELECT DISTINCT place
    FROM before b JOIN after a USING (id) CROSS JOIN LATERAL (VALUES (b.place_id), (a.place_id)) AS moved (place)
    WHERE (b.place_id, b.language{column_b}) IS DISTINCT FROM (a.place_id, a.language{column_a});
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0010_minors")]

    operations = [
        migrations.AddField(
            model_name="contactsheet",
            name="homes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), default=list, size=None
            ),
        ),
        migrations.RunSQL(
            MOVED.format(column_b=", b.household_id", column_a=", a.household_id"),
            MOVED.format(column_b="", column_a=""),
        ),
        migrations.RunSQL(
            "INSERT INTO people_contactsheetdue (place) SELECT DISTINCT place_id FROM people_contactsheet",
            migrations.RunSQL.noop,
        ),
    ]
