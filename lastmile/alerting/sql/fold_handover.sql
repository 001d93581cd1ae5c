-- Count again the people and the hand-over of some places from their manifests. Parameters: events, places (pairs).
-- A full count of a few hundred people per place, not a difference: settling may repeat, and a person may be on several
-- channels and waves but is one person.
WITH dirty AS (
  SELECT DISTINCT * FROM unnest(%(events)s::int[], %(places)s::text[]) AS pair (event, place)
),
-- include: fold_people
,
channels AS (
  INSERT INTO alerting_channeltally AS tally (event, place, channel, people, told, waiting, unknown, rejected,
         no_contact, skipped, fallback, delivered, failed, answered)
  SELECT event, place, channel, count(*), count(*) FILTER (WHERE best = 0), count(*) FILTER (WHERE best = 1),
         count(*) FILTER (WHERE best = 2), count(*) FILTER (WHERE best = 3), count(*) FILTER (WHERE best = 4),
         count(*) FILTER (WHERE best = 5), count(*) FILTER (WHERE fallback), 0, 0, 0
    FROM one GROUP BY event, place, channel
  ON CONFLICT (event, place, channel) DO UPDATE SET people = excluded.people, told = excluded.told,
    waiting = excluded.waiting, unknown = excluded.unknown, rejected = excluded.rejected,
    no_contact = excluded.no_contact, skipped = excluded.skipped,
    fallback = excluded.fallback
),
person AS (
  SELECT one.event, one.place, one.person, bool_or(best = 0) AS told, bool_or(channel <> 'none') AS reachable,
         coalesce(known.vulnerable, human.vulnerable, false) AS vulnerable,
         CASE WHEN human.place_id = one.place THEN human.household_id END AS household, NOT human.minor AS grown
    FROM one
    LEFT JOIN LATERAL ( -- by key, person by person, whatever the statistics say
      SELECT vulnerable FROM alerting_standing WHERE event = one.event AND person = one.person LIMIT 1
    ) AS known ON true
    LEFT JOIN people_person AS human ON human.id = one.person
   GROUP BY 1, 2, 3, 6, 7, 8
),
door AS (  -- a household is told when a grown member is
  SELECT event, place, count(*) AS doors, count(*) FILTER (WHERE told) AS told,
         count(*) FILTER (WHERE reachable) AS reachable
    FROM (SELECT event, place, bool_or(told AND grown) AS told, bool_or(reachable AND grown) AS reachable
            FROM person WHERE household IS NOT NULL
           GROUP BY event, place, household) AS home
   GROUP BY event, place
)
INSERT INTO alerting_tally AS tally (event, place, vulnerable, people, told, extra, delivered, failed, opened,
       confirmed, safe, moved, needs_help, refused, absent, unreachable, reachable, batches, doors, doors_told, doors_reachable)
SELECT dirty.event, dirty.place, kind.vulnerable, count(person.person), count(*) FILTER (WHERE person.told),
       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, count(*) FILTER (WHERE person.reachable), rows.batches,
       coalesce(door.doors, 0), coalesce(door.told, 0), coalesce(door.reachable, 0)
  FROM dirty CROSS JOIN (VALUES (false), (true)) AS kind (vulnerable)
 CROSS JOIN LATERAL (
    SELECT count(*) AS batches FROM alerting_manifest WHERE event_id = dirty.event AND place = dirty.place
  ) AS rows
  LEFT JOIN person ON person.event = dirty.event AND person.place = dirty.place AND person.vulnerable = kind.vulnerable
  LEFT JOIN door ON door.event = dirty.event AND door.place = dirty.place AND NOT kind.vulnerable
 GROUP BY 1, 2, 3, rows.batches, door.doors, door.told, door.reachable
ON CONFLICT (event, place, vulnerable) DO UPDATE SET people = excluded.people, told = excluded.told,
  reachable = excluded.reachable, batches = excluded.batches,
  doors = excluded.doors, doors_told = excluded.doors_told, doors_reachable = excluded.doors_reachable
