-- reach: the first usable contact of each person on one kind, one round trip for a batch.
-- One row a person, by rank; served by the partial index contact_reach (person, kind, rank) WHERE usable.
SELECT DISTINCT ON (person_id) person_id, value
FROM people_contact
WHERE person_id = ANY(%(persons)s) AND kind = %(kind)s AND usable
ORDER BY person_id, rank, id
