-- The number of each person's door in some batches, 0 for none, for those whose message says it. The doors of a place that nobody
-- has numbered yet are numbered here as `door_codes.codes` does: those listed, along the walk. One statement for all
-- places of a claim; who is listed at another place than they live at, or moved in since, has none.
WITH batch AS (
  SELECT m.id, m.event_id, m.place, m.person_ids, coalesce((e.frozen -> 'follows' ->> 0)::int, e.id) AS warning
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
),
known AS (
  SELECT warning, place, entries FROM fresh
  UNION ALL
  SELECT d.warning, d.place, d.entries || '{}'::int[] FROM alerting_doorcodes d  -- unpacked once, not for each person
  WHERE (d.warning, d.place) IN (SELECT warning, place FROM batch)
)
SELECT b.id, b.warning, found.numbers
FROM batch b
JOIN known k USING (warning, place)
CROSS JOIN LATERAL (
  SELECT array_agg(coalesce(array_position(k.entries, p.household_id), 0) ORDER BY u.at) AS numbers
  FROM unnest(b.person_ids) WITH ORDINALITY u(person, at)
  LEFT JOIN people_person p ON p.id = u.person AND p.place_id = b.place
) found
