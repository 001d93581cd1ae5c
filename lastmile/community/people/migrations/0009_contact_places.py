"""The places of changed contacts are looked up one by one.

A trigger's plan is made once, at the first and smallest change of a connection. As a join it read and hashed everybody
at each statement: while a city's first million was being written, a batch took a quarter of a second and growing.
A scalar subquery stays a look-up by key.
"""

from __future__ import annotations

from django.db import migrations

CHANGED = """
CREATE OR REPLACE FUNCTION people_contacts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people_contactsheetdue (place)
    SELECT DISTINCT place
    FROM (SELECT (SELECT p.place_id FROM people_person p WHERE p.id = c.person_id) AS place FROM changed c) AS found
    WHERE place IS NOT NULL;
    RETURN NULL;
END $$;
"""
UPDATED = """
CREATE OR REPLACE FUNCTION people_contacts_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people_contactsheetdue (place)
    SELECT DISTINCT place
    FROM (
        SELECT (SELECT p.place_id FROM people_person p WHERE p.id = a.person_id) AS place
        FROM before b JOIN after a USING (id)
        WHERE (b.value, b.usable, b.rank, b.kind) IS DISTINCT FROM (a.value, a.usable, a.rank, a.kind)
    ) AS found
    WHERE place IS NOT NULL;
    RETURN NULL;
END $$;
"""
JOINED_CHANGED = """
CREATE OR REPLACE FUNCTION people_contacts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people_contactsheetdue (place)
    SELECT DISTINCT p.place_id FROM changed c JOIN people_person p ON p.id = c.person_id;
    RETURN NULL;
END $$;
"""
JOINED_UPDATED = """
CREATE OR REPLACE FUNCTION people_contacts_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO people_contactsheetdue (place)
    SELECT DISTINCT p.place_id
    FROM before b JOIN after a USING (id) JOIN people_person p ON p.id = a.person_id
    WHERE (b.value, b.usable, b.rank, b.kind) IS DISTINCT FROM (a.value, a.usable, a.rank, a.kind);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0008_household_gone")]

    operations = [
        migrations.RunSQL(CHANGED, JOINED_CHANGED),
        migrations.RunSQL(UPDATED, JOINED_UPDATED),
    ]
