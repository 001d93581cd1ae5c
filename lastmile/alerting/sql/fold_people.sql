-- Each person of the dirty places on each channel, and how far they came. A part of fold_handover.sql.
one AS (
  -- the best state of a person on a channel over all waves: accepted, then still open, then the ways of not being told
  SELECT manifest.event_id AS event, manifest.place, manifest.channel, member.person,
         min(CASE get_byte(manifest.states, member.at::int - 1)
             WHEN 2 THEN 0 WHEN 0 THEN 1 WHEN 1 THEN 1 WHEN 3 THEN 1 WHEN 5 THEN 2 WHEN 4 THEN 3 WHEN 6 THEN 4
             WHEN 8 THEN 3 ELSE 5 END) AS best,
         bool_and(manifest.cause = 'fallback') AS fallback
    FROM dirty JOIN alerting_manifest AS manifest ON manifest.event_id = dirty.event AND manifest.place = dirty.place
   CROSS JOIN LATERAL unnest(manifest.person_ids) WITH ORDINALITY AS member (person, at)
   GROUP BY 1, 2, 3, 4
)
