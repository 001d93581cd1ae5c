-- Sealed contact and language of everyone in some batches, in the order of person_ids: two arrays for each batch.
SELECT m.id, array_agg(c.value ORDER BY u.at), array_agg(p.language ORDER BY u.at)
FROM alerting_manifest m
CROSS JOIN LATERAL unnest(m.person_ids) WITH ORDINALITY u(person, at)
LEFT JOIN people_person p ON p.id = u.person
LEFT JOIN LATERAL (
  SELECT value FROM people_contact
  WHERE person_id = u.person AND kind = %(kind)s AND usable
  ORDER BY rank
  LIMIT 1
) c ON true
WHERE m.id = ANY (%(ids)s)
GROUP BY m.id
