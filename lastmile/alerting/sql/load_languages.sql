-- Who of some batches reads another language than Chinese. They are few, and an index holds only them.
SELECT p.id, p.language
FROM people_person p
WHERE p.language <> 'zh'
  AND p.id IN (SELECT unnest(m.person_ids) FROM alerting_manifest m WHERE m.id = ANY (%(ids)s))
