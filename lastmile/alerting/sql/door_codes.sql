-- The numbered doors of the places of some batches: the households in the order of their numbers. The doors of a place that
-- nobody has numbered yet are numbered here as `door_codes.codes` does: those listed, along the walk. One statement for
-- all places of a claim. Parameters: ids.
WITH batch AS (
  SELECT m.id, m.event_id, m.place, coalesce((e.frozen -> 'follows' ->> 0)::int, e.id) AS warning
  FROM alerting_manifest m JOIN alerting_alertevent e ON e.id = m.event_id
  WHERE m.id = ANY (%(ids)s)
),
fresh AS (
  INSERT INTO alerting_doorcodes (warning, place, entries)
  SELECT n.warning, n.place, listed.entries
  FROM (SELECT DISTINCT event_id, warning, place FROM batch) n
  CROSS JOIN LATERAL (
    SELECT array_agg(h.id ORDER BY h.walking_order NULLS LAST, h.id) AS entries
    FROM people_household h
    WHERE h.id IN (
      SELECT p.household_id FROM alerting_manifest m CROSS JOIN unnest(m.person_ids) u(person)
      JOIN people_person p ON p.id = u.person
      WHERE m.event_id = n.event_id AND m.place = n.place AND p.place_id = n.place
    )
  ) listed
  WHERE listed.entries IS NOT NULL
    AND NOT EXISTS (SELECT FROM alerting_doorcodes d WHERE d.warning = n.warning AND d.place = n.place)
  ON CONFLICT DO NOTHING
  RETURNING warning, place, entries
)
SELECT b.id, b.warning, k.entries
FROM batch b
JOIN (
  SELECT warning, place, entries FROM fresh
  UNION ALL
  SELECT warning, place, entries FROM alerting_doorcodes WHERE (warning, place) IN (SELECT warning, place FROM batch)
) k USING (warning, place)
