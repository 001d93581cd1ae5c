-- The short way for places whose ledger is as it was counted, and where everybody stands alike: all told, or all waiting.
-- Then the sums follow from those that are there, without looking at a person. Parameters: events, places (pairs).
-- Returns the pairs that must be counted in full (fold_handover.sql).
WITH dirty AS (
  SELECT DISTINCT * FROM unnest(%(events)s::int[], %(places)s::text[]) AS pair (event, place)
),
part AS (
  SELECT dirty.event, dirty.place, channel, cardinality(person_ids) AS people, cause,
         states = decode(repeat('02', octet_length(states)), 'hex') AS handed,
         states = decode(repeat('00', octet_length(states)), 'hex') AS open
    FROM dirty JOIN alerting_manifest AS manifest ON manifest.event_id = dirty.event AND manifest.place = dirty.place
),
whole AS (
  SELECT part.event, part.place, bool_and(part.handed OR channel = 'none') AS told
    FROM part
    JOIN alerting_tally AS tally ON tally.event = part.event AND tally.place = part.place AND NOT tally.vulnerable
   GROUP BY part.event, part.place, tally.batches
  HAVING tally.batches = count(*) AND bool_and(cause = 'issue')
     AND (bool_and(part.handed OR channel = 'none') OR bool_and(part.open OR channel = 'none'))
),
tallied AS (
  UPDATE alerting_tally AS tally
     SET told = CASE WHEN whole.told THEN reachable ELSE 0 END,
         doors_told = CASE WHEN whole.told THEN doors_reachable ELSE 0 END
    FROM whole WHERE tally.event = whole.event AND tally.place = whole.place
),
channelled AS (
  UPDATE alerting_channeltally AS tally
     SET told = CASE WHEN whole.told AND tally.channel <> 'none' THEN people ELSE 0 END,
         waiting = CASE WHEN whole.told OR tally.channel = 'none' THEN 0 ELSE people END,
         rejected = 0, unknown = 0, skipped = 0
    FROM whole WHERE tally.event = whole.event AND tally.place = whole.place
)
SELECT event, place FROM dirty EXCEPT SELECT event, place FROM whole
