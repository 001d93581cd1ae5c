-- The households of people of some batches who live where they are told, where no sheet says it. Parameters: ids.
SELECT m.id, array_agg(p.id), array_agg(p.household_id)
FROM alerting_manifest m
CROSS JOIN unnest(m.person_ids) u(person)
JOIN people_person p ON p.id = u.person AND p.place_id = m.place
WHERE m.id = ANY (%(ids)s) AND p.household_id IS NOT NULL
GROUP BY m.id
