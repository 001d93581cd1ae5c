-- For each place and kind the persons with a usable contact, the ciphertext of the one that is tried first, and their
-- households, 0 for none.
SELECT p.place_id, k.kind, array_agg(p.id ORDER BY p.id), array_agg(c.value ORDER BY p.id),
  array_agg(coalesce(p.household_id, 0) ORDER BY p.id)
FROM people_person p
CROSS JOIN unnest(%(kinds)s::text[]) k(kind)
CROSS JOIN LATERAL (
  SELECT value FROM people_contact WHERE person_id = p.id AND kind = k.kind AND usable ORDER BY rank, id LIMIT 1
) c
WHERE p.place_id = ANY (%(places)s)
GROUP BY p.place_id, k.kind
