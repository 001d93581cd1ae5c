-- Note whom a channel has failed for good in some places, each once per wave. Parameters: events, places (pairs).
-- 4 refused (the address itself is wrong), 6 no contact left when their turn came, 8 given up. A batch without such
-- people is told by two looks at its bytes.
INSERT INTO alerting_failure (event, person, place, channel, wave, permanent)
SELECT manifest.event_id, member.person, manifest.place, manifest.channel, manifest.wave, said.state = 4
  FROM (SELECT DISTINCT * FROM unnest(%(events)s::int[], %(places)s::text[]) AS pair (event, place)) AS dirty
  JOIN alerting_manifest AS manifest ON manifest.event_id = dirty.event AND manifest.place = dirty.place
 CROSS JOIN LATERAL unnest(manifest.person_ids) WITH ORDINALITY AS member (person, at)
 CROSS JOIN LATERAL (SELECT get_byte(manifest.states, member.at::int - 1) AS state) AS said
 WHERE manifest.channel <> 'none' AND said.state IN (4, 6, 8)
   AND (position('\x04'::bytea IN manifest.states) > 0 OR position('\x06'::bytea IN manifest.states) > 0
        OR position('\x08'::bytea IN manifest.states) > 0)
ON CONFLICT (event, channel, person, wave) DO NOTHING
