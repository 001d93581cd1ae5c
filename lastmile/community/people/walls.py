"""What the database shows of people to a request (kernel.walls): those of its places, and whoever serves there."""

from __future__ import annotations

from lastmile.kernel import walls

# Colleagues and superiors are known by name, wherever they live: who holds a post here or above, or held one; who holds
# one where, above or below where the log-in's own person does (a department's work and its disputes); and oneself.
SERVES = """CREATE OR REPLACE FUNCTION lastmile_serves(person integer) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    DECLARE me CONSTANT integer := nullif(current_setting('lastmile.person', true), '')::integer;
    BEGIN
        RETURN person = me OR EXISTS (
            SELECT FROM {schema}.people_appointment a JOIN {schema}.org_post o ON o.id = a.post_id
            WHERE a.person_id = person AND ((@here) OR @above OR EXISTS (
                SELECT FROM {schema}.people_appointment m JOIN {schema}.org_post p ON p.id = m.post_id
                WHERE m.person_id = me AND m.until IS NULL
                    AND (starts_with(o.place_id, p.place_id) OR starts_with(p.place_id, o.place_id)))));
    END $$"""


def theirs(table: str) -> str:
    """The person is seen: the policy of people_person holds inside this question, too."""
    return f"EXISTS (SELECT FROM people_person p WHERE p.id = {table}.person_id)"


walls.function(SERVES.replace("@here", walls.by_place("o.place_id")).replace("@above", walls.above("o.place_id")))
walls.cover("people_household", walls.by_place("place_id"))
walls.cover("people_person", f"({walls.by_place('place_id')}) OR lastmile_serves(id)")
walls.cover("people_contact", theirs("people_contact"))
walls.cover("people_contactsheet", walls.by_place("place_id"))
walls.cover("people_look", theirs("people_look"))
walls.cover("people_leave", theirs("people_leave"))
walls.cover("people_upload", walls.by_place("place_id"))
